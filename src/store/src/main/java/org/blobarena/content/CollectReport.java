package org.blobarena.content;

import java.time.Duration;

/**
 * What a collection has done.
 *
 * @param complete whether it came to its end, rather than being cancelled
 * @param names the number of names that were visited
 * @param contentsKept the number of contents that were visited and stay
 * @param contentsCollected the number of contents that were removed
 * @param bytesCollected the length of these contents in bytes; the space on disk comes back by compaction
 * @param duration how long it took
 */
public record CollectReport(
        boolean complete,
        long names,
        long contentsKept,
        long contentsCollected,
        long bytesCollected,
        Duration duration) {}
