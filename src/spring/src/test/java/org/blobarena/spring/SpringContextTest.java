package org.blobarena.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A context of Spring whose methods are cached by annotations. */
class SpringContextTest {

    @TempDir
    private Path directory;

    /** The application. */
    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Application {

        @Bean
        BlobArenaCacheManager cacheManager(Path where) throws IOException {
            return BlobArenaCacheManager.builder()
                    .settings(TestCaches.settings())
                    .open(where);
        }

        @Bean
        Prices prices() {
            return new Prices();
        }
    }

    /** Something that takes long, so that a cache is worth it. */
    static class Prices {

        private final AtomicInteger calls = new AtomicInteger();
        private final CountDownLatch loading = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        @Cacheable("prices")
        public String price(String article, int number) {
            return number + " " + article + " at call " + calls.incrementAndGet();
        }

        @Cacheable(cacheNames = "prices", sync = true)
        public String loadedOnce(String article) {
            return article + " at call " + calls.incrementAndGet();
        }

        @Cacheable(cacheNames = "prices", sync = true)
        public String failing(String article) throws IOException {
            calls.incrementAndGet();
            throw new IOException("no price for " + article);
        }

        @Cacheable("prices")
        public String unknown(long id) {
            calls.incrementAndGet();
            return null;
        }

        @Cacheable("prices")
        public CompletableFuture<String> later(String article) {
            return CompletableFuture.supplyAsync(() -> article + " later at call " + calls.incrementAndGet());
        }

        @CachePut(cacheNames = "prices", key = "#article")
        public String change(String article, String price) {
            return price;
        }

        @CacheEvict(cacheNames = "prices", key = "#article")
        public void remove(String article) {}

        @CacheEvict(cacheNames = "prices", key = "#article", beforeInvocation = true)
        public void removeAndFail(String article) {
            throw new IllegalStateException("fails after the eviction");
        }

        @CacheEvict(cacheNames = "prices", key = "#article")
        public void failAndKeep(String article) {
            throw new IllegalStateException("fails before the eviction");
        }

        @CacheEvict(cacheNames = "prices", allEntries = true)
        public void removeAll() {}

        @CacheEvict(cacheNames = "prices", allEntries = true, beforeInvocation = true)
        public void removeAllAndFail() {
            throw new IllegalStateException("fails after the eviction");
        }

        @Cacheable(cacheNames = "prices", sync = true)
        public String slow(String article) throws InterruptedException {
            loading.countDown();
            closed.await();
            return article + " loaded while the context was closed";
        }

        public CountDownLatch loading() {
            return loading;
        }

        public CountDownLatch closed() {
            return closed;
        }

        public int calls() {
            return calls.get();
        }
    }

    private AnnotationConfigApplicationContext start() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(Path.class, () -> directory);
        context.register(Application.class);
        context.refresh();
        return context;
    }

    @Test
    void resultsAreKeptOverARestartOfTheContext() {
        try (AnnotationConfigApplicationContext context = start()) {
            assertThat(context.getBean(CacheManager.class)).isInstanceOf(BlobArenaCacheManager.class);
            Prices prices = context.getBean(Prices.class);
            assertThat(prices.price("apples", 3)).isEqualTo("3 apples at call 1");
            assertThat(prices.price("apples", 3)).isEqualTo("3 apples at call 1");
            assertThat(prices.price("apples", 4)).isEqualTo("4 apples at call 2");
            assertThat(prices.unknown(7)).isNull();
            assertThat(prices.unknown(7)).isNull();
            assertThat(prices.calls()).isEqualTo(3);
        }
        try (AnnotationConfigApplicationContext context = start()) {
            Prices prices = context.getBean(Prices.class);
            assertThat(prices.price("apples", 3)).isEqualTo("3 apples at call 1");
            assertThat(prices.price("apples", 4)).isEqualTo("4 apples at call 2");
            assertThat(prices.unknown(7)).isNull();
            assertThat(prices.calls()).isZero();
        }
    }

    @Test
    void syncLoadsOnceForManyThreads() {
        try (AnnotationConfigApplicationContext context = start()) {
            Prices prices = context.getBean(Prices.class);
            CountDownLatch begun = new CountDownLatch(4);
            CompletableFuture<?>[] all = new CompletableFuture<?>[4];
            for (int i = 0; i < all.length; i++) {
                all[i] = CompletableFuture.runAsync(
                        () -> {
                            begun.countDown();
                            assertThat(prices.loadedOnce("pears")).isEqualTo("pears at call 1");
                        },
                        task -> new Thread(task).start());
            }
            CompletableFuture.allOf(all).join();
            assertThat(begun.getCount()).isZero();
            assertThat(prices.calls()).isEqualTo(1);
        }
    }

    @Test
    void exceptionOfAMethodReachesItsCallerAsItIs() {
        try (AnnotationConfigApplicationContext context = start()) {
            Prices prices = context.getBean(Prices.class);
            for (int i = 1; i <= 2; i++) {
                assertThatThrownBy(() -> prices.failing("plums"))
                        .isInstanceOf(IOException.class)
                        .hasMessage("no price for plums");
                assertThat(prices.calls()).isEqualTo(i);
            }
        }
    }

    @Test
    void methodsThatReturnFuturesAreCached() {
        try (AnnotationConfigApplicationContext context = start()) {
            Prices prices = context.getBean(Prices.class);
            assertThat(prices.later("figs").join()).isEqualTo("figs later at call 1");
        }
        try (AnnotationConfigApplicationContext context = start()) {
            Prices prices = context.getBean(Prices.class);
            assertThat(prices.later("figs").join()).isEqualTo("figs later at call 1");
            assertThat(prices.calls()).isZero();
        }
    }

    @Test
    void putsAndEvictionsByAnnotations() {
        try (AnnotationConfigApplicationContext context = start()) {
            Prices prices = context.getBean(Prices.class);
            prices.change("nuts", "5");
            assertThat(prices.loadedOnce("nuts")).isEqualTo("5");
            assertThatThrownBy(() -> prices.failAndKeep("nuts")).isInstanceOf(IllegalStateException.class);
            assertThat(prices.loadedOnce("nuts")).isEqualTo("5");
            assertThatThrownBy(() -> prices.removeAndFail("nuts")).isInstanceOf(IllegalStateException.class);
            assertThat(prices.loadedOnce("nuts")).isEqualTo("nuts at call 1");
            prices.remove("nuts");
            assertThat(prices.loadedOnce("nuts")).isEqualTo("nuts at call 2");
            assertThat(prices.price("nuts", 1)).isEqualTo("1 nuts at call 3");
            prices.removeAll();
            assertThat(prices.loadedOnce("nuts")).isEqualTo("nuts at call 4");
            assertThat(prices.price("nuts", 1)).isEqualTo("1 nuts at call 5");
            assertThatThrownBy(prices::removeAllAndFail).isInstanceOf(IllegalStateException.class);
            assertThat(prices.loadedOnce("nuts")).isEqualTo("nuts at call 6");
        }
    }

    @Test
    void contextThatIsClosedWhileAMethodRunsClosesTheManagerAndTheMethodReturns() throws Exception {
        AnnotationConfigApplicationContext context = start();
        Prices prices = context.getBean(Prices.class);
        BlobArenaCacheManager manager = context.getBean(BlobArenaCacheManager.class);
        CompletableFuture<String> load = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return prices.slow("dates");
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
        prices.loading().await();
        context.close();
        prices.closed().countDown();
        assertThat(load.get()).isEqualTo("dates loaded while the context was closed");
        assertThatThrownBy(() -> manager.getCache("prices")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> prices.loadedOnce("dates"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }
}
