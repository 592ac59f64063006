package org.blobarena.store;

import java.time.Duration;

/**
 * What compaction has done since the store was opened.
 *
 * @param rounds how often files were replaced
 * @param bytesRead from the files that were replaced
 * @param bytesCopied of records that were still needed
 * @param bytesWritten of new files
 * @param bytesFreed of files that were replaced
 * @param filesReplaced their number, also of those that a reader still holds
 * @param bytesPut of the records that writers appended meanwhile
 * @param writersWaited how long all writers together were held up because compaction could not follow them
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
     * How often a byte that was put has been written.
     *
     * @return 1 if nothing was copied, or nothing put
     */
    public double writeAmplification() {
        return bytesPut == 0 ? 1 : (double) (bytesPut + bytesCopied) / bytesPut;
    }
}
