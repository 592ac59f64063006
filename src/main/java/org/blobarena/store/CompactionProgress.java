package org.blobarena.store;

/** Told how far a compaction is. */
@FunctionalInterface
public interface CompactionProgress {

    /**
     * Takes what was done so far, on the thread that compacts.
     *
     * @param done bytes of the files that were dealt with
     * @param total bytes of all files that there are to deal with, which may change as the store does
     */
    void update(long done, long total);
}
