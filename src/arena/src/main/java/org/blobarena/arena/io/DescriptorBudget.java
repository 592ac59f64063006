package org.blobarena.arena.io;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashSet;

/**
 * A bound on the file descriptors that reading holds open, shared by any number of arenas and stores.
 *
 * <p>Opening a file beyond the bound closes one that has not been read lately; it is opened again when it is
 * next read. Which one is found by the clock algorithm (second chance): a file read since the hand last passed
 * is spared once. Files that are being read at this moment are never closed, so the bound is exceeded by at
 * most the number of threads that read at once. Not counted: the descriptors of writers, and temporary files
 * without a name, which could not be opened again.
 *
 * <p>Safe from any thread. The lock is taken to open and close files only, never for a read of an open one.
 */
public final class DescriptorBudget {

    /** The bound of {@link #shared}: well under the 1,024 that many systems allow a process. */
    public static final int SHARED_MAX = 512;

    private static final DescriptorBudget SHARED = new DescriptorBudget(SHARED_MAX);

    private final int max;
    private final LinkedHashSet<ReadChannel> clock = new LinkedHashSet<>();
    private volatile int open;

    private DescriptorBudget(int max) {
        this.max = max;
    }

    /**
     * A budget of its own.
     *
     * @param max the largest number of descriptors, 1 or more
     * @return the budget
     * @throws IllegalArgumentException if it is less than 1
     */
    public static DescriptorBudget of(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("a budget of " + max + " file descriptors is less than 1");
        }
        return new DescriptorBudget(max);
    }

    /**
     * The budget of everybody who asks for no other.
     *
     * @return a budget of {@value #SHARED_MAX} for the whole process
     */
    public static DescriptorBudget shared() {
        return SHARED;
    }

    /**
     * The bound.
     *
     * @return descriptors, 1 or more
     */
    public int max() {
        return max;
    }

    /**
     * How many of the descriptors are open.
     *
     * @return descriptors, 0 or more
     */
    public int open() {
        return open;
    }

    /** Whether a hot file may have a second descriptor: only while half of the budget is free. */
    boolean hasPlenty() {
        return open < max / 2;
    }

    void opened(ReadChannel channel) {
        synchronized (clock) {
            clock.add(channel);
            for (int chances = 2 * clock.size(); clock.size() > max && chances > 0; chances--) {
                Iterator<ReadChannel> hand = clock.iterator();
                ReadChannel next = hand.next();
                hand.remove();
                if (next.wasReadSinceLastAsked() || !closeIfIdle(next)) {
                    clock.add(next);
                }
            }
            open = clock.size();
        }
    }

    /** An error here would fail a read of another file, and a file that was only read loses nothing by it. */
    private static boolean closeIfIdle(ReadChannel channel) {
        try {
            return channel.closeIfIdle();
        } catch (IOException e) {
            return true;
        }
    }

    void closed(ReadChannel channel) {
        synchronized (clock) {
            clock.remove(channel);
            open = clock.size();
        }
    }
}
