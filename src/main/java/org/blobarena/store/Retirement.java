package org.blobarena.store;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.arena.io.Directory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes files that the store needs no more, each when its last reader has let go of it. Safe from any thread.
 *
 * <p>A file that cannot be deleted only takes space: nothing in it counts, and the next opening deals with it.
 */
final class Retirement {

    private static final Logger LOG = LoggerFactory.getLogger(Retirement.class);

    private final StoreContext store;
    private final Set<StoreFile> waiting = ConcurrentHashMap.newKeySet();

    Retirement(StoreContext store) {
        this.store = store;
    }

    /** Takes files out of the store; no location of the index points into them. */
    void retire(List<StoreFile> files) {
        for (StoreFile file : files) {
            waiting.add(file);
            store.files().remove(file);
            file.retire(() -> delete(file));
        }
    }

    /** Notes a file that is no longer the store's, and could not be deleted. */
    void addUndeleted(StoreFile file) {
        waiting.add(file);
    }

    /** The files that are no longer the store's and still there: a crash may bring back what they hold. */
    Collection<StoreFile> undeleted() {
        return List.copyOf(waiting);
    }

    /** Deletes what is still waiting, whoever reads it. */
    void close() {
        waiting.forEach(this::delete);
    }

    private void delete(StoreFile file) {
        if (!waiting.contains(file)) {
            return;
        }
        Directory directory = store.directory();
        try {
            file.arena().close(); // Reads in flight finish first; from here on nobody opens it by its name.
            directory.delete(file.name());
            directory.force();
            file.markDeleted();
            waiting.remove(file);
        } catch (IOException e) {
            LOG.warn("{}: a file that compaction has replaced cannot be deleted yet", file, e);
        }
    }
}
