package org.blobarena.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.blobarena.store.BlobStore;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobStoreMetricsTest {

    private static final Duration SCRAPE = Duration.ofSeconds(10);

    @TempDir
    Path temporary;

    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);

    private BlobStore<Long> open(String name) throws Exception {
        return BlobStore.builder(KeyCodec.longs())
                .index(IndexKind.TABLE)
                .automaticCompaction(false)
                .arenaBytesMax(65_536)
                .open(temporary.resolve(name));
    }

    private static void fill(BlobStore<Long> store) throws Exception {
        for (long i = 0; i < 40; i++) {
            store.put(i % 20, new byte[10_000]);
        }
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private double count(String name) {
        return registry.get(name).tags("store", "pages").functionCounter().count();
    }

    @Test
    void metersTellWhatTheStatisticsOfTheStoreDo() throws Exception {
        try (BlobStore<Long> store = BlobStoreMetrics.monitor(registry, open("a"), "pages", "region", "north")) {
            fill(store);
            store.compact();
            clock.add(SCRAPE);
            StoreStats stats = store.stats();
            assertThat(gauge("blobarena.keys", "store", "pages", "region", "north"))
                    .isEqualTo(20);
            assertThat(gauge("blobarena.data", "state", "live")).isEqualTo((double) stats.liveBytes());
            assertThat(gauge("blobarena.data", "state", "dead")).isEqualTo((double) stats.deadBytes());
            assertThat(gauge("blobarena.data.needed")).isEqualTo((double) stats.neededBytes());
            assertThat(gauge("blobarena.data.expired")).isZero();
            assertThat(gauge("blobarena.files")).isEqualTo((double) stats.arenaFiles());
            assertThat(gauge("blobarena.files.size")).isEqualTo((double) stats.arenaBytes());
            assertThat(gauge("blobarena.index.size")).isEqualTo((double) stats.indexBytes());
            assertThat(gauge("blobarena.opening.damage")).isZero();
            assertThat(registry.get("blobarena.opening.duration").timeGauge().value(TimeUnit.NANOSECONDS))
                    .isCloseTo((double) stats.opening().duration().toNanos(), withinPercentage(1e-6));
            assertThat(count("blobarena.written"))
                    .isEqualTo((double) stats.compaction().bytesPut())
                    .isGreaterThan(400_000);
            assertThat(count("blobarena.compaction.rounds"))
                    .isEqualTo((double) stats.compaction().rounds())
                    .isPositive();
            assertThat(count("blobarena.compaction.files"))
                    .isEqualTo((double) stats.compaction().filesReplaced());
            assertThat(count("blobarena.compaction.read"))
                    .isEqualTo((double) stats.compaction().bytesRead());
            assertThat(count("blobarena.compaction.written"))
                    .isEqualTo((double) stats.compaction().bytesWritten());
            assertThat(count("blobarena.compaction.freed"))
                    .isEqualTo((double) stats.compaction().bytesFreed())
                    .isPositive();
            assertThat(count("blobarena.throttle")).isZero();
        }
    }

    @Test
    void unitsAreThoseOfTheMeters() throws Exception {
        try (BlobStore<Long> store = open("a")) {
            BlobStoreMetrics.monitor(registry, store, "pages");
            Set<String> bytes = registry.getMeters().stream()
                    .filter(meter -> "bytes".equals(meter.getId().getBaseUnit()))
                    .map(meter -> meter.getId().getName())
                    .collect(Collectors.toSet());
            assertThat(bytes)
                    .containsExactlyInAnyOrder(
                            "blobarena.data",
                            "blobarena.data.needed",
                            "blobarena.data.expired",
                            "blobarena.files.size",
                            "blobarena.index.size",
                            "blobarena.written",
                            "blobarena.compaction.read",
                            "blobarena.compaction.written",
                            "blobarena.compaction.freed");
            assertThat(registry.get("blobarena.throttle").meter().getId().getBaseUnit())
                    .isEqualTo("seconds");
            assertThat(registry.getMeters()).allSatisfy(meter -> {
                assertThat(meter.getId().getTags()).containsAll(Tags.of("store", "pages"));
                assertThat(meter.getId().getDescription()).isNotBlank();
            });
        }
    }

    @Test
    void metersOfAClosedStoreAreNotANumberAndCountersStay() throws Exception {
        BlobStore<Long> store = BlobStoreMetrics.monitor(registry, open("a"), "pages");
        fill(store);
        clock.add(SCRAPE);
        double written = count("blobarena.written");
        store.close();
        clock.add(SCRAPE);
        assertThat(registry.find("blobarena.data").gauges()).hasSize(2);
        assertThat(registry.getMeters())
                .filteredOn(Gauge.class::isInstance)
                .allSatisfy(gauge -> assertThat(((Gauge) gauge).value()).isNaN());
        assertThat(count("blobarena.written")).isEqualTo(written).isPositive();
    }

    @Test
    void aScrapeAsksTheStoreOnce() {
        int[] asked = new int[1];
        Figures<Object, Integer> figures = new Figures<>(this, owner -> ++asked[0], clock);
        assertThat(figures.now(Integer::doubleValue)).isEqualTo(1);
        assertThat(figures.last(Integer::doubleValue)).isEqualTo(1);
        clock.add(SCRAPE);
        assertThat(figures.now(Integer::doubleValue)).isEqualTo(2);
        assertThat(asked[0]).isEqualTo(2);
    }

    @Test
    void metersKeepNoStoreFromBeingCollected() throws Exception {
        BlobStore<Long> store = open("a");
        WeakReference<BlobStore<Long>> collected = new WeakReference<>(store);
        BlobStoreMetrics metrics = new BlobStoreMetrics(store, "pages", Tags.empty());
        metrics.bindTo(registry);
        assertThat(gauge("blobarena.keys")).isZero();
        store.close();
        store = null;
        while (collected.get() != null) {
            System.gc();
        }
        assertThat(gauge("blobarena.keys")).isNaN();
        metrics.bindTo(new SimpleMeterRegistry());
    }

    @Test
    void storeThatIsOpenedAgainTakesTheMetersOfTheClosedOne() throws Exception {
        BlobStoreMetrics.monitor(registry, open("a"), "pages").close();
        try (BlobStore<Long> again = BlobStoreMetrics.monitor(registry, open("a"), "pages")) {
            fill(again);
            clock.add(SCRAPE);
            assertThat(gauge("blobarena.keys")).isEqualTo(20);
            assertThat(count("blobarena.written")).isGreaterThan(400_000);
        }
    }

    @Test
    void ofTwoOpenStoresWithOneNameTheFirstIsMeasured() throws Exception {
        try (BlobStore<Long> first = open("a");
                BlobStore<Long> second = open("b")) {
            BlobStoreMetrics metrics = new BlobStoreMetrics(first, "pages", Tags.empty());
            BlobStoreMetrics other = new BlobStoreMetrics(second, "pages", Tags.empty());
            fill(first);
            metrics.bindTo(registry);
            int meters = registry.getMeters().size();
            other.bindTo(registry);
            assertThat(registry.getMeters()).hasSize(meters);
            assertThat(gauge("blobarena.keys")).isEqualTo(20);
            other.close();
            assertThat(registry.getMeters()).hasSize(meters);
            metrics.close();
            assertThat(registry.getMeters()).isEmpty();
            other.bindTo(registry);
            assertThat(gauge("blobarena.keys")).isZero();
        }
    }

    @Test
    void storesOfTwoNamesAreMeasuredBeside() throws Exception {
        try (BlobStore<Long> first = BlobStoreMetrics.monitor(registry, open("a"), "one");
                BlobStore<Long> second = BlobStoreMetrics.monitor(registry, open("b"), "two")) {
            fill(first);
            clock.add(SCRAPE);
            assertThat(gauge("blobarena.keys", "store", "one")).isEqualTo(20);
            assertThat(gauge("blobarena.keys", "store", "two")).isEqualTo((double) second.size());
        }
    }

    @Test
    void registryThatIsClosedFirstLeavesTheStoreAlone() throws Exception {
        try (BlobStore<Long> store = BlobStoreMetrics.monitor(registry, open("a"), "pages")) {
            registry.close();
            fill(store);
            for (Meter meter : registry.getMeters()) {
                meter.measure().forEach(each -> each.getValue());
            }
            assertThat(store.size()).isEqualTo(20);
        }
    }
}
