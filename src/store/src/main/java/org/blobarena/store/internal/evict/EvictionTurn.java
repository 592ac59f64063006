package org.blobarena.store.internal.evict;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Sees to it that one thread at a time evicts, and that who waits for room goes on as soon as there is some, even while the file
 * that has made it is still being evicted. It cannot be had twice by one thread. Safe from any thread.
 */
final class EvictionTurn {

    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition changed = lock.newCondition();

    /** Guarded by the lock. */
    private boolean taken;

    /** Takes the turn, which {@link #end} ends. */
    void take() {
        boolean unused = takeUnless(() -> false);
    }

    /**
     * Takes the turn, unless it is not needed any more.
     *
     * @param enough asked before each wait, and after {@link #roomMade}
     * @return whether it was taken
     */
    boolean takeUnless(BooleanSupplier enough) {
        lock.lock();
        try {
            while (taken) {
                if (enough.getAsBoolean()) {
                    return false;
                }
                changed.awaitUninterruptibly();
            }
            taken = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the turn if nobody has it. */
    boolean tryTake() {
        lock.lock();
        try {
            boolean free = !taken;
            taken = true;
            return free;
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            taken = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets those ask again who wait for room. */
    void roomMade() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
