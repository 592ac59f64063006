package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When writers wait for compaction, which gets its turn when a test says so. */
class CompactionThrottleTest {

    private static final int BLOB_BYTES = 9000;
    private static final int BLOBS_PER_FILE = 7;

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private final Turns turns = new Turns();
    private BlobStore<String> store;

    /** Keeps tasks until it is their turn. */
    private static final class Turns implements Background {

        private final Queue<Runnable> tasks = new ArrayDeque<>();

        void take() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void executeEvery(long pauseNanos, Runnable task) {
            // Whenever a file is sealed is often enough.
        }

        @Override
        public void stop() {
            tasks.clear();
        }
    }

    @BeforeEach
    void open() throws IOException {
        store = StoreAccess.environment(
                        BlobStore.builder(KeyCodec.utf8())
                                .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                                .bufferBytes(4096),
                        new StoreEnvironment(
                                (path, create) -> directory,
                                HeapLocationIndexFactory.forgetting(),
                                name -> name.endsWith("-compaction") ? turns : new CrashWorkload.Immediate()))
                .open(Path.of("simulated"));
    }

    /** The same keys again and again: all but the last file is dead. */
    private void fillFiles(int files) throws IOException {
        for (int i = 0; i < files * BLOBS_PER_FILE; i++) {
            store.put("key" + i % BLOBS_PER_FILE, new byte[BLOB_BYTES]);
        }
    }

    private boolean writersWait(int files) throws IOException {
        long before = store.stats().compaction().writersWaited().toNanos();
        fillFiles(files);
        return store.stats().compaction().writersWaited().toNanos() > before;
    }

    @Test
    void writersWaitOnceTheyAreTwoFilesBeyondTheBoundUntilCompactionHasHadItsTurn() throws IOException {
        assertThat(writersWait(2)).isFalse();
        assertThat(writersWait(4)).isTrue();
        turns.take();
        assertThat(writersWait(2)).isFalse();
        assertThat(store.stats().compaction().filesReplaced()).isGreaterThan(3);
    }

    @Test
    void writersDoNotWaitForFilesThatDamageKeeps() throws IOException {
        store.pauseCompaction();
        fillFiles(10);
        store.fileStats().stream()
                .filter(FileStats::sealed)
                .forEach(file -> StoreAccess.engine(store)
                        .file(Long.parseLong(
                                file.file().getFileName().toString().substring(0, 8), 16))
                        .markDamaged());
        store.resumeCompaction();

        assertThat(writersWait(2)).isFalse();
        turns.take();
        assertThat(writersWait(2)).isFalse();
    }

    @Test
    void compactionThatFailsLetsWritersGo() throws IOException {
        fillFiles(3);
        directory.setFault((number, kind, bytes) -> {
            if (kind.equals("delete") || kind.equals("create")) {
                throw new IOException("Operation not permitted");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        turns.take();
        directory.setFault(null);

        assertThat(writersWait(3)).isFalse();
    }
}
