package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CompactionStats;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.internal.write.RunCopier;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What compaction copies in runs, and how much it reads for that. */
class CompactionRunsTest {

    private static final int FILE_BYTES = 16 << 20;

    @TempDir
    Path temporary;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<String, ByteBuffer> model = new HashMap<>();

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap().arenaBytesMax(FILE_BYTES).open(temporary.resolve("store"));
    }

    private void put(BlobStore<String> store, String key, int length) throws IOException {
        byte[] blob = TestStores.blob(length, random.nextLong());
        if (random.nextInt(8) == 0) {
            store.put(key, blob, Expiry.after(Duration.ofDays(1000)));
        } else {
            store.put(key, blob);
        }
        model.put(key, ByteBuffer.wrap(blob));
    }

    private void requireModelNowAndAfterACrash(BlobStore<String> store) throws IOException {
        assertThat(TestStores.content(store)).isEqualTo(model);
        assertThat(store.verify().damage()).isEmpty();
        StoreAccess.crash(store);
        try (BlobStore<String> reopened = open()) {
            assertThat(TestStores.content(reopened)).isEqualTo(model);
            assertThat(reopened.verify().damage()).isEmpty();
        }
    }

    @Test
    void blobsOfAllLengthsAmongDeadOnesAndRemovedKeysAreCopied() throws IOException {
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 1500; i++) {
                int length =
                        i % 100 == 0 ? RunCopier.RUN_BYTES + random.nextInt(-200, 2 << 20) : random.nextInt(20_000);
                put(store, "key" + random.nextInt(500), i % 3 == 0 ? random.nextInt(300) : length);
                String removed = "key" + random.nextInt(500);
                if (i % 10 == 0 && store.remove(removed)) {
                    model.remove(removed);
                }
            }
            store.compact();
            assertThat(store.stats().compaction().bytesCopied()).isGreaterThan(5 << 20);
            requireModelNowAndAfterACrash(store);
        }
    }

    @Test
    void compactionReadsWhatItCopiesAndHardlyMore() throws IOException {
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 10_000; i++) {
                put(store, "key" + i, 2000);
            }
            for (int i = 0; i < 10_000; i += random.nextInt(1, 4)) {
                put(store, "key" + i, 2000);
            }
            store.compact();
            CompactionStats stats = store.stats().compaction();
            assertThat(stats.bytesCopied()).isGreaterThan(8 << 20);
            assertThat(stats.bytesRead()).isLessThan(stats.bytesCopied() + stats.bytesCopied() / 50);
            requireModelNowAndAfterACrash(store);
        }
    }

    /** Then the outputs have to say where they went, in more index blocks than are kept in memory. */
    @Test
    void moreRecordsAreMovedThanAreRemembered() throws IOException {
        int records = 17 * IndexBlock.ENTRIES_MAX;
        assertThat(records).isGreaterThan(Moves.COUNT_MAX);
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < records; i++) {
                byte[] blob = {(byte) i, (byte) (i >> 8), (byte) (i >> 16)};
                store.put("key" + i, blob);
                model.put("key" + i, ByteBuffer.wrap(blob));
            }
            put(store, "dead", FILE_BYTES / 8);
            put(store, "dead", 1);
            store.compact();
            assertThat(store.stats().compaction().filesReplaced()).isPositive();
            assertThat(store.stats().compaction().bytesCopied()).isGreaterThan(records * 40L);
            requireModelNowAndAfterACrash(store);
        }
    }
}
