package org.blobarena.index.chronicle;

import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.StackRoom;
import org.blobarena.index.KeyHash;
import org.blobarena.index.chronicle.map.IndexFile;
import org.blobarena.index.chronicle.map.IndexFileName;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.blobarena.index.chronicle.map.NoRoomException;
import org.blobarena.index.chronicle.map.SegmentEntries;
import org.blobarena.index.chronicle.map.Uninterruptibly;
import org.jspecify.annotations.Nullable;

/**
 * One move of all entries into a larger map.
 *
 * <p>First a background thread makes the next map, whose file it allocates in full; then both maps are the index (see
 * {@link Generations}) and the entries are copied segment by segment; then the next map alone is the index.
 *
 * <p>A segment's entries are collected from the old map at once and stored one by one, each under the stripe of its key:
 * unless it was removed since, and unless the next map has a newer location already. A segment whose copying ends with
 * an exception is copied once more, by somebody else or later, until all are: with two maps there is no way back.
 *
 * <p>That writers cannot outrun the move is not in their hands: {@link Generations} counts the keys that come. What they do
 * here keeps the time that one of them waits short ({@link #pace}): in proportion to what is allocated of the file, a
 * writer that is ahead waits a little; in proportion to the segments that are copied, it copies one itself.
 */
final class IndexMigration implements Runnable {

    private static final long WAIT_NANOS = 200_000;
    // A slow disk is waited for in many puts rather than in one.
    private static final long WAIT_NANOS_MAX = 50_000_000;
    // How long to wait for others, or for memory, before copying is tried again.
    private static final long RETRY_NANOS = 1_000_000_000;

    private final IndexState state;
    private final Owner owner;
    private final MapGeneration old;
    private final long keysAtStart;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch cancelling = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);

    private volatile double allocated;
    private volatile long allocatedBytes;
    private volatile @Nullable Copying copying;

    IndexMigration(IndexState state, Owner owner) {
        this.state = state;
        this.owner = owner;
        old = state.generations().current();
        keysAtStart = state.keys();
    }

    @Override
    public void run() {
        boolean well = false;
        try {
            Copying copy = startCopying(allocate());
            well = copy != null && finishCopying(copy);
        } catch (Throwable e) {
            // Out of memory, too, is a reason to go on with the present map.
            if (!isCancelled()) {
                owner.failed(e);
            }
        } finally {
            try {
                owner.ended(well); // First: who has waited may start the next attempt.
            } finally {
                begun.countDown();
                done.countDown();
            }
        }
    }

    /** Makes the caller, who has just added a key, contribute to the move if it is behind. */
    void pace() {
        Copying copy = copying;
        if (copy == null) {
            awaitAllocation();
            return;
        }
        try {
            if (state.keys() - copy.keysAtStart > copy.allowance() && !copySegment()) {
                Uninterruptibly.await(done, WAIT_NANOS_MAX);
            }
        } catch (NoRoomException | RuntimeException | Error e) {
            // The caller has done its own work well. The segment is copied again, and the migration's thread reports.
        }
    }

    /**
     * Returns when the generations in which there was no room are no longer the index's, or the attempt has ended;
     * helps until then if there is something to copy.
     *
     * @throws IOException if what the caller tried to copy cannot be
     */
    void awaitRoom(Generations full) throws IOException {
        if (!full.isMigrating()) {
            Uninterruptibly.await(begun);
            return;
        }
        try {
            while (state.generations() == full && done.getCount() != 0) {
                if (!copySegment()) {
                    Uninterruptibly.await(done, RETRY_NANOS);
                }
            }
        } catch (NoRoomException | RuntimeException e) {
            throw new IOException(
                    "the entries of the index in " + state.directory() + " cannot be moved to a larger map", e);
        }
    }

    /** Returns the bytes of the file that is being made, until the map is open. */
    long allocatedBytes() {
        return copying == null ? allocatedBytes : 0;
    }

    /**
     * Helps until all entries are in the next map, or gives up at once if it is not made yet.
     *
     * @throws IOException if entries cannot be moved
     */
    void finish() throws IOException {
        Copying copy;
        synchronized (this) {
            copy = copying;
            if (copy == null) {
                cancelling.countDown();
            }
        }
        if (copy != null) {
            awaitRoom(copy.generations);
        }
    }

    /** Stops as soon as possible; the index is good for closing only, if it was not one map yet or again. */
    void cancel() {
        synchronized (this) {
            cancelling.countDown();
        }
        Uninterruptibly.await(done);
    }

    private boolean isCancelled() {
        return cancelling.getCount() == 0;
    }

    private MapGeneration allocate() throws IOException {
        old.requireAtItsPath(); // Or the next map would be made in another directory.
        IndexGeometry geometry =
                IndexGeometry.forGrowthFrom(Math.max(keysAtStart, old.geometry().growAt()));
        return owner.makeMap(old.name().next(), geometry, (bytes, bytesTotal) -> {
            if (isCancelled()) {
                throw new IOException("the index in " + state.directory() + " is being closed");
            }
            allocatedBytes = bytes;
            allocated = (double) bytes / bytesTotal;
        });
    }

    /** Makes both maps the index; returns null when it is too late for that. */
    private @Nullable Copying startCopying(MapGeneration next) {
        boolean started = false;
        try {
            synchronized (this) {
                if (isCancelled()) {
                    return null;
                }
                Copying copy = new Copying(old, next);
                state.opened(next);
                started = true;
                state.switchTo(copy.generations);
                copy.keysAtStart = state.keys();
                copying = copy;
                begun.countDown();
                return copy;
            }
        } finally {
            if (!started) {
                next.delete();
            }
        }
    }

    /** Returns true when the next map alone is the index, false when it is too late for that. */
    private boolean finishCopying(Copying copy) {
        while (!isCancelled()) {
            try {
                if (copy.isComplete()) {
                    state.switchTo(copy.afterwards);
                    old.delete();
                    return true;
                }
                if (!copySegment()) {
                    // Others copy the last segments, or give them back.
                    Uninterruptibly.await(copy.complete, WAIT_NANOS_MAX);
                }
            } catch (NoRoomException | RuntimeException | Error e) {
                report(e);
                Uninterruptibly.park(WAIT_NANOS_MAX); // Which needs no memory.
            }
        }
        return false;
    }

    /** With two maps there is no way back, so what to report meets ends nothing: there may be no memory for it. */
    private void report(Throwable failure) {
        try {
            owner.failed(failure);
        } catch (RuntimeException | Error e) {
            return; // It is tried again all the same.
        }
    }

    /** Copies one segment; false when none is left to be begun or copying has not begun. */
    private boolean copySegment() throws NoRoomException {
        Copying copy = copying;
        if (copy == null) {
            return false;
        }
        StackRoom.require();
        int segment = copy.claim();
        if (segment < 0) {
            return false;
        }
        boolean copied = false;
        try {
            copy(segment, copy.next);
            copied = true;
        } finally {
            copy.release(segment, copied);
        }
        return true;
    }

    private void copy(int segment, MapGeneration next) throws NoRoomException {
        long[] removals = new long[Stripe.COUNT];
        for (int i = 0; i < removals.length; i++) {
            removals[i] = state.stripe(i).removals();
        }
        SegmentEntries entries = old.table().collect(segment);
        for (int i = 0; i < entries.size() && !isCancelled(); i++) {
            KeyHash key = entries.key(i);
            int index = Stripe.indexOf(key.high(), key.low());
            Stripe stripe = state.stripe(index);
            stripe.lock();
            try {
                // The old map changes by removals alone, so what was collected is right if there was none.
                Location location = stripe.removals() == removals[index]
                        ? entries.location(i)
                        : old.table().get(key);
                if (location != null) {
                    next.table().putIfAbsent(key, location);
                }
            } finally {
                stripe.unlock();
            }
        }
    }

    private void awaitAllocation() {
        long room = Math.max(0, old.geometry().limit() - keysAtStart);
        long deadline = System.nanoTime() + WAIT_NANOS_MAX;
        while (begun.getCount() != 0
                && state.keys() - keysAtStart > room * (0.2 + 0.8 * allocated)
                && System.nanoTime() - deadline < 0) {
            Uninterruptibly.park(WAIT_NANOS);
        }
    }

    /** Makes the map, and is told how the migration went. */
    interface Owner {

        /** Makes an empty map, by this name or the next that is not in use. */
        MapGeneration makeMap(IndexFileName name, IndexGeometry geometry, IndexFile.Progress progress)
                throws IOException;

        /** Hears why there is no larger map, or why entries cannot be moved there for now. */
        void failed(Throwable cause);

        /**
         * Hears of the end.
         *
         * @param well whether the index has its larger map
         */
        void ended(boolean well);
    }

    /** Which segments are copied. */
    private static final class Copying {

        private final MapGeneration next;
        private final Generations generations;
        private final Generations afterwards;
        private final int segments;
        private final long keysToCome;
        private final CountDownLatch complete = new CountDownLatch(1);
        private volatile long keysAtStart;

        // Of a fixed size, so that a segment can be given back when memory is out.
        private final BitSet unclaimed;
        private volatile int claimed;
        private int uncopied;

        private Copying(MapGeneration old, MapGeneration next) {
            this.next = next;
            generations = Generations.of(old, next);
            afterwards = Generations.of(next);
            segments = old.geometry().segments();
            keysToCome = old.geometry().keysToComeWhileMoving(next.geometry());
            unclaimed = new BitSet(segments);
            unclaimed.set(0, segments);
            uncopied = segments;
        }

        /** Returns how many keys may have come by now without anybody being made to wait for them. */
        private double allowance() {
            return (double) keysToCome / 2 * claimed / segments;
        }

        /** Returns a segment to copy, or -1. */
        private synchronized int claim() {
            int segment = unclaimed.nextSetBit(0);
            if (segment >= 0) {
                unclaimed.clear(segment);
                claimed = claimed + 1;
            }
            return segment;
        }

        private synchronized void release(int segment, boolean copied) {
            if (!copied) {
                unclaimed.set(segment);
                claimed = claimed - 1;
            } else if (--uncopied == 0) {
                complete.countDown();
            }
        }

        private boolean isComplete() {
            return complete.getCount() == 0;
        }
    }
}
