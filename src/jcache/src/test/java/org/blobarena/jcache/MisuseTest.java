package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheWriter;
import org.blobarena.store.api.ValueCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told who asks for what cannot be. */
class MisuseTest {

    @TempDir
    private Path directory;

    @Test
    void storingByReferenceIsRefused() {
        try (TestManager manager = new TestManager(directory)) {
            assertThatThrownBy(() -> manager.create("c", new MutableConfiguration<>().setStoreByValue(false)))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("by value");
        }
    }

    @Test
    void boundsThatAreNoneAreRefused() {
        BlobCacheConfiguration<String, String> configuration = new BlobCacheConfiguration<>();
        assertThatThrownBy(() -> configuration.setMaximumBytes(1000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> configuration.setSerialFilter("a b;;=")).isInstanceOf(IllegalArgumentException.class);
        Properties properties = new Properties();
        properties.setProperty(BlobCachingProvider.MAXIMUM_BYTES, "1 GB");
        assertThatThrownBy(() -> new BlobCachingProvider().getCacheManager(directory.toUri(), null, properties))
                .isInstanceOf(CacheException.class)
                .hasMessageContaining("1 GB");
    }

    @Test
    void factoryThatFailsLeavesTheCacheClosedSoThatItCanBeCreated() {
        try (TestManager manager = new TestManager(directory)) {
            MutableConfiguration<String, String> failing =
                    new MutableConfiguration<String, String>().setExpiryPolicyFactory(MisuseTest::fail);
            assertThatThrownBy(() -> manager.create("texts", failing)).hasMessage("no policy");
            manager.texts().put("a", "one");
        }
    }

    private static ExpiryPolicy fail() {
        throw new IllegalStateException("no policy");
    }

    @Test
    void valueThatIsTooLargeIsRefusedAndWhatItReplacesGoes() {
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, byte[]> cache =
                    manager.create("c", new BlobCacheConfiguration<String, byte[]>().setValueCodec(ValueCodec::bytes));
            cache.put("a", new byte[10]);
            cache.put("b", new byte[10]);
            assertThatThrownBy(() -> cache.put("a", new byte[8 << 20]))
                    .isInstanceOf(CacheException.class)
                    .hasMessageContaining("cannot be stored");
            assertThat(cache.get("a")).isNull();
            assertThat(cache.get("b")).hasSize(10);
        }
    }

    @Test
    void valueThatIsLoadedAndTooLargeIsReturnedAndNotStored() {
        AtomicInteger loads = new AtomicInteger();
        CacheLoader<String, byte[]> loader = new LargeLoader(loads);
        try (TestManager manager = new TestManager(directory)) {
            BlobCacheConfiguration<String, byte[]> configuration =
                    new BlobCacheConfiguration<String, byte[]>().setValueCodec(ValueCodec::bytes);
            configuration.setReadThrough(true).setCacheLoaderFactory(() -> loader);
            Cache<String, byte[]> cache = manager.create("c", configuration);
            assertThat(cache.get("a")).hasSize(8 << 20);
            assertThat(cache.getAll(Set.of("a")).get("a")).hasSize(8 << 20);
            assertThat(loads).hasValue(2);
            assertThat(cache.containsKey("a")).isFalse();
        }
    }

    /** Loads what no file of a small cache can hold. */
    private record LargeLoader(AtomicInteger loads) implements CacheLoader<String, byte[]> {

        @Override
        public byte[] load(String key) {
            loads.incrementAndGet();
            return new byte[8 << 20];
        }

        @Override
        public Map<String, byte[]> loadAll(Iterable<? extends String> keys) {
            return Map.of("a", load(keys.iterator().next()));
        }
    }

    @Test
    void writerThatFailsChangesNothing() {
        CacheWriter<String, String> writer = new RefusingWriter();
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, String> cache = manager.create(
                    "c",
                    new MutableConfiguration<String, String>()
                            .setWriteThrough(true)
                            .setCacheWriterFactory(() -> writer));
            cache.put("a", "one");
            assertThatThrownBy(() -> cache.put("a", "refused")).hasRootCauseMessage("refused");
            assertThatThrownBy(() -> cache.putAll(Map.of("a", "refused", "b", "two")))
                    .hasRootCauseMessage("refused");
            assertThatThrownBy(() -> cache.remove("a")).hasRootCauseMessage("a stays");
            assertThat(cache.get("a")).isEqualTo("one");
            assertThat(cache.get("b")).isEqualTo("two");
        }
    }

    /** Refuses the value of that name, and to delete. */
    private static final class RefusingWriter implements CacheWriter<String, String> {

        @Override
        public void write(Cache.Entry<? extends String, ? extends String> entry) {
            if (entry.getValue().equals("refused")) {
                throw new IllegalStateException("refused");
            }
        }

        @Override
        public void writeAll(Collection<Cache.Entry<? extends String, ? extends String>> entries) {
            entries.removeIf(entry -> !entry.getValue().equals("refused"));
            entries.forEach(this::write);
        }

        @Override
        public void delete(Object key) {
            throw new IllegalStateException(key + " stays");
        }

        @Override
        public void deleteAll(Collection<?> keys) {
            keys.forEach(this::delete);
        }
    }

    @Test
    void everythingIsRefusedOnceItIsClosed() {
        AtomicReference<Cache<String, String>> cache = new AtomicReference<>();
        Iterator<Cache.Entry<String, String>> iterator;
        try (TestManager manager = new TestManager(directory)) {
            cache.set(manager.texts());
            cache.get().put("a", "one");
            iterator = cache.get().iterator();
            assertThatThrownBy(iterator::remove).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(iterator::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.get().put("a", "two")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.get().loadAll(Set.of(), true, null)).isInstanceOf(IllegalStateException.class);
        cache.get().close();
    }
}
