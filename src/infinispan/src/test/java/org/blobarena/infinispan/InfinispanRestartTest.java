package org.blobarena.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.testing.ChildJvm;
import org.infinispan.Cache;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.container.entries.CacheEntry;
import org.infinispan.manager.DefaultCacheManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InfinispanRestartTest {

    private static final int ENTRIES = 2000;

    @TempDir
    private Path directory;

    @Test
    void entriesAreThereAfterARestartWithTheirMetadata() {
        long created;
        try (TestNode node = new TestNode(directory)) {
            Cache<String, String> cache = node.cache();
            cache.put("for ever", "a");
            cache.put("for an hour", "b", 1, TimeUnit.HOURS);
            cache.evict("for an hour"); // What is in memory has been created at a moment of its own.
            created = entry(cache, "for an hour").getCreated();
        }
        try (TestNode node = new TestNode(directory)) {
            Cache<String, String> cache = node.cache();
            assertThat(entry(cache, "for ever").getLifespan()).isEqualTo(-1);
            CacheEntry<String, String> mortal = entry(cache, "for an hour");
            assertThat(mortal.getValue()).isEqualTo("b");
            assertThat(mortal.getLifespan()).isEqualTo(TimeUnit.HOURS.toMillis(1));
            assertThat(mortal.getCreated()).isEqualTo(created).isPositive();
            assertThat(cache).hasSize(2);
        }
    }

    private static CacheEntry<String, String> entry(Cache<String, String> cache, String key) {
        return cache.getAdvancedCache().getCacheEntry(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"segments 256 to 31", "segments to none", "none to segments", "none to none"})
    void entriesAreFoundAndListedAfterSegmentsHaveChanged(String change) {
        Consumer<ConfigurationBuilder> none =
                configuration -> configuration.persistence().stores().get(0).segmented(false);
        Consumer<ConfigurationBuilder> many = configuration -> {};
        Consumer<ConfigurationBuilder> few =
                configuration -> configuration.clustering().hash().numSegments(31);
        try (TestNode node = new TestNode(directory, change.startsWith("none") ? none : many)) {
            fill(node.cache());
        }
        Consumer<ConfigurationBuilder> after = change.endsWith("31") ? few : change.endsWith("none") ? none : many;
        for (int restart = 0; restart < 2; restart++) {
            try (TestNode node = new TestNode(directory, after)) {
                assertHasAll(node.cache());
            }
        }
    }

    @Test
    void entriesAreCountedAfterTheMarkOfTheEndIsGone() throws IOException {
        try (TestNode node = new TestNode(directory)) {
            fill(node.cache());
        }
        Files.delete(directory.resolve("blobs/blobarena/end"));
        try (TestNode node = new TestNode(directory)) {
            assertHasAll(node.cache());
        }
    }

    @Test
    void entriesThatAnotherProgramHasTakenAreNotCounted() throws IOException {
        try (TestNode node = new TestNode(directory)) {
            fill(node.cache());
        }
        try (BlobStore<byte[]> blobs = BlobStore.open(directory.resolve("blobs/blobarena/blobs"), KeyCodec.bytes())) {
            byte[] first = blobs.keys()
                    .filter(key -> key.length > SegmentedBlobs.PREFIX_BYTES)
                    .findFirst()
                    .orElseThrow();
            blobs.remove(first);
        }
        try (TestNode node = new TestNode(directory)) {
            assertThat(node.cache()).hasSize(ENTRIES - 1);
            assertThat(node.cache().keySet().stream().count()).isEqualTo(ENTRIES - 1);
        }
    }

    @Test
    void processThatIsKilledKeepsWhatItHasAcknowledged() throws Exception {
        Path stores = Files.createDirectory(directory.resolve("stores"));
        int acknowledged;
        try (ChildJvm child = ChildJvm.start(ChildJvm.classPath(), List.of(), KilledCacheProgram.class, stores)) {
            child.awaitLine("1500");
            child.kill();
            acknowledged = 1500;
            for (String line = child.readLine(); line != null; line = child.readLine()) {
                acknowledged = Integer.parseInt(line);
            }
        }
        Map<String, Integer> last = new HashMap<>();
        for (int step = 0; step <= acknowledged; step++) {
            last.put(KilledCacheProgram.key(step), step);
        }
        String inFlight = KilledCacheProgram.key(acknowledged + 1);
        last.remove(inFlight);
        try (TestNode node = new TestNode(stores)) {
            Cache<String, byte[]> cache = node.cache();
            long present = cache.containsKey(inFlight) ? 1 : 0;
            for (Map.Entry<String, Integer> expected : last.entrySet()) {
                int step = expected.getValue();
                byte[] value = KilledCacheProgram.isRemoval(step) ? null : KilledCacheProgram.value(step);
                assertThat(cache.get(expected.getKey())).as(expected.getKey()).isEqualTo(value);
                present += value == null ? 0 : 1;
            }
            assertThat(cache).hasSize((int) present);
            assertThat(cache.keySet().stream().count()).isEqualTo(present);
        }
    }

    @Test
    void directoryIsForOneStoreAtATime() {
        try (TestNode node = new TestNode(directory)) {
            node.<String, String>cache().put("a", "b");
            DefaultCacheManager second = TestNode.manager();
            try {
                second.defineConfiguration("blobs", node.cache().getCacheConfiguration());
                assertThatThrownBy(() -> second.getCache("blobs"))
                        .hasStackTraceContaining("needs a directory of its own");
            } finally {
                second.stop();
            }
            assertThat(node.cache().get("a")).isEqualTo("b");
        }
        try (TestNode node = new TestNode(directory)) {
            assertThat(node.cache().get("a")).isEqualTo("b");
        }
    }

    @Test
    void storeOfAnotherProgramIsRefusedAndStays() throws IOException {
        Path foreign = directory.resolve("blobs/blobarena/blobs");
        try (BlobStore<String> blobs = BlobStore.open(foreign, KeyCodec.utf8())) {
            blobs.put("a", new byte[] {1});
        }
        try (TestNode node = new TestNode(
                directory,
                configuration -> configuration.persistence().stores().get(0).purgeOnStartup(true))) {
            assertThatThrownBy(node::cache).hasStackTraceContaining("not of Infinispan");
        }
        try (BlobStore<String> blobs = BlobStore.open(foreign, KeyCodec.utf8())) {
            assertThat(blobs.get("a")).containsExactly(1);
        }
    }

    @Test
    void purgeOnStartUpLeavesNothing() {
        try (TestNode node = new TestNode(directory)) {
            fill(node.cache());
        }
        try (TestNode node = new TestNode(
                directory,
                configuration -> configuration.persistence().stores().get(0).purgeOnStartup(true))) {
            assertThat(node.cache()).isEmpty();
            assertThat(node.cache().get("key-1")).isNull();
        }
    }

    private static void fill(Cache<String, String> cache) {
        Map<String, String> entries = new HashMap<>();
        for (int i = 0; i < ENTRIES; i++) {
            entries.put("key-" + i, "value-" + i);
        }
        cache.putAll(entries);
    }

    private static void assertHasAll(Cache<String, String> cache) {
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(cache.get("key-" + i)).isEqualTo("value-" + i);
        }
        assertThat(cache).hasSize(ENTRIES);
        assertThat(cache.keySet().stream().count()).isEqualTo(ENTRIES);
    }
}
