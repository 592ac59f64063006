package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeToIdleTest {

    private static final Duration IDLE = Duration.ofSeconds(32);

    /** The precision. */
    private static final Duration TICK = Duration.ofSeconds(1);

    private static final Duration LATE = IDLE.plus(TICK);

    /** Longer than a cell, so that each blob has a time of its own. */
    private static final int BLOB_BYTES = 5000;

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock();
    private BlobCache<String> cache;

    @BeforeEach
    void openCache() throws IOException {
        cache = open(builder -> builder);
    }

    @AfterEach
    void closeCache() throws IOException {
        cache.close();
    }

    private BlobCache<String> open(UnaryOperator<BlobCacheBuilder<String>> options) throws IOException {
        return options.apply(TestCaches.onHeap().clock(clock).timeToIdle(IDLE)).open(directory);
    }

    private static byte[] blob(int i) {
        return TestStores.blob(BLOB_BYTES, i);
    }

    /** What every way to ask for a key says about it, of which none is a use of what is absent. */
    private void requireAbsent(String key) throws IOException {
        assertThat(cache.contains(key)).isFalse();
        assertThat(cache.getIfPresent(key)).isNull();
        assertThat(cache.getIfPresent(key, ByteBuffer.allocate(BLOB_BYTES))).isEmpty();
        assertThat(cache.getIfPresent(key, ByteBuffer.allocate(1))).isEmpty();
        assertThat(cache.openStreamIfPresent(key)).isNull();
        assertThat(cache.transferTo(key, Channels.newChannel(new ByteArrayOutputStream())))
                .isEmpty();
        assertThat(cache.get(key, absent -> null)).isNull();
        assertThat(cache.openStream(key, absent -> null)).isNull();
        Map<String, byte[]> map = cache.asMap();
        assertThat(map.containsKey(key)).isFalse();
        assertThat(map.get(key)).isNull();
        assertThat(map.keySet().stream().toList()).doesNotContain(key);
        assertThat(map.entrySet().stream().map(Map.Entry::getKey)).doesNotContain(key);
        assertThat(map.values().stream().toList())
                .hasSameSizeAs(map.keySet().stream().toList());
        assertThat(map.computeIfPresent(key, (same, present) -> present)).isNull();
        assertThat(map.replace(key, new byte[1])).isNull();
        assertThat(cache.store().sizeOf(key)).isEmpty();
        assertThat(cache.store().describe(key)).isNull();
        assertThat(cache.store().getAll(List.of(key, "other"))).doesNotContainKey(key);
        assertThat(cache.store().removeIfEqual(key, blob(1))).isFalse();
    }

    @Test
    void aBlobIsThereForTheTimeFromItsPutAndForNoMethodATickLater() throws IOException {
        cache.put("key", blob(1));
        clock.advance(IDLE.toMillis() - 1);
        assertThat(cache.contains("key")).isTrue();
        clock.advance(1 + TICK.toMillis());
        cache.put("other", blob(2));

        requireAbsent("key");
        assertThat(cache.getIfPresent("other")).isEqualTo(blob(2));
        CacheStats stats = cache.stats();
        assertThat(stats.hits()).isOne();
        assertThat(stats.misses()).isEqualTo(7);
        assertThat(cache.invalidate("key")).isFalse();
        assertThat(cache.invalidateAll(List.of("key", "other"))).isOne();
    }

    /** A way to use the blob of a key. */
    @FunctionalInterface
    private interface Use {

        void use(String key) throws IOException;
    }

    @Test
    void everyReadAndEveryWriteOfAKeyIsAUse() throws IOException {
        List<Use> uses = List.of(
                key -> assertThat(cache.getIfPresent(key)).isNotNull(),
                key -> assertThat(cache.getIfPresent(key, ByteBuffer.allocate(BLOB_BYTES)))
                        .isPresent(),
                key -> assertThat(cache.get(key, absent -> null)).isNotNull(),
                key -> Objects.requireNonNull(cache.openStreamIfPresent(key)).close(),
                key -> Objects.requireNonNull(cache.openStream(key, absent -> null))
                        .close(),
                key -> assertThat(cache.transferTo(key, Channels.newChannel(new ByteArrayOutputStream())))
                        .isPresent(),
                key -> assertThat(cache.asMap().get(key)).isNotNull(),
                key -> assertThat(cache.asMap().putIfAbsent(key, blob(3))).isNotNull(),
                key -> assertThat(cache.asMap().compute(key, (same, present) -> present))
                        .isNotNull(),
                key -> assertThat(cache.store().getAll(List.of(key, "other"))).containsKey(key),
                key -> cache.put(key, blob(3)),
                key -> cache.put(key, new ByteArrayInputStream(TestStores.blob(30_000, 1))),
                key -> cache.asMap().putAll(Map.of(key, blob(3))));
        cache.put("other", blob(2));
        for (int i = 0; i < uses.size(); i++) {
            cache.put("key-" + i, blob(i));
        }
        for (int round = 0; round < 4; round++) {
            clock.advance(IDLE.toMillis() * 3 / 4);
            for (int i = 0; i < uses.size(); i++) {
                uses.get(i).use("key-" + i);
            }
        }
        clock.advance(IDLE.toMillis() - 1);
        for (int i = 0; i < uses.size(); i++) {
            assertThat(cache.contains("key-" + i)).as("use " + i).isTrue();
        }
        clock.advance(1 + TICK.toMillis());
        for (int i = 0; i < uses.size(); i++) {
            assertThat(cache.contains("key-" + i)).as("use " + i).isFalse();
        }
    }

    @Test
    void questionsAndIterationsAreNoUses() throws IOException {
        cache.put("key", blob(1));
        for (int i = 0; i < 8; i++) {
            clock.advance(IDLE.dividedBy(8));
            assertThat(cache.contains("key")).isTrue();
            assertThat(cache.asMap().containsKey("key")).isTrue();
            assertThat(cache.asMap().values()).hasSize(1);
            assertThat(cache.asMap().keySet().stream().toList()).hasSize(1);
            if (i == 7) {
                clock.advance(TICK);
            }
        }
        requireAbsent("key");
    }

    @Test
    void whatIsAbsentComesBackByAWriteAlone() throws IOException {
        cache.put("key", blob(1));
        clock.advance(LATE);
        requireAbsent("key");
        clock.advance(-LATE.toMillis());
        requireAbsent("key");
        cache.put("key", blob(2));
        assertThat(cache.getIfPresent("key")).isEqualTo(blob(2));
        assertThat(cache.asMap().putIfAbsent("key", blob(3))).isEqualTo(blob(2));
        clock.advance(LATE);
        assertThat(cache.asMap().putIfAbsent("key", blob(3))).isNull();
        assertThat(cache.getIfPresent("key")).isEqualTo(blob(3));
    }

    @Test
    void whicheverTimeEndsFirstCounts() throws IOException {
        cache.put("short life", blob(1), Expiry.after(IDLE.dividedBy(2)));
        cache.put("long life", blob(2), Expiry.after(IDLE.multipliedBy(9)));
        clock.advance(IDLE.dividedBy(2));
        requireAbsent("short life");
        assertThat(cache.contains("long life")).isTrue();
        clock.advance(LATE);
        requireAbsent("long life");
    }

    @Test
    void aRestartCountsAsAUse() throws IOException {
        cache.put("key", blob(1));
        clock.advance(IDLE.toMillis() - 1);
        cache.close();
        clock.advance(IDLE.multipliedBy(10));
        cache = open(builder -> builder);
        clock.advance(IDLE.toMillis() - 1);
        assertThat(cache.contains("key")).isTrue();
        TestCaches.crash(cache);
        cache = open(builder -> builder);
        clock.advance(IDLE.toMillis() - 1);
        assertThat(cache.contains("key")).isTrue();
        clock.advance(1 + TICK.toMillis());
        requireAbsent("key");
    }

    @Test
    void withoutTheOptionBlobsStay() throws IOException {
        cache.put("key", blob(1));
        cache.close();
        cache = TestCaches.onHeap().clock(clock).open(directory);
        clock.advance(IDLE.multipliedBy(1000));
        assertThat(cache.getIfPresent("key")).isEqualTo(blob(1));
    }

    @Test
    void aClockThatIsSetBackLetsBlobsStayLonger() throws IOException {
        clock.advance(IDLE);
        cache.put("before", blob(1));
        clock.advance(-Duration.ofDays(400).toMillis());
        cache.put("after", blob(2));
        assertThat(cache.getIfPresent("before")).isEqualTo(blob(1));
        clock.advance(LATE);
        assertThat(cache.getIfPresent("before")).isEqualTo(blob(1));
        assertThat(cache.getIfPresent("after")).isEqualTo(blob(2));
        clock.advance(Duration.ofDays(400).plus(LATE));
        requireAbsent("before");
        requireAbsent("after");
    }

    @Test
    void shortNeighboursKeepEachOther() throws IOException {
        cache.put("a", new byte[100]);
        cache.put("b", new byte[100]);
        clock.advance(IDLE.dividedBy(2));
        assertThat(cache.getIfPresent("b")).isNotNull();
        clock.advance(IDLE.toMillis() - 1);
        assertThat(cache.contains("a")).isTrue();
    }

    @Test
    void oneOfManyCallersLoadsWhatIsIdle() throws Exception {
        cache.put("key", blob(1));
        clock.advance(LATE);
        int callers = 8;
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        CyclicBarrier start = new CyclicBarrier(callers);
        AtomicInteger loads = new AtomicInteger();
        List<Future<byte[]>> results = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            results.add(threads.submit(() -> {
                start.await();
                return cache.get("key", key -> {
                    loads.incrementAndGet();
                    return blob(2);
                });
            }));
        }
        for (Future<byte[]> result : results) {
            assertThat(result.get()).isEqualTo(blob(2));
        }
        threads.shutdown();
        assertThat(loads).hasValue(1);
        try (InputStream stream = cache.openStream("key", key -> null)) {
            assertThat(stream).hasBinaryContent(blob(2));
        }
    }

    @Test
    void anEvictionKeepsNothingIdleAndTellsWhatGoes() throws IOException {
        Map<String, Long> told = new ConcurrentHashMap<>();
        cache.close();
        cache = open(builder -> builder.evictionListener(told::put));
        cache.put("popular", blob(-1));
        fill("first", 120);
        assertThat(cache.getIfPresent("popular")).isEqualTo(blob(-1));
        clock.advance(LATE);

        fill("second", 300);

        assertThat(cache.stats().reinserted()).isZero();
        assertThat(told).containsKeys("popular", "first0", "first119");
    }

    /** Puts blobs: more than 120 fit, and not 240. */
    private void fill(String name, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            cache.put(name + i, blob(i));
            TestCaches.settle(cache);
        }
    }

    @Test
    void aBlobThatIsWrittenAgainKeepsItsTime() throws IOException {
        cache.put("popular", blob(-1));
        fill("first", 120);
        assertThat(cache.getIfPresent("popular")).isEqualTo(blob(-1));
        assertThat(cache.stats().evictions()).isZero();
        clock.advance(IDLE.toMillis() - 1);

        fill("more", 120);

        assertThat(cache.stats().reinserted()).isOne();
        assertThat(cache.contains("popular")).isTrue();
        clock.advance(1 + TICK.toMillis());
        requireAbsent("popular");
        assertThat(cache.contains("more119")).isTrue();
    }

    @Test
    void aTimeOfLessThanASecondIsRefusedAndOneWithoutEndIsTaken() throws IOException {
        for (Duration time : new Duration[] {Duration.ZERO, Duration.ofMillis(999), Duration.ofSeconds(-1)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TestCaches.onHeap().timeToIdle(time))
                    .withMessageContaining(time.toString());
        }
        cache.put("key", blob(1));
        cache.close();
        cache = open(builder -> builder.timeToIdle(Duration.ofSeconds(Long.MAX_VALUE)));
        clock.advance(Duration.ofDays(400_000));
        assertThat(cache.getIfPresent("key")).isEqualTo(blob(1));
    }
}
