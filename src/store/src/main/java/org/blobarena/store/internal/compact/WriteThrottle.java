package org.blobarena.store.internal.compact;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.blobarena.store.internal.watch.Recordings;
import org.blobarena.store.internal.watch.ThrottleEvent;

/**
 * Slows writers down when compaction cannot keep up with them: the further the store is beyond its bound, the more time
 * every byte costs. Each write waits a little, none for long.
 */
public final class WriteThrottle {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Of a compaction that has not been seen yet. */
    private static final double BYTES_PER_SECOND_AT_FIRST = 50_000_000;

    /** How much the newest round counts for. */
    private static final double NEWEST_WEIGHT = 0.3;

    /** At the limit writers get this part of what compaction frees. */
    private static final double SHARE_AT_LIMIT = 0.005;

    /** Shorter waits are saved up, since each takes longer than asked for. */
    private static final long WAIT_NANOS_MIN = 1_000_000;

    /** What is still due then is left to the next write. */
    private static final long WAIT_NANOS_MAX = 50_000_000;

    /** More is forgotten, so that writers do not pay for ever for a moment in which compaction had no luck. */
    private static final long DUE_NANOS_MAX = 10 * NANOS_PER_SECOND;

    private final Path directory;
    private final LongSupplier nanoTime;
    private final LongConsumer parkNanos;
    private final AtomicLong dueNanos;
    private final LongAdder waitedNanos = new LongAdder();
    private volatile double nanosPerByte;
    private volatile double freedPerSecond = BYTES_PER_SECOND_AT_FIRST;

    WriteThrottle(Path directory) {
        this(directory, System::nanoTime, LockSupport::parkNanos);
    }

    /** With a clock, and a way to wait, of a test's. */
    WriteThrottle(Path directory, LongSupplier nanoTime, LongConsumer parkNanos) {
        this.directory = directory;
        this.nanoTime = nanoTime;
        this.parkNanos = parkNanos;
        this.dueNanos = new AtomicLong(nanoTime.getAsLong());
    }

    /** Takes into account how fast a round gave space back. */
    void freed(long bytes, long nanos) {
        double speed = (double) Math.max(1, bytes) * NANOS_PER_SECOND / Math.max(1, nanos);
        freedPerSecond = freedPerSecond * (1 - NEWEST_WEIGHT) + speed * NEWEST_WEIGHT;
    }

    /**
     * Sets how hard it brakes.
     *
     * @param part 0 for not at all, 1 at the limit
     */
    void set(double part) {
        double x = Math.min(1, Math.max(0, part));
        nanosPerByte = x == 0 ? 0 : NANOS_PER_SECOND / freedPerSecond * x / (1 - x + SHARE_AT_LIMIT);
    }

    /** Lets a writer wait for what it has written, in its turn with the others. No lock is held meanwhile. */
    public void acquire(long bytes) {
        double price = nanosPerByte;
        if (price == 0) {
            return;
        }
        long now = nanoTime.getAsLong();
        long cost = (long) (bytes * price);
        long due = dueNanos.updateAndGet(before -> Math.max(before, now) + cost);
        long wait = Math.min(WAIT_NANOS_MAX, due - now);
        if (wait < WAIT_NANOS_MIN) {
            return;
        }
        if (due - now > DUE_NANOS_MAX) {
            dueNanos.set(now + DUE_NANOS_MAX);
        }
        ThrottleEvent event = Recordings.mayRun() ? ThrottleEvent.begun() : null;
        boolean interrupted = Thread.interrupted(); // A thread that is interrupted would not wait.
        parkNanos.accept(wait);
        if (event != null) {
            event.bytes = bytes;
            event.ended(directory);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        waitedNanos.add(nanoTime.getAsLong() - now);
    }

    /** Returns how long all writers together have waited. */
    long waitedNanos() {
        return waitedNanos.sum();
    }
}
