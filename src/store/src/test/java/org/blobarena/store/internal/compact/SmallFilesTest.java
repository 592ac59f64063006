package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.ManualBackground;
import org.blobarena.store.testing.QueuedBackground;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files do not stay many, whatever makes them. */
class SmallFilesTest {

    private static final int FILES = 200;

    /** Of 200 records of 100 bytes, there are tiers of 1, 8 and 64 files. */
    private static final int FILES_MAX = 3 * VictimChoice.JOINED_MIN;

    @TempDir
    Path temporary;

    private QueuedBackground background = new QueuedBackground();

    private BlobStore<String> open() throws IOException {
        background = new QueuedBackground();
        return StoreAccess.environment(
                        BlobStore.builder(KeyCodec.utf8()).arenaBytesMax(1 << 20),
                        new StoreEnvironment(
                                StoreOpener::openDirectory,
                                HeapLocationIndexFactory.forgetting(),
                                name -> name.endsWith("-compaction") ? background : new ManualBackground()))
                .open(temporary.resolve("store"));
    }

    private static void requireFewFiles(BlobStore<String> store) throws IOException {
        StoreStats stats = store.stats();
        assertThat(stats.arenaFiles()).isLessThan(FILES_MAX);
        assertThat(stats.compaction().bytesCopied())
                .as("each byte is joined once per tier, and few to the next")
                .isLessThan(4 * stats.liveBytes());
        for (int i = 0; i < FILES; i++) {
            assertThat(store.get("key" + i)).isEqualTo(TestStores.blob(100, i));
        }
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void aHundredSnapshotsLeaveAFewFiles() throws IOException {
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < FILES; i++) {
                store.put("key" + i, TestStores.blob(100, i));
                store.snapshot(temporary.resolve("snapshot" + i));
                background.runAll();
            }
            requireFewFiles(store);
        }
        try (BlobStore<String> snapshot = BlobStore.open(temporary.resolve("snapshot99"), KeyCodec.utf8())) {
            assertThat(snapshot.size()).isEqualTo(100);
            assertThat(snapshot.get("key99")).isEqualTo(TestStores.blob(100, 99));
        }
    }

    /** Each with a snapshot, so that the next opening cannot go on with the last file; half of them end in a crash. */
    @Test
    void aHundredRestartsLeaveAFewFiles() throws IOException {
        for (int i = 0; i < FILES; i++) {
            try (BlobStore<String> store = open()) {
                store.put("key" + i, TestStores.blob(100, i));
                store.snapshot(temporary.resolve("snapshot" + i));
                background.runAll();
                if (i % 2 == 0) {
                    StoreAccess.crash(store);
                }
            }
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().arenaFiles()).isLessThan(FILES_MAX);
            for (int i = 0; i < FILES; i++) {
                assertThat(store.get("key" + i)).isEqualTo(TestStores.blob(100, i));
            }
        }
    }
}
