package org.blobarena.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.CacheAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cache.Cache;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.CachingConfigurer;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.cache.support.SimpleCacheManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** A cache on a device that is full, or fails. */
class SpringFailureTest {

    private static final byte[] VALUE = new byte[10_000];

    @TempDir
    private Path directory;

    private final AtomicReference<FailingDirectory> device = new AtomicReference<>();
    private BlobCache<byte[]> blobs;
    private BlobArenaCache cache;

    @BeforeEach
    void open() throws IOException {
        BlobArenaCacheSettings settings = TestCaches.settings();
        blobs = CacheAccess.failing(BlobCache.builder(KeyCodec.bytes()), device)
                .maximumBytes(TestCaches.MAXIMUM_BYTES)
                .durability(Durability.FORCED)
                .open(directory.resolve("cache"));
        cache = new BlobArenaCache(
                TestCaches.NAME,
                blobs,
                settings.stored(TestCaches.NAME, getClass().getClassLoader()),
                settings);
    }

    @AfterEach
    void close() throws IOException {
        device.get().freeSpace();
        device.get().setForcesFail(false);
        try {
            blobs.close();
        } catch (IOException e) {
            assertThat(e).hasStackTraceContaining("Input/output error"); // What could not be forced is said again.
        }
    }

    private void fill() throws IOException {
        cache.put("before", VALUE);
        device.get().setFreeBytes(0);
    }

    @Test
    void fullDeviceTakesNoValueAndEveryCallReturnsAllTheSame() throws IOException {
        fill();
        cache.put("a", VALUE);
        assertThat(cache.get("a")).isNull();
        assertThat(cache.putIfAbsent("a", VALUE)).isNull();
        assertThat(cache.get("a")).isNull();
        byte[] loaded = cache.get("a", () -> VALUE);
        assertThat(loaded).isSameAs(VALUE);
        CompletableFuture<byte[]> later = cache.retrieve("a", () -> CompletableFuture.completedFuture(VALUE));
        assertThat(later.join()).isSameAs(VALUE);
        assertThat(cache.get("a")).isNull();
        assertThat(cache.get("before", byte[].class)).isEqualTo(VALUE);
        device.get().freeSpace();
        cache.put("a", VALUE);
        assertThat(cache.get("a", byte[].class)).isEqualTo(VALUE);
    }

    @Test
    void whatAFullDeviceCannotReplaceIsGone() throws IOException {
        fill();
        cache.put("before", "after");
        assertThat(cache.get("before")).isNull();
    }

    @Test
    void keysAreEvictedFromAFullDevice() throws IOException {
        fill();
        cache.evict("before");
        assertThat(cache.get("before")).isNull();
        cache.clear();
        assertThat(cache.invalidate()).isFalse();
    }

    @Test
    void failureOfTheDeviceIsThrownByWritesAndHidesNoValue() {
        cache.put("before", VALUE);
        device.get().setForcesFail(true);
        for (int i = 0; i < 2; i++) { // The second time, the store refuses writes.
            assertThatThrownBy(() -> cache.put("a", VALUE)).isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> cache.putIfAbsent("b", VALUE)).isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> cache.evict("c-" + cache.get("before", byte[].class).length))
                    .isInstanceOf(UncheckedIOException.class);
            byte[] loaded = cache.get("loaded-" + i, () -> VALUE);
            assertThat(loaded).isSameAs(VALUE);
            String key = "later-" + i;
            CompletableFuture<byte[]> later = cache.retrieve(key, () -> CompletableFuture.completedFuture(VALUE));
            assertThat(later.join()).isSameAs(VALUE);
        }
    }

    // ---- as an application sees it

    /** With a handler that Spring asks what to do about failures of the cache. */
    @EnableCaching
    static class Application implements CachingConfigurer {

        private final BlobArenaCache cache;
        private final List<String> failures = new ArrayList<>();

        Application(BlobArenaCache cache) {
            this.cache = cache;
        }

        @Override
        public SimpleCacheManager cacheManager() {
            SimpleCacheManager manager = new SimpleCacheManager();
            manager.setCaches(List.of(cache));
            manager.initializeCaches();
            return manager;
        }

        @Override
        public CacheErrorHandler errorHandler() {
            return new CacheErrorHandler() {
                @Override
                public void handleCacheGetError(RuntimeException failure, Cache failed, Object key) {
                    failures.add("get " + key);
                }

                @Override
                public void handleCachePutError(RuntimeException failure, Cache failed, Object key, Object value) {
                    failures.add("put " + key);
                }

                @Override
                public void handleCacheEvictError(RuntimeException failure, Cache failed, Object key) {
                    failures.add("evict " + key);
                }

                @Override
                public void handleCacheClearError(RuntimeException failure, Cache failed) {
                    failures.add("clear");
                }
            };
        }
    }

    /** What is cached. */
    static class Prices {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable(TestCaches.NAME)
        public String price(String article) {
            return article + " at call " + calls.incrementAndGet();
        }

        @Cacheable(cacheNames = TestCaches.NAME, sync = true)
        public String loadedOnce(String article) {
            return article + " at call " + calls.incrementAndGet();
        }

        @CachePut(cacheNames = TestCaches.NAME, key = "#article")
        public String change(String article, String price) {
            return price;
        }

        @CacheEvict(cacheNames = TestCaches.NAME, key = "#article")
        public void remove(String article) {}

        @CacheEvict(cacheNames = TestCaches.NAME, allEntries = true)
        public void removeAll() {}
    }

    @Test
    void errorHandlerIsToldAndMethodsReturnWhateverTheDeviceDoes() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            Application application = new Application(cache);
            context.registerBean(Application.class, () -> application);
            context.registerBean(Prices.class, Prices::new);
            context.refresh();
            Prices prices = context.getBean(Prices.class);
            assertThat(prices.price("kept")).isEqualTo("kept at call 1");
            device.get().setForcesFail(true);
            assertThat(prices.price("a")).isEqualTo("a at call 2");
            assertThat(prices.change("b", "2")).isEqualTo("2");
            prices.remove("kept");
            prices.removeAll();
            assertThat(prices.loadedOnce("c")).isEqualTo("c at call 3");
            assertThat(application.failures).contains("put a", "put b", "evict kept");
            device.get().setFreeBytes(0);
            assertThat(prices.price("d")).isEqualTo("d at call 4");
        }
    }
}
