package org.blobarena.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cache.Cache;

/** Loads by several threads and by futures. */
class SpringThreadsTest {

    private static final int THREADS = 8;

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private BlobArenaCacheManager manager;
    private BlobArenaCache cache;

    @BeforeEach
    void open() {
        manager = TestCaches.open(directory, TestCaches.settings().executor(threads));
        cache = TestCaches.cache(manager);
    }

    @AfterEach
    void close() {
        manager.close();
        threads.shutdown();
    }

    @Test
    void ofManyThreadsOneLoads() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(THREADS);
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            results.add(threads.submit(() -> {
                begun.countDown();
                return cache.get("key", () -> {
                    begun.await();
                    return calls.incrementAndGet();
                });
            }));
        }
        for (Future<Integer> result : results) {
            assertThat(result.get()).isEqualTo(1);
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void failureOfALoadReachesAllWhoWaitForIt() throws Exception {
        Exception failure = new Exception("fails");
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch waiting = new CountDownLatch(1);
        Future<Object> first = threads.submit(() -> cache.get("key", () -> {
            loading.countDown();
            waiting.await();
            throw failure;
        }));
        loading.await();
        Future<Object> second = threads.submit(() -> {
            waiting.countDown();
            return cache.get("key", () -> {
                throw failure; // If the first had failed before this one began to wait.
            });
        });
        for (Future<Object> result : List.of(first, second)) {
            assertThatThrownBy(result::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(Cache.ValueRetrievalException.class)
                    .hasCause(failure);
        }
    }

    @Test
    void whatWasLoadedBeforeAPutOrAnEvictionIsNotStoredAfterIt() throws Exception {
        for (Runnable write : List.<Runnable>of(
                () -> cache.evict("key"), () -> cache.put("key", "put"), cache::clear, () -> cache.invalidate())) {
            cache.clear();
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch written = new CountDownLatch(1);
            Future<String> load = threads.submit(() -> cache.get("key", () -> {
                loading.countDown();
                written.await();
                return "outdated";
            }));
            loading.await();
            write.run();
            written.countDown();
            assertThat(load.get()).isEqualTo("outdated");
            assertThat(cache.get("key", String.class)).isNotEqualTo("outdated");
        }
    }

    @Test
    void futureHasWhatIsThere() throws Exception {
        assertThat(cache.retrieve("key").get()).isNull();
        cache.put("key", "value");
        assertThat(((Cache.ValueWrapper) cache.retrieve("key").get()).get()).isEqualTo("value");
        cache.put("key", null);
        assertThat(((Cache.ValueWrapper) cache.retrieve("key").get()).get()).isNull();
        assertThat(cache.retrieve("key", () -> CompletableFuture.completedFuture("loaded"))
                        .get())
                .isNull();
    }

    @Test
    void ofManyFuturesOneLoadsAndNoneEndsThatOfAnother() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<String> source = new CompletableFuture<>();
        List<CompletableFuture<String>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            results.add(cache.retrieve("key", () -> {
                calls.incrementAndGet();
                return source;
            }));
        }
        results.get(0).cancel(true);
        results.get(1).complete("another's");
        source.complete("loaded");
        for (CompletableFuture<String> result : results.subList(2, THREADS)) {
            assertThat(result.get()).isEqualTo("loaded");
        }
        assertThat(calls).hasValue(1);
        assertThat(cache.get("key").get()).isEqualTo("loaded");
        assertThat(cache.retrieve("key", () -> new CompletableFuture<>()).get()).isEqualTo("loaded");
    }

    @Test
    void failureOfAFutureReachesItsCallersAndTheNextOneLoadsAgain() throws Exception {
        Exception failure = new Exception("fails");
        assertThatThrownBy(() -> cache.retrieve("key", () -> CompletableFuture.failedFuture(failure))
                        .get())
                .isInstanceOf(ExecutionException.class)
                .hasCause(failure);
        IllegalStateException thrown = new IllegalStateException("no future at all");
        assertThatThrownBy(() -> cache.retrieve("key", () -> {
                            throw thrown;
                        })
                        .get())
                .isInstanceOf(ExecutionException.class)
                .hasCause(thrown);
        assertThatThrownBy(() -> cache.retrieve("key", () -> CompletableFuture.completedFuture(new Object()))
                        .get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(cache.get("key")).isNull();
        assertThat(cache.retrieve("key", () -> CompletableFuture.completedFuture("loaded"))
                        .get())
                .isEqualTo("loaded");
    }

    @Test
    void whatAFutureLoadedBeforeAPutOrAnEvictionIsNotStoredAfterIt() throws Exception {
        for (Runnable write : List.<Runnable>of(
                () -> cache.evict("key"),
                () -> cache.put("key", "put"),
                () -> cache.putIfAbsent("key", "put"),
                cache::clear,
                cache::invalidate)) {
            cache.clear();
            CountDownLatch loading = new CountDownLatch(1);
            CompletableFuture<String> source = new CompletableFuture<>();
            CompletableFuture<String> load = cache.retrieve("key", () -> {
                loading.countDown();
                return source;
            });
            loading.await();
            write.run();
            source.complete("outdated");
            assertThat(load.get()).isEqualTo("outdated");
            assertThat(cache.get("key", String.class)).isNotEqualTo("outdated");
        }
    }

    @Test
    void executorThatTakesNothingFailsTheFutureAndNotTheNextLoad() throws Exception {
        AtomicInteger tasks = new AtomicInteger();
        BlobArenaCacheSettings settings = TestCaches.settings().executor(task -> {
            if (tasks.getAndIncrement() == 0) {
                throw new RejectedExecutionException("full");
            }
            task.run();
        });
        try (BlobArenaCacheManager other = TestCaches.open(directory.resolve("other"), settings)) {
            BlobArenaCache refusing = TestCaches.cache(other);
            assertThatThrownBy(() -> refusing.retrieve("key", () -> CompletableFuture.completedFuture("a"))
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RejectedExecutionException.class);
            assertThat(refusing.retrieve("key", () -> CompletableFuture.completedFuture("b"))
                            .get())
                    .isEqualTo("b");
        }
    }

    @Test
    void ofManyThreadsOnePutsIfAbsent() throws Exception {
        CountDownLatch begun = new CountDownLatch(THREADS);
        List<Future<Cache.ValueWrapper>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int mine = i;
            results.add(threads.submit(() -> {
                begun.countDown();
                begun.await();
                return cache.putIfAbsent("key", mine);
            }));
        }
        Object put = null;
        List<Object> seen = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Cache.ValueWrapper before = results.get(i).get();
            if (before == null) {
                assertThat(put).isNull();
                put = i;
            } else {
                seen.add(before.get());
            }
        }
        assertThat(put).isNotNull();
        assertThat(seen).hasSize(THREADS - 1).containsOnly(put);
        assertThat(cache.get("key").get()).isEqualTo(put);
    }
}
