package org.blobarena.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.infinispan.Cache;
import org.infinispan.commons.CacheConfigurationException;
import org.infinispan.commons.time.ControlledTimeService;
import org.infinispan.commons.time.TimeService;
import org.infinispan.commons.util.IntSets;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.parsing.ConfigurationBuilderHolder;
import org.infinispan.configuration.parsing.ParserRegistry;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.test.TestingUtil;
import org.infinispan.transaction.TransactionMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfinispanUseTest {

    @TempDir
    private Path directory;

    @Test
    void valueOfHundredMegabytesComesBack() {
        byte[] value = new byte[100_000_000];
        for (int i = 0; i < value.length; i += 4096) {
            value[i] = (byte) (i >> 12);
        }
        try (TestNode node = new TestNode(directory)) {
            node.<String, byte[]>cache().put("large", value);
        }
        try (TestNode node = new TestNode(directory)) {
            assertThat(Arrays.equals(node.<String, byte[]>cache().get("large"), value))
                    .isTrue();
        }
    }

    @Test
    void valuesAroundTheLengthThatIsStreamedComeBack() {
        try (TestNode node = new TestNode(directory)) {
            Cache<Integer, byte[]> cache = node.cache();
            for (int i = -2; i <= 2; i++) {
                byte[] value = new byte[Entries.STREAMED_BYTES_MIN + i];
                Arrays.fill(value, (byte) (i + 5));
                cache.put(i, value);
            }
            for (int i = -2; i <= 2; i++) {
                assertThat(cache.get(i)).hasSize(Entries.STREAMED_BYTES_MIN + i).containsOnly(i + 5);
            }
        }
    }

    @Test
    void whatCannotBeMarshalledFailsAloneAndChangesNothing() {
        try (TestNode node = new TestNode(directory)) {
            Cache<Object, Object> cache = node.cache();
            cache.put("a", "b");
            assertThatThrownBy(() -> cache.put(new Unmarshallable(), "c")).isNotNull();
            assertThatThrownBy(() -> cache.put("a", new Unmarshallable())).isNotNull();
            assertThatThrownBy(() -> cache.put("x".repeat(70_000), "c")).isNotNull();
            cache.put("d", "e");
            assertThat(cache.get("a")).isEqualTo("b");
            assertThat(cache.get("d")).isEqualTo("e");
            assertThat(cache).hasSize(2);
        }
    }

    /** Known to no marshaller. */
    private static final class Unmarshallable {}

    @Test
    void listOfKeysThatComeAndGoStaysShort() throws IOException {
        try (TestNode node = new TestNode(
                directory, configuration -> configuration.clustering().hash().numSegments(1))) {
            Cache<String, String> cache = node.cache();
            for (int round = 0; round < 200; round++) {
                for (int i = 0; i < 50; i++) {
                    cache.put("key-" + i, "round " + round);
                }
                for (int i = 10; i < 50; i++) {
                    cache.remove("key-" + i);
                }
            }
            assertThat(cache.keySet().stream().sorted().toList())
                    .containsExactlyElementsOf(Stream.iterate(0, i -> i < 10, i -> i + 1)
                            .map(i -> "key-" + i)
                            .toList());
            assertThat(Files.size(directory.resolve("blobs/blobarena/keys"))).isLessThan(100_000);
        }
    }

    @Test
    void clearWhileOthersWriteLeavesWhatIsWrittenAfterwards() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (TestNode node = new TestNode(directory)) {
            Cache<String, byte[]> cache = node.cache();
            CountDownLatch begun = new CountDownLatch(3);
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < 3; writer++) {
                int number = writer;
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < 600; i++) {
                        cache.put("key-" + number + "-" + i % 100, new byte[i % 2 == 0 ? 100 : 70_000]);
                        begun.countDown();
                    }
                    return null;
                }));
            }
            begun.await();
            for (int i = 0; i < 10; i++) {
                cache.clear();
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            long listed = cache.keySet().stream()
                    .filter(key -> cache.get(key) != null)
                    .count();
            assertThat(cache).hasSize((int) listed);
            cache.clear();
            cache.put("last", new byte[1]);
            assertThat(cache.keySet()).containsExactly("last");
        } finally {
            threads.shutdown();
            assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
        try (Stream<Path> files = Files.list(directory.resolve("blobs/blobarena"))) {
            assertThat(files.map(file -> file.getFileName().toString()).sorted())
                    .containsExactly("blobs", "end", "keys", "lock");
        }
        try (TestNode node = new TestNode(directory)) {
            assertThat(node.<String, byte[]>cache().keySet()).containsExactly("last");
        }
    }

    @Test
    void purgeRemovesWhatHasExpiredAndNothingElse() {
        try (TestNode node = new TestNode(directory)) {
            ControlledTimeService clock = new ControlledTimeService();
            TestingUtil.replaceComponent(node.cacheManager(), TimeService.class, clock, true);
            Cache<String, String> cache = node.cache();
            for (int i = 0; i < 100; i++) {
                cache.put("short-" + i, "a", 10, TimeUnit.SECONDS);
                cache.put("long-" + i, "b", 1000, TimeUnit.SECONDS);
                cache.put("immortal-" + i, "c");
            }
            clock.advance(11_000);
            for (int i = 0; i < 50; i++) {
                cache.put("short-" + i, "again", 10, TimeUnit.SECONDS);
            }
            cache.getAdvancedCache().getExpirationManager().processExpiration();
            BlobArenaStore<String, String> store = TestingUtil.getFirstStore(cache);
            assertThat(approximateSize(store)).isEqualTo(250);
            clock.advance(11_000);
            assertThat(cache.get("short-1")).isNull();
            cache.getAdvancedCache().getExpirationManager().processExpiration();
            assertThat(approximateSize(store)).isEqualTo(200);
            assertThat(cache.get("long-1")).isEqualTo("b");
        }
    }

    private static long approximateSize(BlobArenaStore<String, String> store) {
        return store.approximateSize(IntSets.immutableRangeSet(256))
                .toCompletableFuture()
                .join();
    }

    @Test
    void passivatedEntriesComeBackFromEitherPlace() {
        Consumer<ConfigurationBuilder> passivation = configuration ->
                configuration.memory().maxCount(20).persistence().passivation(true);
        for (int run = 0; run < 2; run++) {
            try (TestNode node = new TestNode(directory, passivation)) {
                Cache<Integer, String> cache = node.cache();
                if (run == 0) {
                    for (int i = 0; i < 200; i++) {
                        cache.put(i, "value-" + i);
                    }
                }
                assertThat(cache).hasSize(200);
                for (int i = 0; i < 200; i++) {
                    assertThat(cache.get(i)).isEqualTo("value-" + i);
                }
            }
        }
    }

    @Test
    void configurationOfXmlIsThatOfTheBuilderAndGoesBack() throws IOException {
        String cache = """
                <local-cache name="blobs">
                  <persistence>
                    <blobarena-store xmlns="urn:blobarena:config:store:1.0" path="%s"
                        durability="buffered" compression="zstd" preload="true"/>
                  </persistence>
                </local-cache>
                """.formatted(directory);
        try (DefaultCacheManager manager = new DefaultCacheManager(parsed(cache), true)) {
            BlobArenaStoreConfiguration store = store(manager);
            assertThat(store.path()).isEqualTo(directory.toString());
            assertThat(store.durability()).isEqualTo(Durability.BUFFERED);
            assertThat(store.compression()).isEqualTo(Compression.ZSTD);
            assertThat(store.preload()).isTrue();
            manager.<String, String>getCache().put("a", "b");
            assertThat(directory.resolve("blobs/blobarena/blobs")).isDirectory();
            String written = manager.getCacheConfiguration("blobs")
                    .toStringConfiguration("blobs")
                    .replaceFirst("<\\?xml.*?>", "");
            try (DefaultCacheManager again = new DefaultCacheManager(parsed(written), false)) {
                assertThat(store(again)).as(written).isEqualTo(store);
            }
        }
    }

    private static ConfigurationBuilderHolder parsed(String cache) {
        return new ParserRegistry()
                .parse("<infinispan><cache-container default-cache=\"blobs\">" + cache
                        + "</cache-container></infinispan>");
    }

    private static BlobArenaStoreConfiguration store(DefaultCacheManager manager) {
        return (BlobArenaStoreConfiguration)
                manager.getCacheConfiguration("blobs").persistence().stores().get(0);
    }

    @Test
    void sharedAndTransactionalStoresAreRefused() {
        assertThatThrownBy(() -> new TestNode(
                        directory,
                        configuration -> configuration
                                .transaction()
                                .transactionMode(TransactionMode.TRANSACTIONAL)
                                .persistence()
                                .stores()
                                .get(0)
                                .transactional(true)))
                .isInstanceOf(CacheConfigurationException.class)
                .hasMessageContaining("transactions");
        ConfigurationBuilder shared = new ConfigurationBuilder();
        shared.clustering().cacheMode(CacheMode.DIST_SYNC);
        shared.persistence()
                .addStore(BlobArenaStoreConfigurationBuilder.class)
                .path(directory)
                .shared(true);
        assertThatThrownBy(shared::build)
                .isInstanceOf(CacheConfigurationException.class)
                .hasMessageContaining("shared");
    }

    @Test
    void removedCacheLeavesNoEntriesAndNoFiles() throws IOException {
        try (TestNode node = new TestNode(directory)) {
            node.<String, String>cache().put("a", "b");
            node.cacheManager().administration().removeCache("blobs");
            try (Stream<Path> files = Files.walk(directory)) {
                assertThat(files).containsExactly(directory);
            }
        }
        try (TestNode node = new TestNode(directory)) {
            assertThat(node.cache()).isEmpty();
            assertThat(node.cache().get("a")).isNull();
        }
    }

    @Test
    void destroyedStoreLeavesNoFiles() throws IOException {
        try (TestNode node = new TestNode(directory)) {
            node.<String, String>cache().put("a", "b");
            BlobArenaStore<String, String> store = TestingUtil.getFirstStore(node.cache());
            store.destroy().toCompletableFuture().join();
        }
        assertThat(directory).isEmptyDirectory();
    }
}
