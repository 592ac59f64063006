package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableConfiguration;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays on disk, where, and what goes. */
class PersistenceTest {

    @TempDir
    private Path directory;

    @Test
    void closedCacheHasItsEntriesWhenItIsCreatedAgain() {
        try (TestManager manager = new TestManager(directory)) {
            manager.texts().put("a", "one");
            manager.texts("b").put("a", "other");
        }
        try (TestManager manager = new TestManager(directory)) {
            assertThat(manager.texts().get("a")).isEqualTo("one");
            assertThat(manager.texts("b").get("a")).isEqualTo("other");
            assertThat(manager.texts("c").get("a")).isNull();
        }
    }

    @Test
    void destroyedCacheLeavesNothing() {
        try (TestManager manager = new TestManager(directory)) {
            manager.texts().put("a", "one");
            assertThat(directory.resolve("texts")).isNotEmptyDirectory();
            manager.manager().destroyCache("texts");
            assertThat(directory.resolve("texts")).doesNotExist();
            assertThat(manager.texts().get("a")).isNull();
        }
    }

    @Test
    void closedCacheCanBeCreatedAgainByItsManager() {
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, String> first = manager.texts();
            first.put("a", "one");
            first.close();
            assertThat(manager.manager().getCache("texts")).isNull();
            assertThatThrownBy(() -> first.get("a")).isInstanceOf(IllegalStateException.class);
            assertThat(manager.texts().get("a")).isEqualTo("one");
        }
    }

    @Test
    void killedProcessLeavesWhatItHadPut() throws Exception {
        int number = 0;
        try (ChildJvm child = ChildJvm.start(ChildJvm.classPath(), List.of(), JCacheKilledProgram.class, directory)) {
            for (; number < 500; number++) {
                assertThat(child.readLine()).as(child.errors()).isEqualTo(String.valueOf(number));
            }
            child.kill();
        }
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, String> texts = manager.texts();
            for (int i = 0; i < number; i++) {
                assertThat(texts.get("key-" + i)).isEqualTo(JCacheKilledProgram.value(i));
            }
        }
    }

    @Test
    void secondManagerOfADirectoryIsToldThatTheCacheIsOpen() {
        try (TestManager manager = new TestManager(directory);
                TestManager second = new TestManager(directory)) {
            manager.texts().put("a", "one");
            assertThatThrownBy(second::texts)
                    .isInstanceOf(CacheException.class)
                    .hasMessageContaining("texts")
                    .hasMessageContaining("open already, by another manager or process");
            assertThat(second.manager().getCacheNames()).isEmpty();
            manager.manager().close();
            assertThat(second.texts().get("a")).isEqualTo("one");
        }
    }

    @Test
    void directoryOfSomethingElseIsRefusedAndStays() throws Exception {
        Path file = Files.writeString(
                Files.createDirectories(directory.resolve("texts")).resolve("mine"), "x");
        try (TestManager manager = new TestManager(directory)) {
            assertThatThrownBy(manager::texts).isInstanceOf(CacheException.class);
        }
        assertThat(file).hasContent("x");
    }

    @Test
    void uriOfADirectoryAndItsPropertiesSayWhereAndHowMuch() throws Exception {
        Properties properties = new Properties();
        properties.setProperty(BlobCachingProvider.MAXIMUM_BYTES, String.valueOf(10L << 20));
        properties.setProperty(
                BlobCachingProvider.DIRECTORY, directory.resolve("root").toString());
        BlobCachingProvider provider = new BlobCachingProvider();
        CacheManager byUri = provider.getCacheManager(directory.resolve("own").toUri(), null, properties);
        CacheManager byName = provider.getCacheManager(provider.getDefaultURI(), null, properties);
        CacheManager ofLoader = provider.getCacheManager(
                provider.getDefaultURI(), new ClassLoader("app", getClass().getClassLoader()) {}, properties);
        for (CacheManager manager : List.of(byUri, byName, ofLoader)) {
            manager.createCache("../c", new MutableConfiguration<>()).put("a", "b");
        }
        assertThat(folders(directory))
                .containsExactlyInAnyOrder(
                        "own/%2E.%2Fc", "root/blobarena%3Adefault/%2E.%2Fc", "root/blobarena%3Adefault@app/%2E.%2Fc");
        provider.close();
        assertThat(byUri.isClosed()).isTrue();
    }

    /** Those that hold files. */
    private static List<String> folders(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file.getParent()).toString())
                    .distinct()
                    .toList();
        }
    }

    @Test
    void cacheStaysWithinItsBoundAsDuSeesIt() throws Exception {
        Path own = directory.resolve("elsewhere");
        try (TestManager manager = new TestManager(directory)) {
            Cache<Long, byte[]> cache = manager.create(
                    "any",
                    new BlobCacheConfiguration<Long, byte[]>()
                            .setMaximumBytes(8L << 20)
                            .setDirectory(own)
                            .setKeyCodec(KeyCodec::longs)
                            .setValueCodec(ValueCodec::bytes)
                            .setStatisticsEnabled(true));
            long found = 0;
            for (long key = 0; key < 3000; key++) {
                cache.put(key, new byte[10_000]);
                found += cache.containsKey(key) ? 1 : 0;
                if (key % 500 == 499) {
                    assertThat(diskBytes(own)).isBetween(4L << 20, 9L << 20);
                }
            }
            assertThat(found).isEqualTo(3000);
            assertThat(cache.containsKey(0L)).isFalse();
            JCache<?, ?> inside = cache.unwrap(JCache.class);
            assertThat(inside.statistics().getCacheEvictions()).isGreaterThan(2000);
        }
        assertThat(diskBytes(own)).isLessThanOrEqualTo(8L << 20);
    }

    private static long diskBytes(Path directory) throws Exception {
        Process du = new ProcessBuilder("du", "-s", "-k", directory.toString()).start();
        String line = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(line.substring(0, line.indexOf('\t'))) << 10;
    }
}
