package org.blobarena.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.CacheLoadException;
import org.blobarena.cache.CacheStats;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheMetricsTest {

    private static final Duration SCRAPE = Duration.ofSeconds(10);

    @TempDir
    Path temporary;

    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);

    private BlobCache<Long> open() throws Exception {
        return BlobCache.builder(KeyCodec.longs())
                .index(IndexKind.TABLE)
                .maximumBytes(8 << 20)
                .open(temporary.resolve("cache"));
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    @Test
    void metersTellWhatTheStatisticsOfTheCacheDo() throws Exception {
        try (BlobCache<Long> cache = BlobCacheMetrics.monitor(registry, open(), "tiles")) {
            for (long i = 0; i < 200; i++) {
                cache.put(i, new byte[100_000]);
            }
            cache.getIfPresent(199L);
            cache.getIfPresent(-1L);
            cache.getIfPresent(-2L);
            cache.get(500L, key -> new byte[10]);
            assertThatExceptionOfType(CacheLoadException.class)
                    .isThrownBy(() -> cache.get(501L, key -> {
                        throw new IOException("planned");
                    }));
            cache.invalidateAll();
            clock.add(SCRAPE);
            CacheStats stats = cache.stats();
            assertThat(registry.get("cache.size").tags("cache", "tiles").gauge().value())
                    .isEqualTo((double) cache.size());
            assertThat(count("cache.gets", "result", "hit")).isEqualTo(1);
            assertThat(count("cache.gets", "result", "miss"))
                    .isEqualTo((double) stats.misses())
                    .isEqualTo(4);
            assertThat(count("cache.puts")).isEqualTo(201);
            assertThat(count("cache.rejections")).isEqualTo((double) stats.rejected());
            assertThat(count("cache.evictions"))
                    .isEqualTo((double) stats.evictions())
                    .isPositive();
            assertThat(count("cache.eviction.weight"))
                    .isEqualTo((double) stats.evictedBytes())
                    .isPositive();
            assertThat(count("cache.reinsertions")).isEqualTo((double) stats.reinserted());
            assertThat(count("cache.reinsertion.weight")).isEqualTo((double) stats.reinsertedBytes());
            assertThat(count("cache.load", "result", "success")).isEqualTo(1);
            assertThat(count("cache.load", "result", "failure")).isEqualTo(1);
            assertThat(count("cache.failures", "operation", "read")).isZero();
            assertThat(count("cache.failures", "operation", "write")).isZero();
            assertThat(count("cache.written"))
                    .isEqualTo((double) stats.bytesWritten())
                    .isGreaterThan(20_000_000);
            // From nanoseconds to the registry's seconds and back, which rounds.
            assertThat(registry.get("cache.load.duration").timeGauge().value(TimeUnit.NANOSECONDS))
                    .isCloseTo((double) stats.totalLoadTime().toNanos(), withinPercentage(1e-6))
                    .isPositive();
            assertThat(registry.get("cache.weight").gauge().value()).isEqualTo((double) stats.bytes());
            assertThat(registry.get("cache.weight.max").gauge().value()).isEqualTo(8 << 20);
        }
    }

    /** Dashboards for caches go by these. */
    @Test
    void everyMeterThatMicrometerHasForCaffeineIsThere() throws Exception {
        MeterRegistry usual = new SimpleMeterRegistry();
        CaffeineCacheMetrics.monitor(
                usual, Caffeine.newBuilder().recordStats().maximumSize(10).build(key -> key), "tiles");
        try (BlobCache<Long> cache = BlobCacheMetrics.monitor(registry, open(), "tiles")) {
            assertThat(cache.size()).isZero();
            assertThat(kinds(usual)).hasSizeGreaterThan(7);
            assertThat(kinds(registry)).containsAll(kinds(usual));
        }
    }

    private static Set<String> kinds(MeterRegistry meters) {
        return meters.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getName() + " " + id.getTags() + " " + id.getType())
                .collect(Collectors.toSet());
    }

    @Test
    void metersOfAClosedCacheAreNotANumberAndCountersStay() throws Exception {
        BlobCache<Long> cache = BlobCacheMetrics.monitor(registry, open(), "tiles");
        cache.put(1L, new byte[10]);
        clock.add(SCRAPE);
        assertThat(count("cache.puts")).isEqualTo(1);
        cache.close();
        clock.add(SCRAPE);
        assertThat(registry.getMeters())
                .filteredOn(Gauge.class::isInstance)
                .hasSize(4)
                .allSatisfy(gauge -> assertThat(((Gauge) gauge).value()).isNaN());
        assertThat(registry.getMeters())
                .filteredOn(FunctionCounter.class::isInstance)
                .allSatisfy(counter ->
                        assertThat(((FunctionCounter) counter).count()).isNotNaN());
        assertThat(count("cache.puts")).isEqualTo(1);
    }

    @Test
    void cacheThatIsOpenedAgainTakesTheMetersOfTheClosedOneAndTheyCanBeRemoved() throws Exception {
        BlobCacheMetrics.monitor(registry, open(), "tiles").close();
        try (BlobCache<Long> cache = open()) {
            BlobCacheMetrics metrics = new BlobCacheMetrics(cache, "tiles", List.of());
            metrics.bindTo(registry);
            cache.put(1L, new byte[10]);
            clock.add(SCRAPE);
            assertThat(registry.get("cache.size").gauge().value()).isEqualTo(1);
            metrics.close();
            assertThat(registry.getMeters()).isEmpty();
        }
    }
}
