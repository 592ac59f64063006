package org.blobarena.arena.internal.file;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Forces for several threads at once, known as group commit. Who comes while a force runs joins the <i>group</i> of the
 * next one. The first of a group leads it, that is, does the work for all; the others only wait. They do not write
 * meanwhile, since what appends to a page that is on its way to the device waits until it is there.
 *
 * <p>A leader waits a little for those whom the last force has let go, who are likely to come again: until as many have
 * come, or for half of the time that the last force took. Else eight threads would fall into groups of one and seven,
 * by turns. A thread that forces alone never waits.
 */
final class SharedForce {

    private static final int PATIENCE_DIVISOR = 2;

    private final ReentrantLock forceLock;
    private final ReentrantLock groupLock = new ReentrantLock();
    private Group gathering = new Group();

    /** Of the last group; with the group lock. */
    private volatile int lastMembers;

    // Of the last force; with the force lock.
    private long lastNanos;
    private long lastEnd = System.nanoTime();

    /** The lock is the leader's while it works. */
    SharedForce(ReentrantLock forceLock) {
        this.forceLock = forceLock;
    }

    /**
     * Does the work, or waits for another thread that begins it after this call.
     *
     * @throws IOException if this thread has led and the work has failed; who followed is told nothing
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // members change under the lock alone
    void run(Work work) throws IOException {
        Group next = new Group(); // First: memory may be short.
        Group group;
        boolean leads;
        groupLock.lock();
        try {
            group = gathering;
            leads = group.members.getAndIncrement() == 0;
        } finally {
            groupLock.unlock();
        }
        if (!leads) {
            group.over.join();
            return;
        }
        try {
            lead(group, next, work);
        } finally {
            endGathering(group, next); // Whatever has happened: nobody may join a group that has nobody to lead it.
            group.over.complete(null); // Wakes all at once; a latch would have each wake the next.
        }
    }

    private void lead(Group group, Group next, Work work) throws IOException {
        boolean free = forceLock.tryLock();
        if (!free) {
            forceLock.lock();
        }
        try {
            awaitCompany(group, free ? lastMembers : lastMembers + group.members.get());
            endGathering(group, next);
            long start = System.nanoTime();
            work.run();
            lastEnd = System.nanoTime();
            lastNanos = lastEnd - start;
        } finally {
            forceLock.unlock();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // who is awaited needs the processor; the wait is bounded by the clock
    private void awaitCompany(Group group, int expected) {
        long patience = lastNanos / PATIENCE_DIVISOR;
        while (group.members.get() < expected && System.nanoTime() - lastEnd < patience) {
            Thread.yield();
        }
    }

    /** Does nothing when the group has ended gathering before. */
    private void endGathering(Group group, Group next) {
        groupLock.lock();
        try {
            if (gathering == group) {
                gathering = next;
                lastMembers = group.members.get();
            }
        } finally {
            groupLock.unlock();
        }
    }

    /** What a leader does for its group. */
    @FunctionalInterface
    interface Work {

        void run() throws IOException;
    }

    private static final class Group {

        final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();

        /** Changed with the group lock. */
        final AtomicInteger members = new AtomicInteger();
    }
}
