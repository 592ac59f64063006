package org.blobarena.cache;

import java.time.Duration;

/**
 * What a cache has done since it was opened, or since {@link BlobCache#resetStats}.
 *
 * @param hits the number of requests that found a blob
 * @param misses the number of requests that found none
 * @param loads the number of loads that succeeded, those of no blob included
 * @param loadFailures the number of loads that failed
 * @param totalLoadTime the time that all loads took together, with the writing of what they loaded
 * @param evictions the number of blobs that were evicted
 * @param evictedBytes their bytes on disk
 * @param reinserted the number of blobs that were written again rather than evicted
 * @param reinsertedBytes their bytes on disk
 * @param admitted the number of blobs that were put or loaded, and stored
 * @param rejected the number of blobs that were put or loaded, and not stored: they were not admitted, were too large, or
 *     were outdated when their load ended
 * @param writeFailures the number of blobs that were loaded, and could not be stored
 * @param readFailures the number of requests that found a blob which could not be read
 * @param bytesWritten the bytes of all records that were written, those that were written again included
 * @param bytes the bytes that the cache takes on disk now, of whole blocks
 * @param maximumBytes the most that it may take
 */
public record CacheStats(
        long hits,
        long misses,
        long loads,
        long loadFailures,
        Duration totalLoadTime,
        long evictions,
        long evictedBytes,
        long reinserted,
        long reinsertedBytes,
        long admitted,
        long rejected,
        long writeFailures,
        long readFailures,
        long bytesWritten,
        long bytes,
        long maximumBytes) {

    /**
     * Returns the share of requests that found a blob.
     *
     * @return 0 to 1; 1 if there were no requests
     */
    public double hitRatio() {
        long requests = hits + misses;
        return requests == 0 ? 1 : (double) hits / requests;
    }
}
