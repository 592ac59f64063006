package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompactionTest {

    private static final int BLOB_BYTES = 1000;

    @TempDir
    Path temporary;

    private final Map<String, ByteBuffer> model = new HashMap<>();

    private Path directory() {
        return temporary.resolve("store");
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap().automaticCompaction(false).open(directory());
    }

    private void put(BlobStore<String> store, String key, int version) throws IOException {
        byte[] blob = TestStores.blob(BLOB_BYTES, key.hashCode() * 31L + version);
        store.put(key, blob);
        model.put(key, ByteBuffer.wrap(blob));
    }

    private void remove(BlobStore<String> store, String key) throws IOException {
        assertThat(store.remove(key)).isTrue();
        model.remove(key);
    }

    /** Every key some times, in several files, and some of them removed. */
    private void churn(BlobStore<String> store, int keys, int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < keys; i++) {
                put(store, "key" + i, round);
            }
        }
        for (int i = 0; i < keys; i += 7) {
            remove(store, "key" + i);
        }
    }

    private void requireModel(BlobStore<String> store) throws IOException {
        assertThat(TestStores.content(store)).isEqualTo(model);
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void compactionOfEverythingLeavesWhatIsNeededAndNothingElse() throws IOException {
        try (BlobStore<String> store = open()) {
            churn(store, 300, 4);
            long before = store.stats().arenaBytes();

            store.compact();

            StoreStats after = store.stats();
            assertThat(before).isGreaterThan(4 * 300 * BLOB_BYTES);
            assertThat(after.deadBytes()).isLessThan(after.liveBytes() / 50);
            assertThat(after.arenaBytes()).isLessThan(model.size() * (BLOB_BYTES + 200L) + 100_000);
            assertThat(TestStores.arenas(directory())).hasSize((int) after.arenaFiles());
            requireModel(store);
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            requireModel(store);
            store.crash();
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().clean()).isFalse();
            requireModel(store);
        }
    }

    @Test
    void storeWhoseKeysWereAllRemovedIsSmallAfterACompaction() throws IOException {
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 500; i++) {
                put(store, "key" + i, 0);
            }
            for (int i = 0; i < 500; i++) {
                remove(store, "key" + i);
            }

            store.compact();

            assertThat(store.stats().arenaBytes()).isLessThan(1000);
            put(store, "after", 1);
            requireModel(store);
        }
        try (BlobStore<String> store = open()) {
            requireModel(store);
        }
    }

    @Test
    void secondCompactionHasNothingToDo() throws IOException {
        try (BlobStore<String> store = open()) {
            churn(store, 300, 3);
            store.compact();
            long rounds = store.stats().compaction().rounds();
            List<Path> files = TestStores.arenas(directory());

            store.compact();

            assertThat(store.stats().compaction().rounds()).isLessThanOrEqualTo(rounds + 1);
            assertThat(TestStores.arenas(directory())).hasSizeLessThanOrEqualTo(files.size());
            requireModel(store);
        }
    }

    @Test
    void removedKeysStayRemovedWhileOneOfManyFilesIsCompactedAfterTheOther() throws IOException {
        try (BlobStore<String> store = open()) {
            put(store, "cold", 0);
            churn(store, 200, 3);
            for (int i = 0; i < 5; i++) {
                store.compact();
                requireModel(store);
                churn(store, 50, 1);
            }
            store.crash();
        }
        try (BlobStore<String> store = open()) {
            requireModel(store);
        }
    }

    @Test
    void automaticCompactionKeepsTheBoundWhileBlobsAreReplaced() throws IOException {
        try (BlobStore<String> store = TestStores.onHeap().open(directory())) {
            for (int round = 0; round < 40; round++) {
                for (int i = 0; i < 200; i++) {
                    put(store, "key" + i * 7 % 200, round);
                    StoreStats stats = store.stats();
                    assertThat(stats.arenaBytes())
                            .isLessThan((long) (stats.neededBytes() / 0.7)
                                    + BlobStore.FILES_BEYOND_BOUND * TestStores.SMALL_FILE_BYTES);
                }
            }
            assertThat(store.stats().compaction().rounds()).isPositive();
            requireModel(store);
        }
    }

    @Test
    void compactionOfAClosedStoreIsRefused() throws IOException {
        BlobStore<String> store = open();
        store.close();
        assertThatExceptionOfType(StoreClosedException.class).isThrownBy(store::compact);
    }

    @Test
    void progressIsToldUpToTheEnd() throws IOException {
        List<Long> left = new ArrayList<>();
        try (BlobStore<String> store = open()) {
            churn(store, 300, 3);
            store.compact((done, total) -> left.add(total - done));
        }
        assertThat(left).isNotEmpty().endsWith(0L);
    }
}
