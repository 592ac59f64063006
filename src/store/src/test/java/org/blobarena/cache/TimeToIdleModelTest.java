package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares a cache whose blobs go when they are idle with a map that knows when each was used, through evictions, restarts and
 * crashes. A listener says what was evicted, so the map knows what is there, but for the one tick of the precision and, where
 * blobs are short, for what neighbours keep.
 */
class TimeToIdleModelTest {

    private static final int STEPS = 8000;
    private static final int KEYS = 150;
    private static final long IDLE_MILLIS = 32_000;
    private static final long TICK_MILLIS = 1000;

    @TempDir
    private Path directory;

    /** What a key has, when it was last used, and whether it was missed since. */
    private record Known(long step, long usedMillis, boolean missed) {

        Known(long step, long usedMillis) {
            this(step, usedMillis, false);
        }
    }

    private final TestClock clock = new TestClock();
    private final Map<String, Known> model = new HashMap<>();
    private int shortest;
    private long found;
    private long idle;
    private long reinserted;

    @ParameterizedTest
    @CsvSource({"1, 4200", "2, 4200", "3, 4200", "4, 100", "5, 100"})
    void aBlobIsThereWhileItIsUsed(long seed, int shortestBytes) throws IOException {
        shortest = shortestBytes;
        SplittableRandom random = new SplittableRandom(seed);
        BlobCache<String> cache = open();
        for (int i = 0; i < STEPS; i++) {
            clock.advance(random.nextInt(20) == 0 ? random.nextLong(12_000) : random.nextLong(200));
            step(cache, random, i);
            if (random.nextInt(900) == 0) {
                reinserted += cache.stats().reinserted();
                if (random.nextBoolean()) {
                    cache.close();
                } else {
                    TestCaches.crash(cache);
                }
                clock.advance(random.nextLong(2 * IDLE_MILLIS));
                cache = open();
                model.replaceAll((key, known) -> new Known(known.step, clock.millis()));
            }
        }
        reinserted += cache.stats().reinserted();
        cache.close();
        System.out.println("idle model: " + found + " found, " + idle + " idle, " + reinserted + " reinserted");
        assertThat(found).isGreaterThan(STEPS / 10);
        assertThat(idle).isGreaterThan(STEPS / 100);
        if (shortest > 4096) { // Of fewer bytes hardly any is written again.
            assertThat(reinserted).isPositive();
        }
    }

    /** One that evicts and tells in the thread that puts. */
    private BlobCache<String> open() throws IOException {
        BlobCacheBuilder<String> builder = TestCaches.onHeap()
                .environment(new StoreEnvironment(
                        (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                        HeapLocationIndexFactory.forgetting(),
                        name -> new TestCaches.Never()))
                .clock(clock)
                .timeToIdle(Duration.ofMillis(IDLE_MILLIS))
                .evictionListener((key, bytes) -> model.remove(key));
        var unused = StoreAccess.streamMemoryBytes(
                builder.storeWithFiles(TestCaches.FILE_BYTES).arenaBytesMax(TestCaches.FILE_BYTES), 1500);
        return builder.open(directory);
    }

    private void step(BlobCache<String> cache, SplittableRandom random, long step) throws IOException {
        // The power makes some keys popular.
        String key = "key-" + (int) (KEYS * Math.pow(random.nextDouble(), 3));
        switch (random.nextInt(12)) {
            case 0 -> {
                boolean removed = cache.invalidate(key);
                check(key, removed ? model.get(key) : null);
                model.remove(key);
            }
            case 1 -> check(key, cache.contains(key) ? model.get(key) : null);
            case 2 -> {
                boolean isListed = cache.asMap().keySet().stream().anyMatch(key::equals);
                check(key, isListed ? model.get(key) : null);
            }
            case 3 -> {
                byte[] present = cache.asMap().putIfAbsent(key, blob(step));
                checkBlob(key, present);
                model.put(key, new Known(present == null ? step : model.get(key).step, clock.millis()));
            }
            case 4 -> {
                boolean[] loads = new boolean[1];
                byte[] loaded = cache.get(key, missing -> {
                    checkBlob(key, null);
                    loads[0] = true;
                    return blob(step);
                });
                if (!loads[0]) {
                    checkBlob(key, loaded);
                }
                model.put(key, new Known(loads[0] ? step : model.get(key).step, clock.millis()));
            }
            case 5, 6 -> {
                cache.put(key, new ByteArrayInputStream(blob(step)));
                model.put(key, new Known(step, clock.millis()));
            }
            case 7, 8 -> {
                cache.put(key, blob(step));
                model.put(key, new Known(step, clock.millis()));
            }
            default -> checkBlob(key, cache.getIfPresent(key));
        }
    }

    /** A read found a blob, or null for none; if it has, that was a use. */
    private void checkBlob(String key, byte @Nullable [] blob) {
        Known known = model.get(key);
        check(key, blob == null ? null : known);
        if (blob != null) {
            assertThat(known).as(key).isNotNull();
            assertThat(blob).isEqualTo(blob(known.step));
            model.put(key, new Known(known.step, clock.millis()));
        }
    }

    /** @param seen what the model has of the key if the cache has something, else null */
    private void check(String key, @Nullable Known seen) {
        Known known = model.get(key);
        if (known == null) {
            return; // What was evicted a moment ago, by the very call, is not there: the listener was told before.
        }
        long idleMillis = clock.millis() - known.usedMillis;
        if (seen == null) {
            idle++;
            assertThat(idleMillis).as(key).isGreaterThanOrEqualTo(IDLE_MILLIS);
            model.put(key, new Known(known.step, known.usedMillis, true));
        } else {
            found++;
            if (shortest > 4096) {
                assertThat(known.missed).as(key).isFalse();
                assertThat(idleMillis).as(key).isLessThan(IDLE_MILLIS + TICK_MILLIS);
            }
        }
    }

    private byte[] blob(long step) {
        return TestStores.blob(shortest + (int) (step * 37 % 5000), step);
    }
}
