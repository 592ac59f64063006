package org.blobarena.index.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.index.chronicle.map.IndexFile;
import org.blobarena.index.chronicle.map.IndexFileName;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.blobarena.index.chronicle.map.SegmentLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What writers and the mover wait for. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IndexMigrationTest {

    private static final Set<Thread.State> AT_REST =
            EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.TERMINATED);

    @TempDir
    Path directory;

    /** Else it would find the attempt under way that has failed, and be refused without another. */
    @Test
    void writerThatWaitsForAMapThatCannotBeMadeGoesOnWhenTheNextAttemptCanBegin() throws IOException {
        MapGeneration map = MapGeneration.create(
                directory, new IndexFileName(1), IndexGeometry.forExpectedKeys(0), IndexFile.Progress.NONE);
        IndexState state = new IndexState(directory, map, 0);
        WaitingOwner owner = new WaitingOwner(state.generations());
        IndexMigration migration = new IndexMigration(state, owner);
        owner.migration = migration;

        migration.run();

        assertThat(owner.writerAtTheEnd).isNotNull().isNotEqualTo(Thread.State.TERMINATED);
        state.closeAll();
    }

    @Test
    void moverThatCannotEvenTellWhatItHasMetGoesOnUntilThereIsOneMap() throws Exception {
        MapGeneration old = MapGeneration.create(
                directory, new IndexFileName(1), IndexGeometry.forExpectedKeys(20_000), IndexFile.Progress.NONE);
        int keys = 14_000; // More than the next map has room for.
        for (int number = 0; number < keys; number++) {
            old.table().put(key(number), location(number, 1));
        }
        IndexState state = new IndexState(directory, old, keys);
        RefusingOwner owner = new RefusingOwner(directory, state, keys);

        new IndexMigration(state, owner).run();

        assertThat(owner.endedWell).isTrue();
        assertThat(state.generations().isMigrating()).isFalse();
        for (int number = 0; number < keys; number++) {
            assertThat(state.generations().get(key(number)))
                    .isEqualTo(number < owner.removed ? null : location(number, 1));
        }
        state.closeAll();
    }

    @Test
    void mapsAreExchangedWithoutMemoryWhileWritersHoldTheirLocks() throws InterruptedException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Stripe stripe = new Stripe();
        SegmentLock.pause(Integer.MAX_VALUE); // What is loaded once has been by the time that there are maps.
        AtomicLong allocated = new AtomicLong(-1);
        Thread mover = new Thread(() -> {
            long before = threads.getCurrentThreadAllocatedBytes();
            stripe.awaitHolder();
            allocated.set(threads.getCurrentThreadAllocatedBytes() - before);
        });
        stripe.lock();
        try {
            mover.start();
            awaitRest(mover);
            assertThat(mover.getState()).isNotEqualTo(Thread.State.TERMINATED);
        } finally {
            stripe.unlock();
        }
        mover.join();
        assertThat(allocated).hasValue(0);
    }

    private static Thread.State awaitRest(Thread thread) {
        Thread.State state = thread.getState();
        while (!AT_REST.contains(state)) {
            Thread.onSpinWait();
            state = thread.getState();
        }
        return state;
    }

    /** Makes a map that is too small, and room in it when it hears of that; but has no memory to hear with. */
    private static final class RefusingOwner implements IndexMigration.Owner {

        private static final int REMOVED_AT_ONCE = 2_000;

        private final Path directory;
        private final IndexState state;
        private final int keys;
        private int removed;
        private boolean endedWell;

        private RefusingOwner(Path directory, IndexState state, int keys) {
            this.directory = directory;
            this.state = state;
            this.keys = keys;
        }

        @Override
        public MapGeneration makeMap(IndexFileName name, IndexGeometry geometry, IndexFile.Progress progress)
                throws IOException {
            return MapGeneration.create(directory, name, IndexGeometry.forExpectedKeys(0), progress);
        }

        @Override
        public void failed(Throwable cause) {
            for (int end = Math.min(keys, removed + REMOVED_AT_ONCE); removed < end; removed++) {
                state.generations().remove(key(removed), location(removed, 1));
            }
            throw new OutOfMemoryError("no memory to tell it with");
        }

        @Override
        public void ended(boolean well) {
            endedWell = well;
        }
    }

    /** Can make no map, and sees what a writer does until it hears of the end. */
    private static final class WaitingOwner implements IndexMigration.Owner {

        private final Generations full;
        private IndexMigration migration;
        private Thread.State writerAtTheEnd;

        private WaitingOwner(Generations full) {
            this.full = full;
        }

        @Override
        public MapGeneration makeMap(IndexFileName name, IndexGeometry geometry, IndexFile.Progress progress)
                throws IOException {
            throw new IOException("no space");
        }

        @Override
        public void failed(Throwable cause) {}

        @Override
        public void ended(boolean well) {
            Thread writer = new Thread(() -> {
                try {
                    migration.awaitRoom(full);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            writer.start();
            writerAtTheEnd = awaitRest(writer);
        }
    }
}
