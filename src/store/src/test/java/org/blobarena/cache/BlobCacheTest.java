package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheTest {

    private static final int BLOB_BYTES = 3000;

    @TempDir
    private Path directory;

    private static byte[] blob(int i) {
        return TestStores.blob(BLOB_BYTES, i);
    }

    @Test
    void theOldestGoWhenThereIsNoMoreRoom() throws IOException {
        try (BlobCache<String> cache = TestCaches.onHeap().open(directory)) {
            for (int i = 0; i < 1000; i++) {
                cache.put("key-" + i, blob(i));
                assertThat(TestCaches.diskBytes(directory))
                        .isLessThanOrEqualTo(TestCaches.MAXIMUM_BYTES
                                + (long) BlobCache.FILES_BEYOND_MAXIMUM * TestCaches.FILE_BYTES);
            }
            TestCaches.settle(cache);
            assertThat(cache.getIfPresent("key-0")).isNull();
            assertThat(cache.getIfPresent("key-999")).isEqualTo(blob(999));
            assertThat(cache.size()).isBetween(150L, 350L);
            CacheStats stats = cache.stats();
            assertThat(stats.evictions()).isEqualTo(1000 - cache.size());
            assertThat(stats.evictedBytes()).isGreaterThanOrEqualTo(stats.evictions() * BLOB_BYTES);
            assertThat(stats.admitted()).isEqualTo(1000);
            assertThat(stats.bytes()).isLessThanOrEqualTo(TestCaches.MAXIMUM_BYTES);
            assertThat(stats.hitRatio()).isEqualTo(0.5);
        }
    }

    @Test
    void whatIsUsedStays() throws IOException {
        try (BlobCache<String> cache = TestCaches.onHeap().open(directory)) {
            for (int i = 0; i < 3000; i++) {
                cache.put("key-" + i, blob(i));
                TestCaches.settle(cache);
                if (i % 10 == 0) {
                    byte[] popular = cache.get("popular", key -> blob(-1));
                    assertThat(popular).isEqualTo(blob(-1));
                }
            }
            CacheStats stats = cache.stats();
            assertThat(stats.loads()).isEqualTo(1);
            assertThat(stats.reinserted()).isPositive();
            assertThat(stats.bytesWritten())
                    .isLessThanOrEqualTo((long) (1.31 * (stats.bytesWritten() - stats.reinsertedBytes())));
        }
    }

    @Test
    void contentsSurviveARestartAndACrash() throws IOException {
        BlobCache<String> cache = TestCaches.onHeap().open(directory);
        for (int i = 0; i < 600; i++) {
            cache.put("key-" + i, blob(i));
        }
        TestCaches.settle(cache);
        long size = cache.size();
        cache.close();

        cache = TestCaches.onHeap().open(directory);
        assertThat(cache.size()).isGreaterThanOrEqualTo(size - 25);
        assertThat(cache.getIfPresent("key-599")).isEqualTo(blob(599));
        cache.put("key-600", blob(600));
        TestCaches.settle(cache);
        size = cache.size();
        TestCaches.crash(cache);

        cache = TestCaches.onHeap().open(directory);
        assertThat(cache.size()).isGreaterThanOrEqualTo(size - 25);
        assertThat(cache.getIfPresent("key-600")).isEqualTo(blob(600));
        cache.close();
    }

    @Test
    void aSmallerMaximumEvictsWhenItIsOpened() throws IOException {
        try (BlobCache<String> cache = TestCaches.onHeap().open(directory)) {
            for (int i = 0; i < 600; i++) {
                cache.put("key-" + i, blob(i));
            }
        }
        long smaller = 9L * TestCaches.FILE_BYTES;
        try (BlobCache<String> cache =
                TestCaches.onHeap().smallMaximumBytes(smaller).open(directory)) {
            assertThat(TestCaches.diskBytes(directory)).isLessThanOrEqualTo(smaller);
            assertThat(cache.getIfPresent("key-599")).isEqualTo(blob(599));
        }
    }

    @Test
    void aStoreIsNoCacheAndACacheNoStore() throws IOException {
        TestStores.onHeap().open(directory.resolve("store")).close();
        TestCaches.onHeap().open(directory.resolve("cache")).close();

        assertThatThrownBy(() -> TestCaches.onHeap().open(directory.resolve("store")))
                .isInstanceOf(NotAStoreException.class)
                .hasMessageContaining("no cache");
        assertThatThrownBy(() -> BlobStore.open(directory.resolve("cache"), KeyCodec.utf8()))
                .isInstanceOf(NotAStoreException.class)
                .hasMessageContaining("BlobCache");
        TestCaches.onHeap().open(directory.resolve("cache")).close();
    }

    @Test
    void invalidatedBlobsAreGoneForGood() throws IOException {
        BlobCache<String> cache = TestCaches.onHeap().open(directory);
        for (int i = 0; i < 200; i++) {
            cache.put("key-" + i, blob(i));
        }
        assertThat(cache.invalidate("key-7")).isTrue();
        assertThat(cache.invalidate("key-7")).isFalse();
        assertThat(cache.invalidateAll(List.of("key-8", "key-9", "none"))).isEqualTo(2);
        assertThat(cache.size()).isEqualTo(197);
        cache.invalidateAll();
        assertThat(cache.size()).isZero();
        assertThat(TestCaches.diskBytes(directory)).isLessThan(3L * TestCaches.FILE_BYTES);
        cache.put("key-5", blob(50));
        TestCaches.crash(cache);

        try (BlobCache<String> again = TestCaches.onHeap().open(directory)) {
            assertThat(again.size()).isEqualTo(1);
            assertThat(again.getIfPresent("key-5")).isEqualTo(blob(50));
        }
    }

    @Test
    @Timeout(120)
    void evictionsAreToldAndAListenerThatThrowsHurtsNothing() throws IOException {
        Map<String, Long> told = new ConcurrentHashMap<>();
        try (BlobCache<String> cache = TestCaches.onHeap()
                .evictionListener((key, bytes) -> {
                    told.put(key, bytes);
                    throw new IllegalArgumentException("a listener's");
                })
                .open(directory)) {
            for (int i = 0; i < 600; i++) {
                cache.put("key-" + i, blob(i));
            }
            TestCaches.settle(cache);
            while (told.size() < 600 - cache.size()) { // What another thread has evicted, it tells after the fact.
                Thread.onSpinWait();
            }
            assertThat(told).hasSize((int) (600 - cache.size()));
            assertThat(told.keySet()).noneMatch(cache::contains);
            assertThat(told.values()).allMatch(bytes -> bytes > BLOB_BYTES);
        }
    }

    @Test
    void blobsThatAreTooLargeAreRefusedOrReturnedWithoutBeingKept() throws IOException {
        byte[] large = TestStores.blob(TestCaches.FILE_BYTES, 1);
        try (BlobCache<String> cache = TestCaches.onHeap().open(directory)) {
            assertThatThrownBy(() -> cache.put("a", large)).isInstanceOf(BlobTooLargeException.class);
            assertThat(cache.get("a", key -> large)).isEqualTo(large);
            try (InputStream stream = cache.openStream("a", key -> new ByteArrayInputStream(large))) {
                assertThat(stream).isNotNull();
                assertThat(stream.readAllBytes()).isEqualTo(large);
            }
            assertThat(cache.contains("a")).isFalse();
            assertThat(cache.stats().rejected()).isEqualTo(2);
        }
    }

    @Test
    void streamsAreLoadedAndRead() throws IOException {
        byte[] blob = blob(1);
        try (BlobCache<String> cache = TestCaches.onHeap().open(directory)) {
            for (int i = 0; i < 2; i++) {
                try (InputStream stream = cache.openStream("a", key -> new ByteArrayInputStream(blob))) {
                    assertThat(stream).isNotNull();
                    assertThat(stream.readAllBytes()).isEqualTo(blob);
                }
            }
            assertThat(cache.openStream("none", key -> null)).isNull();
            ByteBuffer target = ByteBuffer.allocate(BLOB_BYTES);
            assertThat(cache.getIfPresent("a", target)).hasValue(BLOB_BYTES);
            assertThat(target.array()).isEqualTo(blob);
            CacheStats stats = cache.stats();
            assertThat(stats.loads()).isEqualTo(2);
            assertThat(stats.hits()).isEqualTo(2);
            assertThat(stats.misses()).isEqualTo(2);
            cache.resetStats();
            assertThat(cache.stats().misses()).isZero();
        }
    }

    @Test
    void optionsAreChecked() {
        BlobCacheBuilder<String> builder = BlobCache.builder(KeyCodec.utf8());
        assertThatThrownBy(() -> builder.open(directory)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.maximumBytes(1)).hasMessageContaining("8388608");
        assertThatThrownBy(() -> builder.writtenBytesPerDay(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        builder.maximumBytes(8L << 20).arenaBytesMax(2L << 20).open(directory))
                .hasMessageContaining("eighth");
    }

    /** A cache whose background never runs. */
    private static BlobCacheBuilder<String> withoutBackground() {
        return TestCaches.onHeap()
                .environment(new StoreEnvironment(
                        (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                        HeapLocationIndexFactory.forgetting(),
                        name -> new TestCaches.Never()));
    }

    /** Where the background does not come to it, an eviction puts on the device what an opening has found. */
    @Test
    void evictionBehindAnOpeningAfterACrashLeavesAllThatStaysToBeForced() throws IOException {
        BlobCache<String> killed = withoutBackground().open(directory);
        for (int i = 0; i < 600; i++) {
            killed.put("key-" + i, blob(i));
        }
        TestCaches.crash(killed);
        BlobCache<String> cache = withoutBackground()
                .smallMaximumBytes(9L * TestCaches.FILE_BYTES)
                .open(directory);
        assertThat(cache.getIfPresent("key-0")).isNull();
        cache.close(); // Would fail for a file that is gone.
        try (BlobCache<String> again = withoutBackground().open(directory)) {
            assertThat(again.getIfPresent("key-599")).isEqualTo(blob(599));
        }
    }

    /** What waits for being sealed cannot be evicted. */
    @Test
    void filesThatWaitForBeingSealedTakeASmallPartOfTheCache() throws IOException {
        try (BlobCache<String> cache = withoutBackground().open(directory)) {
            for (int i = 0; i < 200; i++) {
                cache.put("key" + i, TestStores.blob(20_000, i));
                long unsealed = TestCaches.engine(cache).fileStats().stream()
                        .filter(file -> !file.sealed())
                        .count();
                assertThat(unsealed).isLessThanOrEqualTo(4);
            }
        }
    }
}
