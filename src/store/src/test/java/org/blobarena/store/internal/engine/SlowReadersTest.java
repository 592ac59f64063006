package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Compression;
import org.blobarena.store.internal.record.FileWindow;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Targets and functions that take their time hold little memory, however many they are, and nobody up. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlowReadersTest {

    private static final int THREADS = 800;

    /** Of all the buffers for reads that there may be in the process. */
    private static final long DIRECT_BYTES_MAX =
            (2L * Scratch.COUNT + Scratch.LENT_COUNT) * Scratch.BYTES + 2 * ReadAhead.THREADS * FileWindow.BYTES;

    @TempDir
    Path directory;

    private final Map<String, byte[]> blobs = new TreeMap<>();
    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        store = TestStores.onHeap().arenaBytesMax(1 << 24).open(directory.resolve("store"));
        blobs.put("small", TestStores.blob(100, 1));
        blobs.put("block", TestStores.blob(60_000, 2));
        blobs.put("big", TestStores.blob(300_000, 3));
        blobs.put("compressed", new byte[200_000]);
        store.withCompression(Compression.ZSTD).putAll(blobs);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    /** Does not take anything before it may, and then in small pieces. */
    private static final class SlowTarget implements WritableByteChannel {

        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final CountDownLatch waiting;
        private final CountDownLatch mayGoOn;
        private boolean counted;

        SlowTarget(CountDownLatch waiting, CountDownLatch mayGoOn) {
            this.waiting = waiting;
            this.mayGoOn = mayGoOn;
        }

        @Override
        public int write(ByteBuffer source) {
            if (!counted) {
                counted = true;
                waiting.countDown();
            }
            await(mayGoOn);
            byte[] some = new byte[Math.min(source.remaining(), 5000)];
            source.get(some);
            taken.writeBytes(some);
            return some.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Everybody holds a blob, and the store is used meanwhile: by them, too. */
    @Test
    void slowTargetsAndFunctionsHoldNoMoreDirectMemoryThanThereMayBe() throws Exception {
        List<String> keys = List.copyOf(blobs.keySet());
        long before = directBytes();
        CountDownLatch waiting = new CountDownLatch(THREADS);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        List<Future<byte[]>> results = new ArrayList<>();
        try {
            for (int i = 0; i < THREADS; i++) {
                String key = keys.get(i % keys.size());
                boolean transfers = i / keys.size() % 2 == 0;
                results.add(executor.submit(() ->
                        transfers ? transferred(key, new SlowTarget(waiting, mayGoOn)) : read(key, waiting, mayGoOn)));
            }
            waiting.await();

            assertThat(directBytes() - before).isLessThan(DIRECT_BYTES_MAX);
            assertThat(store.getAll(keys)).hasSize(keys.size());
            for (String key : keys) {
                assertThat(store.get(key)).isEqualTo(blobs.get(key));
            }
            mayGoOn.countDown();
            for (int i = 0; i < THREADS; i++) {
                assertThat(results.get(i).get()).isEqualTo(blobs.get(keys.get(i % keys.size())));
            }
        } finally {
            mayGoOn.countDown();
            executor.shutdownNow();
        }
    }

    private byte[] transferred(String key, SlowTarget target) throws IOException {
        assertThat(store.transferTo(key, target)).hasValue(blobs.get(key).length);
        return target.taken.toByteArray();
    }

    private byte[] read(String key, CountDownLatch waiting, CountDownLatch mayGoOn) throws IOException {
        byte[] found = store.read(key, blob -> {
            assertThat(blob.isReadOnly()).isTrue();
            assertThat(store.get(key)).isEqualTo(blobs.get(key));
            waiting.countDown();
            await(mayGoOn);
            assertThat(store.<Integer>read("small", ByteBuffer::remaining)).isEqualTo(100);
            byte[] copy = new byte[blob.remaining()];
            blob.get(copy);
            return copy;
        });
        assertThat(found).isNotNull();
        return found;
    }

    private static long directBytes() {
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                return pool.getMemoryUsed();
            }
        }
        throw new AssertionError("no figures of direct memory");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
