package org.blobarena.store;

/** Told how far a compaction is, by the call that waits for it. */
@FunctionalInterface
public interface CompactionProgress {

    /**
     * Takes what was done so far. Compaction goes on meanwhile, and what it does until this method returns is told at once.
     *
     * @param done bytes of the files that were dealt with
     * @param total bytes of all files that there are to deal with, which may change as the store does
     */
    void update(long done, long total);
}
