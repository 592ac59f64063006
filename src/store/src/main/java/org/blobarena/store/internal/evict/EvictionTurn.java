package org.blobarena.store.internal.evict;

import java.util.function.BooleanSupplier;

/**
 * Sees to it that one thread at a time evicts, and that who waits for room goes on as soon as there is some, even while the file
 * that has made it is still being evicted. It cannot be had twice by one thread.
 *
 * <p>Nothing here needs memory, so that a want of it leaves nobody waiting for ever. Safe from any thread.
 */
final class EvictionTurn {

    /** Guarded by this. */
    private boolean taken;

    /** Takes the turn, which {@link #end} ends. */
    void take() {
        boolean unused = takeUnless(() -> false);
    }

    /**
     * Takes the turn, unless it is not needed any more. An interrupt is left for later.
     *
     * @param enough asked before each wait, and after {@link #roomMade}
     * @return whether it was taken
     */
    synchronized boolean takeUnless(BooleanSupplier enough) {
        boolean interrupted = false;
        try {
            while (taken) {
                if (enough.getAsBoolean()) {
                    return false;
                }
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            taken = true;
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Takes the turn if nobody has it. */
    synchronized boolean tryTake() {
        boolean free = !taken;
        taken = true;
        return free;
    }

    synchronized void end() {
        taken = false;
        notifyAll();
    }

    /** Lets those ask again who wait for room. */
    synchronized void roomMade() {
        notifyAll();
    }
}
