package org.blobarena.store.internal.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;
import org.blobarena.format.FileNames;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.BackgroundThread;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.BlockingDirectory;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * At each step of a refresh in turn, a writer writes a key whose old blob a compaction is about to leave behind, and lets that
 * compaction end. Shows invariant 18 of store-format.md.
 */
class RefreshInterleavingTest {

    private static final byte[] OLD = TestStores.blob(500, 1);
    private static final byte[] NEW = TestStores.blob(700, 2);
    private static final int STEPS_WANTED = 20;

    /** The output has its header and some copies, and that of the key is still to come. */
    private static final List<BlockingDirectory.Operation> BEFORE_COPY =
            List.of(BlockingDirectory.Operation.WRITE, BlockingDirectory.Operation.WRITE);

    /** The output has all copies, and no footer. */
    private static final List<BlockingDirectory.Operation> BEFORE_SEAL = List.of(BlockingDirectory.Operation.FORCE);

    /** What a store does to its only key of interest. */
    @FunctionalInterface
    private interface Write {
        void to(BlobStore<String> store) throws IOException;
    }

    /** Counts the steps of a reader, and does something before one of them. */
    private static final class SteppedDirectory extends ForwardingDirectory {

        private int steps;
        private int wanted = -1;
        private Runnable action = () -> {};

        SteppedDirectory(Directory delegate) {
            super(delegate);
        }

        void before(int step, Runnable newAction) {
            steps = 0;
            wanted = step;
            action = newAction;
        }

        private void step() {
            if (steps++ == wanted) {
                action.run();
            }
        }

        @Override
        public List<String> list() throws IOException {
            step();
            return super.list();
        }

        @Override
        public FileHandle openRead(String name) throws IOException {
            step();
            return stepped(super.openRead(name));
        }

        @Override
        public FileHandle openHeld(String name) throws IOException {
            step();
            return stepped(super.openHeld(name));
        }

        private FileHandle stepped(FileHandle handle) {
            return new ForwardingFileHandle(handle) {
                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    step();
                    return super.read(target, position);
                }

                @Override
                public long size() throws IOException {
                    step();
                    return super.size();
                }
            };
        }
    }

    /** Deletes arena files when it is told, as one that is slow, so that their going does not make a reader begin again. */
    private static final class LateDirectory extends ForwardingDirectory {

        private final List<String> deleted = new ArrayList<>();

        LateDirectory(Directory delegate) {
            super(delegate);
        }

        @Override
        public synchronized void delete(String name) throws IOException {
            if (FileNames.arenaId(name).isPresent()) {
                deleted.add(name);
            } else {
                super.delete(name);
            }
        }

        synchronized void deleteAll() throws IOException {
            for (String name : deleted) {
                super.delete(name);
            }
        }
    }

    @Test
    void blobThatIsReplacedWhileCompactionDropsTheOldOneIsNeverAbsent() throws Exception {
        assertThat(enumerate(BEFORE_COPY, store -> store.put("key", NEW), NEW)).isGreaterThan(STEPS_WANTED);
        assertThat(enumerate(BEFORE_SEAL, store -> store.put("key", NEW), NEW)).isGreaterThan(STEPS_WANTED);
    }

    @Test
    void removedKeyNeverComesBackFromWhatCompactionCopiedBefore() throws Exception {
        assertThat(enumerate(BEFORE_COPY, store -> store.remove("key"), null)).isGreaterThan(STEPS_WANTED);
        assertThat(enumerate(BEFORE_SEAL, store -> store.remove("key"), null)).isGreaterThan(STEPS_WANTED);
    }

    /** Returns how many steps a refresh has. */
    private static int enumerate(List<BlockingDirectory.Operation> until, Write write, byte @Nullable [] after)
            throws Exception {
        int step = 0;
        while (run(step, until, write, after)) {
            step++;
        }
        return step;
    }

    /** Returns whether the refresh had so many steps. */
    private static boolean run(int step, List<BlockingDirectory.Operation> until, Write write, byte @Nullable [] after)
            throws Exception {
        FaultyDirectory disk = new FaultyDirectory(DiskImage.empty());
        LateDirectory late = new LateDirectory(disk);
        BlockingDirectory written = new BlockingDirectory(late);
        SteppedDirectory read = new SteppedDirectory(disk);
        try (BlobStore<String> store = open(written);
                ReadOnlyBlobStore<String> reader = fill(store, read)) {
            String output = FileNames.arena(store.stats().arenaFiles() + 1);
            BlockingDirectory.Block held = written.block(until.get(0), output);
            Future<Void> compaction = CompletableFuture.supplyAsync(() -> compact(store));
            held.awaitReached();
            for (BlockingDirectory.Operation next : until.subList(1, until.size())) {
                BlockingDirectory.Block before = held;
                held = written.block(next, output);
                before.close();
                held.awaitReached();
            }
            BlockingDirectory.Block last = held;
            store.put("filler", OLD); // Makes a file, or to make it would begin the refresh again.
            boolean[] done = new boolean[1];
            Runnable action = () -> {
                done[0] = true;
                finish(store, write, last, compaction);
            };
            read.before(step, action);
            reader.refresh();
            read.before(-1, () -> {});
            byte[] found = reader.get("key");
            assertThat(Arrays.equals(found, OLD) || Arrays.equals(found, after))
                    .as("before step %d, %s is what the key had", step, Arrays.toString(found))
                    .isTrue();
            assertThat(reader.get("other")).isEqualTo(OLD);
            boolean enough = !done[0];
            if (enough) {
                action.run();
            }
            reader.refresh(); // What the compaction has left is there still.
            assertThat(reader.get("key")).as("before step %d, next", step).isEqualTo(after);
            late.deleteAll();
            reader.refresh();
            assertThat(reader.get("key")).as("before step %d, later", step).isEqualTo(after);
            assertThat(reader.get("other")).isEqualTo(OLD);
            assertThat(reader.stats().arenaFiles()).isEqualTo(store.stats().arenaFiles());
            return !enough;
        } finally {
            written.releaseAll();
        }
    }

    private static BlobStore<String> open(Directory directory) throws IOException {
        return StoreAccess.environment(
                        TestStores.onHeap(),
                        new StoreEnvironment(
                                (path, create) -> directory,
                                HeapLocationIndexFactory.forgetting(),
                                BackgroundThread::new))
                .open(Path.of("simulated"));
    }

    /** Leaves a file that is worth compacting, and a reader that has seen it. */
    private static ReadOnlyBlobStore<String> fill(BlobStore<String> store, Directory directory) throws IOException {
        for (int i = 0; i < 20; i++) {
            store.put("other" + i, OLD);
        }
        store.put("key", OLD);
        store.put("other", OLD);
        for (int i = 0; i < 4; i++) {
            store.put("filler", TestStores.blob(TestStores.SMALL_FILE_BYTES / 2, i));
        }
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.forgetting();
        return StoreAccess.environment(
                        BlobStore.reader(KeyCodec.utf8()),
                        new StoreEnvironment((path, create) -> directory, indexes),
                        indexes)
                .open(Path.of("simulated"));
    }

    private static @Nullable Void compact(BlobStore<String> store) {
        try {
            store.compact();
            return null;
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static void finish(
            BlobStore<String> store, Write write, BlockingDirectory.Block held, Future<Void> compaction) {
        try {
            write.to(store);
            held.close();
            compaction.get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
