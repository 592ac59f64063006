package org.blobarena.cache;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * Admits blobs at random, with a probability that adapts, so that what is written stays below so many bytes a day.
 *
 * <p>The bytes that may be written come in evenly, and those of the last hour at most are saved up. Once a minute the
 * probability is set to the part of the demand of late that they suffice for. So all day long blobs are admitted alike,
 * where a fixed quota would admit every blob until noon and none after it. When nothing is left, nothing is admitted:
 * whatever the demand does, any 24 hours see no more bytes than the day is worth, but for one blob for each thread.
 *
 * <p>What counts is what has been written, records that were written again included. The idea is that of the dynamic random
 * admission of CacheLib. Safe from any thread.
 */
final class WriteBudget {

    /** The length of a stream. */
    static final long LENGTH_UNKNOWN = -1;

    /** Of a day, what may be saved up. */
    private static final int SAVED_PART = 24;

    private static final double SECONDS_PER_DAY = Duration.ofDays(1).toSeconds();
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    /** How much the newest interval counts for. */
    private static final double NEWEST_WEIGHT = 0.3;

    private final InstantSource clock;
    private final LongSupplier bytesWritten;
    private final SplittableRandom random;
    private final double bytesPerSecond;
    private final double savedMax;

    // All guarded by this.
    private double saved;
    private Instant refilled;
    private long writtenAtRefill;
    private Instant intervalStart;
    private long demanded;
    private long writtenAtInterval;
    private double demandPerSecond;
    private double probability = 1;

    /** What a stream was long of late. */
    private long streamBytes;

    /** @param bytesWritten all bytes that were written so far */
    WriteBudget(long bytesPerDay, InstantSource clock, LongSupplier bytesWritten, SplittableRandom random) {
        this.clock = clock;
        this.bytesWritten = bytesWritten;
        this.random = random;
        this.savedMax = (double) bytesPerDay / (SAVED_PART + 1);
        this.bytesPerSecond = (bytesPerDay - savedMax) / SECONDS_PER_DAY;
        this.saved = savedMax;
        this.refilled = clock.instant();
        this.intervalStart = refilled;
        this.writtenAtRefill = bytesWritten.getAsLong();
        this.writtenAtInterval = writtenAtRefill;
    }

    /**
     * Whether a blob is to be written.
     *
     * @param bytes its length, or {@link #LENGTH_UNKNOWN}: it counts for as much as streams had of late; if it is admitted,
     *     {@link #streamed} says more
     */
    synchronized boolean admits(long bytes) {
        refill();
        demanded += bytes == LENGTH_UNKNOWN ? streamBytes : bytes;
        return saved > 0 && (probability >= 1 || random.nextDouble() < probability);
    }

    /** Tells how long a stream was that was admitted. */
    synchronized void streamed(long bytes) {
        demanded += bytes - streamBytes;
        streamBytes += streamBytes == 0 ? bytes : (long) ((bytes - streamBytes) * NEWEST_WEIGHT);
    }

    private void refill() {
        Instant now = clock.instant();
        long written = bytesWritten.getAsLong();
        saved -= written - writtenAtRefill;
        writtenAtRefill = written;
        double seconds = seconds(refilled, now);
        if (seconds > 0) {
            saved = Math.min(savedMax, saved + seconds * bytesPerSecond);
            refilled = now;
        } else if (seconds < 0) {
            refilled = now; // The clock was set back, which brings no bytes.
            intervalStart = now;
        }
        if (seconds(intervalStart, now) >= INTERVAL.toSeconds()) {
            adapt(seconds(intervalStart, now), written);
            intervalStart = now;
        }
    }

    private void adapt(double seconds, long written) {
        // A blob that is rejected would have cost as much as one that is admitted, with what it makes be written again.
        double admittedDemand = Math.max(1, demanded * probability);
        double costPerByte = Math.max(1, (written - writtenAtInterval) / admittedDemand);
        double newest = demanded * costPerByte / seconds;
        demandPerSecond =
                demandPerSecond == 0 ? newest : demandPerSecond * (1 - NEWEST_WEIGHT) + newest * NEWEST_WEIGHT;
        double supply = bytesPerSecond * (0.5 + saved / savedMax); // A full purse is spent, an empty one filled.
        probability = demandPerSecond == 0 ? 1 : Math.min(1, Math.max(0, supply / demandPerSecond));
        demanded = 0;
        writtenAtInterval = written;
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }

    /** For tests. */
    synchronized double probability() {
        return probability;
    }
}
