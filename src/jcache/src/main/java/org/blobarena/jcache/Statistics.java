package org.blobarena.jcache;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import javax.cache.management.CacheStatisticsMXBean;

/** What a cache has done since it was created or this was cleared, while it was enabled. */
final class Statistics implements CacheStatisticsMXBean {

    private static final float NANOS_PER_MICRO = TimeUnit.MICROSECONDS.toNanos(1);
    private static final float PERCENT = 100;

    /** How often something happened, and how long it took. */
    private static final class Timed {

        final LongAdder count = new LongAdder();
        final LongAdder nanos = new LongAdder();

        float averageMicros() {
            long number = count.sum();
            return number == 0 ? 0 : nanos.sum() / NANOS_PER_MICRO / number;
        }

        void clear() {
            count.reset();
            nanos.reset();
        }
    }

    private final LongSupplier evictions;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final Timed gets = new Timed();
    private final Timed puts = new Timed();
    private final Timed removals = new Timed();
    private volatile boolean enabled;
    private volatile long evictionsBefore;

    /**
     * Makes statistics that are not enabled.
     *
     * @param evictions returns how many entries were evicted since the opening
     */
    Statistics(LongSupplier evictions) {
        this.evictions = evictions;
    }

    void enable(boolean value) {
        enabled = value;
    }

    /** Returns when something begins, to be given back when it has ended. */
    long start() {
        return enabled ? System.nanoTime() : 0;
    }

    void hit(boolean found) {
        if (enabled) {
            (found ? hits : misses).increment();
        }
    }

    /** Says how long it took to find out what there is. */
    void got(long start) {
        time(gets, start, 1);
    }

    void put(long start, int count) {
        time(puts, start, count);
    }

    void removed(long start, int count) {
        time(removals, start, count);
    }

    private void time(Timed timed, long start, int count) {
        if (enabled && count > 0) {
            timed.count.add(count);
            timed.nanos.add(start == 0 ? 0 : System.nanoTime() - start);
        }
    }

    // ---- what is told

    @Override
    public void clear() {
        hits.reset();
        misses.reset();
        gets.clear();
        puts.clear();
        removals.clear();
        evictionsBefore = evictions.getAsLong();
    }

    @Override
    public long getCacheHits() {
        return hits.sum();
    }

    @Override
    public float getCacheHitPercentage() {
        return percentage(getCacheHits());
    }

    @Override
    public long getCacheMisses() {
        return misses.sum();
    }

    @Override
    public float getCacheMissPercentage() {
        return percentage(getCacheMisses());
    }

    private float percentage(long part) {
        long all = getCacheGets();
        return all == 0 ? 0 : PERCENT * part / all;
    }

    @Override
    public long getCacheGets() {
        return hits.sum() + misses.sum();
    }

    @Override
    public long getCachePuts() {
        return puts.count.sum();
    }

    @Override
    public long getCacheRemovals() {
        return removals.count.sum();
    }

    @Override
    public long getCacheEvictions() {
        return Math.max(0, evictions.getAsLong() - evictionsBefore);
    }

    @Override
    public float getAverageGetTime() {
        return gets.averageMicros();
    }

    @Override
    public float getAveragePutTime() {
        return puts.averageMicros();
    }

    @Override
    public float getAverageRemoveTime() {
        return removals.averageMicros();
    }
}
