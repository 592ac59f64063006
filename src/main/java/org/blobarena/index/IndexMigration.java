package org.blobarena.index;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.blobarena.arena.Location;
import org.blobarena.index.MapGeneration.SegmentFullException;
import org.jspecify.annotations.Nullable;

/**
 * One move of all entries into a larger map.
 *
 * <p>First a background thread makes the next map, whose file it allocates in full; then both maps are the index (see
 * {@link Generations}) and the entries are copied segment by segment; then the next map alone is the index.
 *
 * <p>A segment's entries are collected from the old map at once and stored one by one, each under the stripe of its key:
 * unless it was removed since, and unless the next map has a newer location already.
 *
 * <p>Writers must not outrun the move, or one of the maps would overflow. So the number of keys that may come is
 * rationed ({@link #pace}): in proportion to what is allocated of the file, a writer that is ahead waits a little; in
 * proportion to the segments that are copied, a writer that is ahead copies one itself, or waits for who copies the last.
 */
final class IndexMigration implements Runnable {

    private static final long WAIT_NANOS = 200_000;
    // A slow disk is waited for in many puts rather than in one.
    private static final long WAIT_NANOS_MAX = 50_000_000;

    private final IndexState state;
    private final Outcome outcome;
    private final MapGeneration old;
    private final int segments;
    private final long keysAtStart;
    private final AtomicInteger claimed = new AtomicInteger();
    private final CountDownLatch copied;
    private final CountDownLatch done = new CountDownLatch(1);

    private volatile double allocated;
    private volatile long allocatedBytes;
    private volatile @Nullable Copying copying;
    private volatile boolean cancelled;
    private volatile @Nullable Throwable copyFailure;

    IndexMigration(IndexState state, Outcome outcome) {
        this.state = state;
        this.outcome = outcome;
        old = state.generations().current();
        segments = old.geometry().segments();
        keysAtStart = state.keys();
        copied = new CountDownLatch(segments);
    }

    @Override
    public void run() {
        Throwable failure = null;
        try {
            MapGeneration next = allocate();
            if (startCopying(next)) {
                finishCopying(next);
            }
        } catch (Throwable e) {
            // Out of memory, too, is a reason to go on with the present map.
            failure = e;
        } finally {
            outcome.ended(
                    cancelled ? null : failure,
                    isCopying() && state.generations().isMigrating());
            done.countDown();
        }
    }

    /** Makes the caller, who has just added a key, contribute to the move if it is behind. */
    void pace() {
        Copying copy = copying;
        if (copy == null) {
            awaitAllocation();
        } else if (state.keys() - copy.keysAtStart > copy.allowance * claimed.get() / segments && !copyGroup()) {
            // Others still copy the last segments: whoever does may have been held up, and must find room for them.
            Uninterruptibly.await(done);
        }
    }

    /** Copies one segment; false when none is left or copying has not begun. */
    boolean copyGroup() {
        Copying copy = copying;
        if (copy == null || claimed.get() >= segments) {
            return false;
        }
        int segment = claimed.getAndIncrement();
        if (segment >= segments) {
            return false;
        }
        try {
            copy(segment, copy.next);
        } catch (SegmentFullException | RuntimeException | Error e) {
            // Whoever helps has done its own work well; the migration's thread reports this.
            copyFailure = e;
        } finally {
            copied.countDown();
        }
        return true;
    }

    /** Bytes of the file that is being made, until the map is open. */
    long allocatedBytes() {
        return copying == null ? allocatedBytes : 0;
    }

    /** Helps until all entries are in the next map, or gives up at once if it is not made yet; returns when over. */
    void finish() {
        synchronized (this) {
            cancelled = !isCopying();
        }
        help();
    }

    /** Helps if there is something to copy already, and returns when the migration is over. */
    void help() {
        while (copyGroup()) {
            // Each call copies some of what is left.
        }
        Uninterruptibly.await(done);
    }

    /** Stops as soon as possible; the index is then good for closing only. */
    void cancel() {
        synchronized (this) {
            cancelled = true;
        }
        Uninterruptibly.await(done);
    }

    private boolean isCopying() {
        return copying != null;
    }

    private MapGeneration allocate() throws IOException {
        IndexGeometry geometry =
                IndexGeometry.forGrowthFrom(Math.max(keysAtStart, old.geometry().growAt()));
        return MapGeneration.create(state.directory(), old.name().next(), geometry, (bytes, bytesTotal) -> {
            if (cancelled) {
                throw new IOException("the index is being closed");
            }
            allocatedBytes = bytes;
            allocated = (double) bytes / bytesTotal;
        });
    }

    private boolean startCopying(MapGeneration next) {
        synchronized (this) {
            if (cancelled) {
                next.letGo();
                return false;
            }
            state.opened(next);
            state.switchTo(new Generations(old, next));
            long keys = state.keys();
            copying = new Copying(next, keys, Math.max(1, (next.geometry().growAt() - keys) / 2));
            return true;
        }
    }

    private void finishCopying(MapGeneration next) throws IOException {
        while (copyGroup()) {
            // Until none is left.
        }
        Uninterruptibly.await(copied);
        Throwable failure = copyFailure;
        if (failure != null) {
            throw new IOException("entries of the index cannot be moved to a larger map", failure);
        }
        if (!cancelled) {
            state.switchTo(new Generations(next, null));
            old.letGo();
        }
    }

    private void copy(int segment, MapGeneration next) throws SegmentFullException {
        long[] removals = new long[Stripe.COUNT];
        for (int i = 0; i < removals.length; i++) {
            removals[i] = state.stripe(i).removals();
        }
        EntryGroup group = old.collect(segment);
        for (int i = 0; i < group.size() && !cancelled; i++) {
            KeyHash key = group.key(i);
            int index = Stripe.indexOf(key);
            Stripe stripe = state.stripe(index);
            stripe.lock();
            try {
                // The old map changes by removals alone, so what was collected is right if there was none.
                Location location = stripe.removals() == removals[index] ? group.location(i) : old.get(key);
                if (location != null) {
                    next.putIfAbsent(key, location);
                }
            } finally {
                stripe.unlock();
            }
        }
    }

    private void awaitAllocation() {
        long room = Math.max(0, old.geometry().limit() - keysAtStart);
        long deadline = System.nanoTime() + WAIT_NANOS_MAX;
        while (!isCopying()
                && done.getCount() != 0
                && state.keys() - keysAtStart > room * (0.2 + 0.8 * allocated)
                && System.nanoTime() - deadline < 0) {
            boolean interrupted = Thread.interrupted();
            LockSupport.parkNanos(WAIT_NANOS);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Told how a migration ended. */
    @FunctionalInterface
    interface Outcome {

        /**
         * Reports the end.
         *
         * @param failure why the index is still without its larger map; null when it has it or was closed
         * @param stuck whether the index consists of two maps for good
         */
        void ended(@Nullable Throwable failure, boolean stuck);
    }

    private static final class Copying {
        private final MapGeneration next;
        private final long keysAtStart;
        private final double allowance;

        private Copying(MapGeneration next, long keysAtStart, double allowance) {
            this.next = next;
            this.keysAtStart = keysAtStart;
            this.allowance = allowance;
        }
    }
}
