package org.blobarena.index.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock in one word of the object that it guards, not reentrant, for what is held a fraction of a microsecond and sometimes, when a
 * segment grows, as long as a file takes to get longer.
 *
 * <p>A lock of the JDK is an object of its own, which refers to its owner: so a put would wait for two cache lines more,
 * twice for everything that it has written, and for the garbage collector's note of the reference. Here it waits once, when
 * the lock is taken. Who lets go need not look for others that wait, since those look again by themselves: at once for a
 * while, then in intervals.
 */
abstract class SegmentLock {

    private static final VarHandle LOCKED;

    private static final int SPINS = 100;
    private static final long PARK_NANOS = 20_000;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(SegmentLock.class, "locked", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean locked;

    SegmentLock() {
        // The first time, the JVM links what these need, for which there might be neither memory nor stack later.
        lock();
        unlock();
    }

    /** Waits for the lock, through interrupts, and takes it. */
    final void lock() {
        for (int attempt = 0; !tryLock(); attempt++) {
            if (attempt < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, PARK_NANOS);
            }
        }
    }

    private boolean tryLock() {
        return !locked && LOCKED.compareAndSet(this, false, true);
    }

    /** Lets go of the lock, which the caller holds. */
    final void unlock() {
        LOCKED.setRelease(this, false);
    }
}
