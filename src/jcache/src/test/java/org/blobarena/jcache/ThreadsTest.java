package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.cache.Cache;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CompletionListenerFuture;
import javax.cache.processor.EntryProcessorException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is promised to threads that use a cache at once. The time limits are against hanging. */
@Timeout(120)
class ThreadsTest {

    private static final int THREADS = 4;
    private static final int STEPS = 500;

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    private void inAll(Callable<?> task) throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(threads.submit(task));
        }
        for (Future<?> each : all) {
            Object unused = each.get();
        }
    }

    @Test
    void processorsOfOneKeyRunOneAfterTheOther() throws Exception {
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, Integer> cache = manager.create("c", new MutableConfiguration<>());
            inAll(() -> {
                for (int i = 0; i < STEPS; i++) {
                    cache.invoke("n", (entry, arguments) -> {
                        entry.setValue(entry.exists() ? entry.getValue() + 1 : 1);
                        return null;
                    });
                }
                return null;
            });
            assertThat(cache.get("n")).isEqualTo(THREADS * STEPS);
        }
    }

    @Test
    void conditionalWritesOfOneKeyLoseNothing() throws Exception {
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, Integer> cache = manager.create("c", new MutableConfiguration<>());
            inAll(() -> {
                for (int i = 0; i < STEPS; i++) {
                    boolean done = cache.putIfAbsent("n", 1);
                    while (!done) {
                        Integer old = cache.get("n");
                        done = cache.replace("n", old, old + 1);
                    }
                }
                return null;
            });
            assertThat(cache.get("n")).isEqualTo(THREADS * STEPS);
        }
    }

    /** Half of them in the other order, so that they would cross. */
    @Test
    void putAllIsOneStepForOthersThatPutAll() throws Exception {
        List<Integer> keys = IntStream.range(0, 40).boxed().toList();
        try (TestManager manager = new TestManager(directory)) {
            Cache<Integer, Integer> cache = manager.create("c", new MutableConfiguration<>());
            AtomicInteger number = new AtomicInteger();
            CyclicBarrier together = new CyclicBarrier(THREADS);
            inAll(() -> {
                int value = number.incrementAndGet();
                Map<Integer, Integer> all = new LinkedHashMap<>();
                for (Integer key : keys) {
                    all.put(value % 2 == 0 ? key : keys.size() - 1 - key, value);
                }
                for (int i = 0; i < 30; i++) {
                    together.await();
                    cache.putAll(all);
                    together.await();
                    assertThat(Set.copyOf(cache.getAll(Set.copyOf(keys)).values()))
                            .hasSize(1);
                }
                return null;
            });
        }
    }

    @Test
    void keyThatManyMissIsLoadedOnce() throws Exception {
        AtomicInteger loads = new AtomicInteger();
        try (TestManager manager = new TestManager(directory)) {
            Cache<Integer, String> cache = manager.create("c", loadedBy(key -> {
                loads.incrementAndGet();
                return "of " + key;
            }));
            CyclicBarrier together = new CyclicBarrier(THREADS);
            inAll(() -> {
                for (int i = 0; i < 50; i++) {
                    together.await();
                    assertThat(cache.get(i)).isEqualTo("of " + i);
                }
                return null;
            });
            assertThat(loads).hasValue(50);
        }
    }

    /** A loader of one key. */
    private interface Load {

        String load(int key);
    }

    private static MutableConfiguration<Integer, String> loadedBy(Load load) {
        CacheLoader<Integer, String> loader = new CacheLoader<>() {
            @Override
            public String load(Integer key) {
                return load.load(key);
            }

            @Override
            public Map<Integer, String> loadAll(Iterable<? extends Integer> keys) {
                List<Integer> all = new ArrayList<>();
                keys.forEach(all::add);
                return all.stream().collect(Collectors.toMap(key -> key, load::load));
            }
        };
        return new MutableConfiguration<Integer, String>().setReadThrough(true).setCacheLoaderFactory(() -> loader);
    }

    @Test
    void processorThatUsesAnotherKeyMayDoSo() {
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, String> cache = manager.texts();
            cache.put("b", "of b");
            String copied = cache.invoke("a", (entry, arguments) -> {
                String other = cache.get("b");
                cache.put("c", other);
                entry.setValue(other);
                return other;
            });
            assertThat(copied).isEqualTo("of b");
            assertThat(cache.get("a")).isEqualTo("of b");
            assertThat(cache.get("c")).isEqualTo("of b");
        }
    }

    @Test
    void twoThatWouldWaitForEachOtherDoNotWaitForEver() throws Exception {
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, String> cache = manager.texts();
            CyclicBarrier bothInside = new CyclicBarrier(2);
            Future<String> one = threads.submit(() -> crossing(cache, "a", "b", bothInside));
            Future<String> other = threads.submit(() -> crossing(cache, "b", "a", bothInside));
            assertThat(List.of(one.get(), other.get())).containsExactlyInAnyOrder("done", "refused");
        }
    }

    private static String crossing(Cache<String, String> cache, String mine, String others, CyclicBarrier bothInside) {
        try {
            return cache.invoke(mine, (entry, arguments) -> {
                try {
                    bothInside.await();
                } catch (Exception e) {
                    throw new EntryProcessorException(e);
                }
                cache.put(others, "put");
                entry.setValue("set");
                return "done";
            });
        } catch (EntryProcessorException e) {
            assertThat(e).hasCauseInstanceOf(IllegalStateException.class).hasMessageContaining("wait for ever");
            return "refused";
        }
    }

    @Test
    void loadThatRunsWhenTheCacheIsClosedIsToldSo() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        CompletionListenerFuture future = new CompletionListenerFuture();
        try (TestManager manager = new TestManager(directory)) {
            Cache<Integer, String> cache = manager.create("c", loadedBy(key -> {
                loading.countDown();
                await(closed);
                return "late";
            }));
            cache.loadAll(Set.of(1), true, future);
            loading.await();
            cache.close();
            closed.countDown();
            assertThatThrownBy(future::get).hasRootCauseInstanceOf(IllegalStateException.class);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
