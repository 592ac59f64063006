package org.blobarena.index.chronicle;

import java.io.IOException;
import org.blobarena.index.chronicle.map.IndexFile;
import org.blobarena.index.chronicle.map.IndexFileName;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when an index moves to a larger map, and what happens when it cannot.
 *
 * <p>One migration runs at a time, in a daemon thread of its own that ends with it. When the larger map cannot be made, as
 * on a full disk, the present one is filled further and the attempt is repeated; only a key that finds no room is refused.
 * What fails here never fails the write that happened to notice that growth is due: its key is in the index by then.
 */
final class IndexGrowth implements IndexMigration.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(IndexGrowth.class);

    private final IndexState state;
    private final MapMaker maps;
    private final long retryNanos;
    private volatile @Nullable IndexMigration migration;
    private volatile @Nullable Throwable failure;
    private volatile boolean refused;
    private volatile long failedNanos;
    private boolean closing;

    /**
     * Watches over an index.
     *
     * @param maps makes the larger maps
     * @param retryNanos how long to leave a disk alone that was full
     */
    IndexGrowth(IndexState state, MapMaker maps, long retryNanos) {
        this.state = state;
        this.maps = maps;
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
            try {
                running.awaitRoom(full);
            } catch (IOException e) {
                throw full(e);
            }
        }
        Throwable cause = failure;
        if (cause != null && state.generations() == full) {
            refused = true;
            throw full(cause);
        }
    }

    /**
     * Returns when these two maps are no longer what the index consists of.
     *
     * @throws IllegalStateException if the entries cannot be moved now
     */
    void awaitOneMap(Generations two) {
        IndexMigration running = migration;
        try {
            if (running != null) {
                running.awaitRoom(two);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Why a key was refused, when one was since the last attempt to grow and it is too early for the next. */
    @Nullable Throwable refusedLately() {
        return refused && isEarly() ? failure : null;
    }

    /** Makes the exception for a key that there is no room for. */
    IOException full(Throwable cause) {
        return new IOException(
                "the index in " + state.directory() + " is full at " + state.keys() + " keys and cannot grow: "
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

    /**
     * Ends the growth for good: what is half made is given up, what is half copied is completed.
     *
     * @throws IOException if it cannot be completed
     */
    void finish() throws IOException {
        IndexMigration running = stop();
        if (running != null) {
            try {
                running.finish();
            } finally {
                running.cancel();
            }
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
        if (migration != null || closing || (failure != null && isEarly())) {
            return;
        }
        try {
            IndexMigration started = new IndexMigration(state, this);
            Thread thread = IndexThread.daemon("blobarena-index-growth", started);
            migration = started;
            thread.start();
        } catch (Error e) {
            // Neither memory nor threads are there for ever too few.
            migration = null;
            failed(e);
        }
    }

    private boolean isEarly() {
        return System.nanoTime() - failedNanos < retryNanos;
    }

    @Override
    public synchronized void failed(Throwable cause) {
        boolean first = failure == null;
        failedNanos = System.nanoTime();
        refused = false;
        failure = cause;
        if (first) { // Last: there may be no memory to tell it with.
            LOG.warn(
                    "The index in {} cannot grow; it is filled further and the attempt repeated",
                    state.directory(),
                    cause);
        }
    }

    @Override
    public synchronized void ended(boolean well) {
        if (well) {
            refused = false;
            failure = null;
        }
        migration = null;
    }

    @Override
    public MapGeneration makeMap(IndexFileName name, IndexGeometry geometry, IndexFile.Progress progress)
            throws IOException {
        return maps.create(state.directory(), name, geometry, progress);
    }
}
