package org.blobarena.index;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
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
