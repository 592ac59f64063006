package org.blobarena.store.internal.core;

import org.blobarena.store.BlobStoreBuilder;

/**
 * The options of compaction, documented at {@link BlobStoreBuilder}.
 *
 * @param automatic whether it runs by itself
 * @param maxDeadShare of the bytes of all arena files
 * @param maxDeadBytes Long.MAX_VALUE for no bound
 * @param bytesPerSecond 0 for no limit
 * @param reserveBytes what puts leave free on the device
 */
public record CompactionSettings(
        boolean automatic, double maxDeadShare, long maxDeadBytes, long bytesPerSecond, long reserveBytes) {

    /** No compaction. */
    public static CompactionSettings none() {
        return new CompactionSettings(false, 0, Long.MAX_VALUE, 0, 0);
    }

    /** Returns the most bytes that may be dead beside so many that are needed. */
    public long deadBytesMax(long neededBytes) {
        return Math.min(maxDeadBytes, (long) (neededBytes / (1 - maxDeadShare) * maxDeadShare));
    }
}
