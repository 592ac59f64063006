package org.blobarena.index;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when an index moves to a larger map, and what happens when it cannot.
 *
 * <p>One migration runs at a time, in a daemon thread of its own that ends with it. When the larger map cannot be made, as
 * on a full disk, the present one is filled further and the attempt is repeated; only a key that finds its segment full
 * is refused.
 */
final class IndexGrowth {

    private static final Logger LOG = LoggerFactory.getLogger(IndexGrowth.class);

    private final IndexState state;
    private final long retryNanos;
    private volatile @Nullable IndexMigration migration;
    private volatile @Nullable Throwable failure;
    private volatile boolean refused;
    private volatile long failedNanos;
    private boolean stuck;
    private boolean closing;

    /**
     * Watches over an index.
     *
     * @param retryNanos how long to leave a disk alone that was full
     */
    IndexGrowth(IndexState state, long retryNanos) {
        this.state = state;
        this.retryNanos = retryNanos;
    }

    /** To be called, with no lock held, by every so many writers that have just added a key. */
    void added() {
        IndexMigration running = migration;
        if (running != null) {
            running.pace();
        } else if (state.keys() >= state.generations().current().geometry().growAt()) {
            startUnlessFailedLately();
        }
    }

    /**
     * Returns when a full segment may have become roomier.
     *
     * @param full the generations in which it was full
     * @throws IOException if there is no larger map to be had
     */
    void awaitRoom(Generations full) throws IOException {
        IndexMigration running;
        synchronized (this) {
            if (state.generations() != full) {
                return;
            }
            startUnlessFailedLately();
            running = migration;
        }
        if (running != null) {
            running.help();
        }
        Throwable cause = failure;
        if (cause != null && state.generations() == full) {
            refused = true;
            throw full(cause);
        }
    }

    /** Why a key was refused, when one was since the last attempt to grow and it is too early for the next. */
    @Nullable Throwable refusedLately() {
        return refused && isEarly() ? failure : null;
    }

    /** What a key is told that there is no room for. */
    IOException full(Throwable cause) {
        return new IOException(
                "The index in " + state.directory() + " is full at " + state.keys() + " keys and cannot grow: "
                        + cause.getMessage(),
                cause);
    }

    /** The migration that is under way. */
    @Nullable IndexMigration migration() {
        return migration;
    }

    /** Why the last attempt failed; null when there was none or it succeeded. */
    @Nullable Throwable failure() {
        return failure;
    }

    /** Ends the growth for good: what is half made is given up, what is half copied is completed. */
    void finish() {
        IndexMigration running = stop();
        if (running != null) {
            running.finish();
        }
    }

    /** Ends the growth for good, in whatever state. */
    void cancel() {
        IndexMigration running = stop();
        if (running != null) {
            running.cancel();
        }
    }

    private synchronized @Nullable IndexMigration stop() {
        closing = true;
        return migration;
    }

    private synchronized void startUnlessFailedLately() {
        if (migration != null || closing || stuck || (failure != null && isEarly())) {
            return;
        }
        IndexMigration started = new IndexMigration(state, this::ended);
        Thread thread = new Thread(started, "blobarena-index-growth");
        thread.setDaemon(true);
        migration = started;
        try {
            thread.start();
        } catch (Error e) {
            migration = null;
            throw e;
        }
    }

    private boolean isEarly() {
        return System.nanoTime() - failedNanos < retryNanos;
    }

    private synchronized void ended(@Nullable Throwable cause, boolean migrationStuck) {
        if (cause != null) {
            if (failure == null) {
                LOG.warn(
                        "The index in {} cannot grow; it is filled further and the attempt repeated",
                        state.directory(),
                        cause);
            }
            failedNanos = System.nanoTime();
        }
        refused = false;
        failure = cause;
        stuck = migrationStuck;
        migration = null;
    }
}
