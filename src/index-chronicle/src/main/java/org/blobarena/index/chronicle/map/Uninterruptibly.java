package org.blobarena.index.chronicle.map;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits that an interrupt does not cut short; the flag is set again afterwards. */
public final class Uninterruptibly {

    private Uninterruptibly() {}

    public static void await(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            done = await(latch, Long.MAX_VALUE);
        }
    }

    /** Returns whether the latch was opened in time. */
    public static boolean await(CountDownLatch latch, long nanos) {
        long deadline = System.nanoTime() + nanos;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return latch.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for about so long. */
    public static void park(long nanos) {
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(nanos);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
