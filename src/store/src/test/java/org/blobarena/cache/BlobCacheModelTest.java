package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares a cache with a map, through restarts and crashes: what it has is what the map has, and it may have less. */
class BlobCacheModelTest {

    private static final int STEPS = 6000;
    private static final int KEYS = 500;

    @TempDir
    private Path directory;

    private final Map<String, Long> model = new HashMap<>();
    private long hits;
    private long evictions;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatACacheHasIsTheNewest(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        BlobCache<String> cache = open();
        for (int i = 0; i < STEPS; i++) {
            step(cache, random, i);
            if (random.nextInt(700) == 0) {
                evictions += cache.stats().evictions();
                if (random.nextBoolean()) {
                    cache.close();
                } else {
                    TestCaches.crash(cache);
                }
                cache = open();
                for (int key = 0; key < KEYS; key++) {
                    check(cache, "key-" + key);
                }
            }
        }
        cache.close();
        assertThat(hits).isGreaterThan(STEPS / 10);
        assertThat(evictions).isGreaterThan(STEPS / 10);
    }

    private BlobCache<String> open() throws IOException {
        BlobCacheBuilder<String> builder = TestCaches.onHeap();
        // So that many blobs go to files of their own, which overlap with those of the others in time.
        var unused = StoreAccess.streamMemoryBytes(
                builder.storeWithFiles(TestCaches.FILE_BYTES).arenaBytesMax(TestCaches.FILE_BYTES), 600);
        return builder.open(directory);
    }

    private void step(BlobCache<String> cache, SplittableRandom random, long step) throws IOException {
        // The square makes some keys popular.
        String key = "key-" + random.nextInt(KEYS) * random.nextInt(KEYS) / KEYS;
        switch (random.nextInt(10)) {
            case 0 -> {
                boolean unused = cache.invalidate(key);
                model.remove(key);
            }
            case 1, 2, 3 -> check(cache, key);
            case 4 -> {
                byte[] loaded = cache.get(key, missing -> blob(step));
                Long present = model.get(key);
                assertThat(loaded).isIn(blob(step), present == null ? blob(step) : blob(present));
                model.put(key, Arrays.equals(loaded, blob(step)) || present == null ? step : present);
            }
            case 5 -> {
                cache.put(key, new ByteArrayInputStream(blob(step)));
                model.put(key, step);
            }
            default -> {
                cache.put(key, blob(step));
                model.put(key, step);
            }
        }
        if (step % 3000 == 2999) {
            cache.invalidateAll();
            model.clear();
            assertThat(cache.size()).isZero();
        }
    }

    private void check(BlobCache<String> cache, String key) throws IOException {
        byte[] found = cache.getIfPresent(key);
        if (found != null) {
            hits++;
            Long newest = model.get(key);
            assertThat(newest).as(key).isNotNull();
            assertThat(found).as(key).isEqualTo(blob(newest));
        }
    }

    private static byte[] blob(long step) {
        return TestStores.blob(100 + (int) (step * 37 % 5000), step);
    }
}
