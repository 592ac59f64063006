package org.blobarena.arena;

import org.blobarena.arena.internal.io.ChannelCache;

/**
 * A bound on the file descriptors that reading holds open, shared by any number of arenas and stores.
 *
 * <p>Opening a file beyond the bound closes one that has not been read lately; it is opened again when it is next read.
 * Files that are being read at this moment are never closed, so the bound is exceeded by at most the number of threads
 * that read at once. A temporary file counts with its one descriptor from its making to its closing, but is never closed for
 * others, as it could not be opened again; so more temporary files than the bound exceed it. Not counted: the descriptors
 * through which writers of files at a path write.
 *
 * <p>Safe from any thread.
 */
public final class DescriptorBudget {

    /** The bound of {@link #shared}: well under the 1,024 that many systems allow a process. */
    public static final int SHARED_MAX = 512;

    private static final DescriptorBudget SHARED = new DescriptorBudget(SHARED_MAX);

    private final ChannelCache channels;

    private DescriptorBudget(int max) {
        channels = new ChannelCache(max);
    }

    /**
     * Returns a new budget.
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
     * Returns the budget that is used by default.
     *
     * @return the budget of {@value #SHARED_MAX} descriptors that the whole process shares
     */
    public static DescriptorBudget shared() {
        return SHARED;
    }

    /**
     * Returns the bound.
     *
     * @return descriptors, 1 or more
     */
    public int max() {
        return channels.max();
    }

    /**
     * Returns the number of descriptors that are open, those of temporary files included.
     *
     * @return descriptors, 0 or more
     */
    public int open() {
        return channels.open();
    }

    /**
     * Returns what the files that are read open their descriptors through; the store comes to it through {@code
     * BudgetChannels}.
     */
    ChannelCache channels() {
        return channels;
    }
}
