package org.blobarena.store.internal.write;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Holds a thread to so many bytes per second, evenly: it sleeps after each piece for as long as that was worth. */
public final class RateLimit {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Shorter sleeps are saved up, since each takes longer than asked for. */
    private static final long SLEEP_NANOS_MIN = 1_000_000;

    private static final long SLEEP_NANOS_MAX = 100_000_000;

    private final long bytesPerSecond;
    private final BooleanSupplier hurry;
    private final LongSupplier nanoTime;
    private final LongConsumer parkNanos;
    private long dueNanos;

    /**
     * @param bytesPerSecond 0 for no limit
     * @param hurry true once there is no time for it any more
     */
    public RateLimit(long bytesPerSecond, BooleanSupplier hurry) {
        this(bytesPerSecond, hurry, System::nanoTime, LockSupport::parkNanos);
    }

    /** With a clock, and a way to wait, of a test's. */
    RateLimit(long bytesPerSecond, BooleanSupplier hurry, LongSupplier nanoTime, LongConsumer parkNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.hurry = hurry;
        this.nanoTime = nanoTime;
        this.parkNanos = parkNanos;
        this.dueNanos = nanoTime.getAsLong();
    }

    void acquire(long bytes) {
        if (bytesPerSecond == 0) {
            return;
        }
        long now = nanoTime.getAsLong();
        dueNanos = Math.max(dueNanos, now) + (long) ((double) bytes / bytesPerSecond * NANOS_PER_SECOND);
        while (dueNanos - now > SLEEP_NANOS_MIN && !hurry.getAsBoolean()) {
            parkNanos.accept(Math.min(SLEEP_NANOS_MAX, dueNanos - now));
            now = nanoTime.getAsLong();
        }
    }
}
