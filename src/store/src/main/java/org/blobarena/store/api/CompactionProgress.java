package org.blobarena.store.api;

import org.blobarena.store.BlobStore;

/** Receives the progress of a compaction; see {@link BlobStore#compact(CompactionProgress)}. */
@FunctionalInterface
public interface CompactionProgress {

    /**
     * Receives what is done so far. Compaction goes on meanwhile; what it does until this method returns is reported by
     * the next call.
     *
     * @param done bytes of the files that are compacted
     * @param total bytes of all files to compact, which may change as the store does
     */
    void update(long done, long total);
}
