package org.blobarena.cache;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.evict.EvictionFigures;

/** Counts what happens from one reset to the next. Safe from any thread. */
final class Counters {

    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder loadFailures = new LongAdder();
    final LongAdder loadNanos = new LongAdder();
    final LongAdder admitted = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder writeFailures = new LongAdder();
    final LongAdder readFailures = new LongAdder();
    private final EvictionFigures evictedBefore;
    private final long bytesWrittenBefore;

    Counters(StoreEngine engine) {
        evictedBefore = engine.evictor().figures();
        bytesWrittenBefore = engine.bytesWritten();
    }

    CacheStats stats(StoreEngine engine) {
        EvictionFigures now = engine.evictor().figures();
        return new CacheStats(
                hits.sum(),
                misses.sum(),
                loads.sum(),
                loadFailures.sum(),
                Duration.ofNanos(loadNanos.sum()),
                now.evicted() - evictedBefore.evicted(),
                now.evictedBytes() - evictedBefore.evictedBytes(),
                now.reinserted() - evictedBefore.reinserted(),
                now.reinsertedBytes() - evictedBefore.reinsertedBytes(),
                admitted.sum(),
                rejected.sum(),
                writeFailures.sum(),
                readFailures.sum(),
                engine.bytesWritten() - bytesWrittenBefore,
                engine.evictor().diskBytes(),
                engine.evictor().maximumBytes());
    }
}
