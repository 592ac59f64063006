package org.blobarena.store;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Lets operations in until it is closed, and lets the closer wait until the last of them is out.
 *
 * <p>The counts are spread over cache lines by thread, so that readers do not contend. An operation counts
 * itself first and looks at the flag then; the closer sets the flag first and looks at the counts then: one of
 * the two sees the other.
 */
final class OperationGate {

    private static final int STRIPES = 16;
    private static final int INTS_PER_CACHE_LINE = 16;
    private static final long POLL_NANOS = 100_000;

    private final AtomicIntegerArray inside = new AtomicIntegerArray(STRIPES * INTS_PER_CACHE_LINE);
    private final Supplier<? extends RuntimeException> refusal;
    private volatile boolean closed;

    /** @param refusal what an operation gets that comes too late */
    OperationGate(Supplier<? extends RuntimeException> refusal) {
        this.refusal = refusal;
    }

    /** Enters. Every return is followed by one {@link #exit} of the same thread. */
    void enter() {
        int stripe = stripe();
        inside.incrementAndGet(stripe);
        if (closed) {
            inside.decrementAndGet(stripe);
            throw refusal.get();
        }
    }

    void exit() {
        inside.decrementAndGet(stripe());
    }

    /** Refuses whoever comes, and waits for those inside; false when it was closed before. */
    synchronized boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        for (int i = 0; i < STRIPES; i++) {
            while (inside.get(i * INTS_PER_CACHE_LINE) != 0) {
                LockSupport.parkNanos(this, POLL_NANOS);
            }
        }
        return true;
    }

    private static int stripe() {
        return ((int) Thread.currentThread().getId() & (STRIPES - 1)) * INTS_PER_CACHE_LINE;
    }
}
