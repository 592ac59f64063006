package org.blobarena.store.api;

import java.time.Duration;

/**
 * What compaction has done since the store was opened.
 *
 * @param rounds how often files were replaced
 * @param bytesRead bytes read from the replaced files
 * @param bytesCopied bytes of the records that were still needed
 * @param bytesWritten bytes of the new files
 * @param bytesFreed bytes of the replaced files
 * @param filesReplaced the number of replaced files, including those that readers still use
 * @param bytesPut bytes of the records that writers appended
 * @param writersWaited how long all writers together waited for compaction to catch up
 */
public record CompactionStats(
        long rounds,
        long bytesRead,
        long bytesCopied,
        long bytesWritten,
        long bytesFreed,
        long filesReplaced,
        long bytesPut,
        Duration writersWaited) {

    /**
     * Returns how many times each byte that was put was written.
     *
     * @return 1 if nothing was copied or nothing was put
     */
    public double writeAmplification() {
        return bytesPut == 0 ? 1 : (double) (bytesPut + bytesCopied) / bytesPut;
    }
}
