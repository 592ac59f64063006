package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.blobarena.arena.Location;
import org.blobarena.format.FileNames;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.BlockingDirectory;
import org.blobarena.store.testing.TestClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BlobCacheLoadTest {

    private static final int THREADS = 8;
    private static final byte[] OLD = {1};
    private static final byte[] NEW = {2};

    @TempDir
    private Path directory;

    private BlobCache<String> cache;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @BeforeEach
    void open() throws IOException {
        cache = TestCaches.onHeap().open(directory);
    }

    @AfterEach
    void close() throws IOException {
        threads.shutdownNow();
        cache.close();
    }

    /** Waits until so many threads wait for loads. */
    private void awaitWaiting(int count) {
        while (cache.loads().waitingCount() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void oneOfManyCallersLoadsAndTheOthersGetTheSame() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger loads = new AtomicInteger();
        List<Future<byte[]>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            results.add(threads.submit(() -> cache.get("a", key -> {
                loads.incrementAndGet();
                go.await();
                return NEW;
            })));
        }
        awaitWaiting(THREADS - 1);
        go.countDown();
        for (Future<byte[]> result : results) {
            assertThat(result.get()).isEqualTo(NEW);
        }
        assertThat(loads).hasValue(1);
        assertThat(cache.getIfPresent("a")).isEqualTo(NEW);
        assertThat(cache.stats().loads()).isEqualTo(1);
    }

    @Test
    void whoComesWhileALoadedBlobIsBeingWrittenWaitsForIt() throws Exception {
        BlockingDirectory blocking =
                new BlockingDirectory(StoreOpener.openDirectory(directory.resolve("blocking"), true));
        try (BlobCache<String> slow = TestCaches.onHeap(blocking).open(blocking.path())) {
            slow.put("other", OLD);
            StoreEngine engine = TestCaches.engine(slow);
            Location other = engine.reads().locatePresent(engine.encoded("other".getBytes(StandardCharsets.UTF_8)));
            assertThat(other).isNotNull();
            BlockingDirectory.Block write =
                    blocking.block(BlockingDirectory.Operation.WRITE, FileNames.arena(other.fileIndex()));
            AtomicInteger loads = new AtomicInteger();
            BlobLoader<String> loader = key -> {
                loads.incrementAndGet();
                return NEW;
            };
            Future<byte[]> first = threads.submit(() -> slow.get("a", loader));
            write.awaitReached();
            Future<byte[]> second = threads.submit(() -> slow.get("a", loader));
            while (slow.loads().waitingCount() == 0 && loads.get() == 1) {
                Thread.onSpinWait();
            }
            write.close();
            assertThat(first.get()).isEqualTo(NEW);
            assertThat(second.get()).isEqualTo(NEW);
            assertThat(loads).hasValue(1);
        } finally {
            blocking.releaseAll();
        }
    }

    @Test
    void aFailureReachesEveryCallerAndIsNotCached() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        IllegalArgumentException failure = new IllegalArgumentException("a loader's");
        List<Future<byte[]>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            results.add(threads.submit(() -> cache.get("a", key -> {
                go.await();
                throw failure;
            })));
        }
        awaitWaiting(THREADS - 1);
        go.countDown();
        for (Future<byte[]> result : results) {
            assertThatThrownBy(result::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(CacheLoadException.class)
                    .hasRootCause(failure);
        }
        assertThat(cache.stats().loadFailures()).isEqualTo(1);
        assertThat(cache.get("a", key -> NEW)).isEqualTo(NEW);
    }

    @Test
    void noBlobIsNotCached() throws IOException {
        assertThat(cache.get("a", key -> null)).isNull();
        assertThat(cache.contains("a")).isFalse();
        assertThat(cache.get("a", key -> NEW)).isEqualTo(NEW);
    }

    @Test
    void whatWasLoadedBeforeAnInvalidationIsNotStoredAfterIt() throws IOException {
        byte[] loaded = cache.get("a", key -> {
            boolean unused = cache.invalidate("a");
            return OLD;
        });
        assertThat(loaded).isEqualTo(OLD);
        assertThat(cache.contains("a")).isFalse();

        loaded = cache.get("a", key -> {
            cache.invalidateAll();
            return OLD;
        });
        assertThat(loaded).isEqualTo(OLD);
        assertThat(cache.contains("a")).isFalse();
        assertThat(cache.stats().rejected()).isEqualTo(2);
    }

    @Test
    void whatWasLoadedBeforeAPutDoesNotReplaceIt() throws IOException {
        assertThat(cache.get("a", key -> {
                    cache.put("a", NEW);
                    return OLD;
                }))
                .isEqualTo(OLD);
        assertThat(cache.getIfPresent("a")).isEqualTo(NEW);

        boolean unused = cache.invalidate("a");
        assertThat(cache.get("a", key -> {
                    byte[] none = cache.asMap().put("a", NEW);
                    byte[] removed = cache.asMap().remove("a"); // Absent as before, and yet not the same.
                    assertThat(none).isNull();
                    assertThat(removed).isEqualTo(NEW);
                    return OLD;
                }))
                .isEqualTo(OLD);
        assertThat(cache.contains("a")).isFalse();
    }

    @Test
    void aStreamThatWasLoadedBeforeAnInvalidationIsNotStoredAfterIt() throws IOException {
        try (InputStream stream = cache.openStream("a", key -> {
            boolean unused = cache.invalidate("a");
            return new ByteArrayInputStream(OLD);
        })) {
            assertThat(stream).isNotNull();
            assertThat(stream.readAllBytes()).isEqualTo(OLD);
        }
        assertThat(cache.contains("a")).isFalse();
    }

    @Test
    void aStreamThatFailsWhenItIsClosedIsNotCached() throws IOException {
        IOException failure = new IOException("a loader's");
        assertThatExceptionOfType(CacheLoadException.class)
                .isThrownBy(() -> cache.openStream("key", key -> new ByteArrayInputStream(new byte[100]) {
                    @Override
                    public void close() throws IOException {
                        throw failure;
                    }
                }))
                .withCause(failure);
        assertThat(cache.contains("key")).isFalse();
        assertThat(cache.stats().admitted()).isZero();
        assertThat(cache.stats().loadFailures()).isOne();
    }

    @Test
    void whoComesAfterAnInvalidationLoadsAnew() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Future<byte[]> before = threads.submit(() -> cache.get("a", key -> {
            begun.countDown();
            go.await();
            return OLD;
        }));
        begun.await();
        boolean unused = cache.invalidate("a");
        assertThat(cache.get("a", key -> NEW)).isEqualTo(NEW);
        go.countDown();
        assertThat(before.get()).isEqualTo(OLD);
        assertThat(cache.getIfPresent("a")).isEqualTo(NEW);
    }

    @Test
    void loadsThatWaitForThemselvesAreRefused() throws Exception {
        assertThatThrownBy(() -> cache.get("a", key -> cache.get("a", same -> NEW)))
                .isInstanceOf(CacheLoadException.class)
                .hasRootCauseInstanceOf(IllegalStateException.class);

        CountDownLatch both = new CountDownLatch(2);
        Future<byte[]> a = threads.submit(() -> cache.get("a", key -> {
            both.countDown();
            both.await();
            return cache.get("b", other -> NEW);
        }));
        Future<byte[]> b = threads.submit(() -> cache.get("b", key -> {
            both.countDown();
            both.await();
            return cache.get("a", other -> NEW);
        }));
        // One of them is refused, and the other waits for it and fails with it.
        assertThatThrownBy(a::get).hasRootCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(b::get).hasRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInterruptConcernsTheCallerThatWaitsAlone() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Future<byte[]> loading = threads.submit(() -> cache.get("a", key -> {
            begun.countDown();
            go.await();
            return NEW;
        }));
        begun.await();
        AtomicReference<Throwable> met = new AtomicReference<>();
        Thread waiting = new Thread(() -> {
            try {
                byte[] unused = cache.get("a", key -> OLD);
            } catch (IOException e) {
                met.set(Thread.currentThread().isInterrupted() ? e : new AssertionError(e));
            }
        });
        waiting.start();
        awaitWaiting(1);
        waiting.interrupt();
        waiting.join();
        assertThat(met.get()).isInstanceOf(InterruptedIOException.class);
        go.countDown();
        assertThat(loading.get()).isEqualTo(NEW);
        assertThat(cache.getIfPresent("a")).isEqualTo(NEW);
    }

    @Test
    void expiredBlobsAreLoadedAgain() throws IOException {
        TestClock clock = new TestClock();
        try (BlobCache<String> expiring = TestCaches.onHeap()
                .clock(clock)
                .timeToLive(Duration.ofMinutes(1))
                .open(directory.resolve("expiring"))) {
            assertThat(expiring.get("a", key -> OLD)).isEqualTo(OLD);
            expiring.put("b", OLD, Expiry.never());
            clock.advance(Duration.ofMinutes(2));
            assertThat(expiring.contains("a")).isFalse();
            assertThat(expiring.get("a", key -> NEW)).isEqualTo(NEW);
            assertThat(expiring.getIfPresent("a")).isEqualTo(NEW);
            assertThat(expiring.getIfPresent("b")).isEqualTo(OLD);
            assertThat(expiring.stats().admitted()).isEqualTo(3);
        }
    }
}
