package org.blobarena.store.internal.engine;

import java.io.Closeable;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.blobarena.arena.internal.io.StackRoom;
import org.blobarena.store.internal.core.leak.LeakWatch;
import org.blobarena.store.internal.core.leak.Watched;

/**
 * Lets operations in until it is closed, and lets the closer wait until the last of them is out.
 *
 * <p>The counts are spread over cache lines by thread, so that readers do not contend. An operation counts
 * itself first and looks at the flag then; the closer sets the flag first and looks at the counts then: one of
 * the two sees the other.
 *
 * <p>An operation that enters has the stack that it needs to come to an end (see {@link StackRoom}), so that it cannot be
 * stopped between taking a lock and releasing it, or before it has counted itself out.
 */
final class OperationGate {

    private static final int STRIPES = 16;
    private static final int INTS_PER_CACHE_LINE = 16;
    private static final long POLL_NANOS = 100_000;

    /** Stack of an operation that reads, from here on; measured with twice as much. */
    private static final int READING_BYTES = 1500;

    /** Of one that writes. */
    private static final int WRITING_BYTES = 6000;

    /** Of one that takes a lock, or gives it back. */
    private static final int LOCKING_BYTES = 1000;

    private final AtomicIntegerArray inside = new AtomicIntegerArray(STRIPES * INTS_PER_CACHE_LINE);
    private final Supplier<? extends RuntimeException> refusal;
    private final boolean leakTraces;
    private volatile boolean closed;

    /**
     * @param refusal what an operation gets that comes too late
     * @param leakTraces whether a leak is told of with the place where it was opened
     */
    OperationGate(Supplier<? extends RuntimeException> refusal, boolean leakTraces) {
        this.refusal = refusal;
        this.leakTraces = leakTraces;
    }

    /** See {@link LeakWatch#watch}. */
    Watched watch(Object owner, Supplier<String> name, Closeable closing) {
        return LeakWatch.shared().watch(owner, name, closing, leakTraces);
    }

    /** Enters to read. Every return is followed by one {@link #exit} of the same thread. */
    void enter() {
        enter(READING_BYTES);
    }

    /** Enters to write, or for anything else that takes long. Is followed by {@link #exit} as well. */
    void enterToWrite() {
        enter(WRITING_BYTES);
    }

    /**
     * To be called before a lock is taken that is held while somebody enters, or closes.
     *
     * @throws StackOverflowError if there is no room for that and for giving the lock back
     */
    static void requireRoom() {
        StackRoom.require(WRITING_BYTES + LOCKING_BYTES);
    }

    private void enter(int stackBytes) {
        StackRoom.require(stackBytes);
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

    /** Whether it was closed, so that an operation inside which takes long should come to its end. */
    boolean isClosed() {
        return closed;
    }

    /** Throws what an operation gets that comes too late, if this was closed. */
    void requireOpen() {
        if (closed) {
            throw refusal.get();
        }
    }

    /** Refuses new operations and waits for those inside; false when it was closed before. */
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
