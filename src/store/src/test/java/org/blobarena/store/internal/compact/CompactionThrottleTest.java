package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.QueuedBackground;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When writers wait for compaction, which gets its turn when a test says so. */
class CompactionThrottleTest {

    private static final int BLOB_BYTES = 9000;
    private static final int BLOBS_PER_FILE = 7;

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private final QueuedBackground turns = new QueuedBackground();
    private BlobStore<String> store;

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
        turns.runAll();
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
        turns.runAll();
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
        turns.runAll();
        directory.setFault(null);

        assertThat(writersWait(3)).isFalse();
    }
}
