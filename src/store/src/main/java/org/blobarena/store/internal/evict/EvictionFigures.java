package org.blobarena.store.internal.evict;

import org.blobarena.store.internal.watch.EvictionEvent;

/**
 * What eviction has done since the store was opened.
 *
 * @param evicted the number of records that went with their files
 * @param evictedBytes their bytes
 * @param reinserted the number of records that were written again
 * @param reinsertedBytes their bytes
 */
public record EvictionFigures(long evicted, long evictedBytes, long reinserted, long reinsertedBytes) {

    static final EvictionFigures NOTHING = new EvictionFigures(0, 0, 0, 0);

    EvictionFigures plus(EvictionFigures other) {
        return new EvictionFigures(
                evicted + other.evicted,
                evictedBytes + other.evictedBytes,
                reinserted + other.reinserted,
                reinsertedBytes + other.reinsertedBytes);
    }

    void describe(EvictionEvent event) {
        event.evicted = evicted;
        event.evictedBytes = evictedBytes;
        event.reinserted = reinserted;
        event.reinsertedBytes = reinsertedBytes;
    }
}
