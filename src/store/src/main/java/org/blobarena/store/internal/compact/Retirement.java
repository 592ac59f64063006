package org.blobarena.store.internal.compact;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes files that the store needs no more, each when its last reader has let go of it. Safe from any thread.
 *
 * <p>A file that cannot be deleted only takes space: nothing in it counts, the deletion is tried again before every
 * compaction, and the next opening deals with it. Until then all that asks what a crash may bring back has to count with
 * it, and one that names it as replaced has to stay (see {@link StoreFile#isSettled}).
 */
public final class Retirement {

    private static final Logger LOG = LoggerFactory.getLogger(Retirement.class);

    private final StoreContext store;
    private final Runnable whenDeleted;
    private final Runnable whenFailed;
    private final Set<StoreFile> waiting = ConcurrentHashMap.newKeySet();

    /** Those of the waiting that nobody reads any more. */
    private final Set<StoreFile> failed = ConcurrentHashMap.newKeySet();

    /**
     * For a store.
     *
     * @param whenDeleted run whenever a file is gone, by the thread that has let go of it last
     * @param whenFailed run by it whenever one has to be tried again
     */
    public Retirement(StoreContext store, Runnable whenDeleted, Runnable whenFailed) {
        this.store = store;
        this.whenDeleted = whenDeleted;
        this.whenFailed = whenFailed;
    }

    /** Takes files out of the store; no location of the index points into them. */
    public void retire(List<StoreFile> files) {
        for (StoreFile file : files) {
            waiting.add(file);
            store.files().remove(file);
            file.retire(() -> delete(file));
        }
    }

    /** The files that are no longer the store's and still there: a crash may bring back what they hold. */
    public Collection<StoreFile> undeleted() {
        return List.copyOf(waiting);
    }

    /** Tries again to delete what could not be deleted. */
    public void retry() {
        failed.forEach(this::delete);
    }

    /** Whether there is something to try again. */
    public boolean hasFailed() {
        return !failed.isEmpty();
    }

    /** Deletes what is still waiting, even while it is read. */
    public void close() {
        waiting.forEach(this::delete);
    }

    private void delete(StoreFile file) {
        if (!waiting.contains(file)) {
            return;
        }
        if (!file.isSettled()) {
            failed.add(file);
            whenFailed.run();
            return;
        }
        Directory directory = store.directory();
        try {
            file.arena().close(); // Reads in flight finish first; from here on nobody opens it by its name.
            directory.delete(file.name());
            directory.force();
            file.markDeleted();
            waiting.remove(file);
            failed.remove(file);
        } catch (IOException | RuntimeException | Error e) {
            if (failed.add(file)) {
                LOG.warn("{}: a file that compaction has replaced cannot be deleted yet", file, e);
            }
            whenFailed.run();
            return;
        }
        whenDeleted.run();
    }
}
