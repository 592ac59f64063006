package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that write, read and visit while files are rolled and sealed. Shows invariant 3 of store-format.md. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoreRaceTest {

    private static final int OWN_KEYS = 2000;
    private static final int SHARED_KEYS = 20;

    @TempDir
    Path temporary;

    private BlobStoreBuilder<String> usual() {
        return BlobStore.builder(KeyCodec.utf8()).arenaBytesMax(256 * 1024).bufferBytes(8192);
    }

    /** Files are sealed in the background at the very moment at which a verification reads them. */
    @Test
    void verificationWhileAFileIsBeingSealedFindsItWhole() throws Exception {
        byte[] half = new byte[TestStores.SMALL_FILE_BYTES / 2 + 1];
        for (int i = 0; i < 100; i++) {
            try (BlobStore<String> store = TestStores.onHeap().open(temporary.resolve("store" + i))) {
                for (int j = 0; j < 10; j++) {
                    store.put("key" + j, half);
                    assertThat(store.verify().damage()).isEmpty();
                }
            }
        }
    }

    /** Own keys are checked against a model; of shared ones, a version once seen is never followed by an older one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writersAndReadersOfOwnAndSharedKeysSeeWholeBlobsInOrder(boolean interrupted) throws Exception {
        List<Map<String, ByteBuffer>> models = new ArrayList<>();
        AtomicLongArray written = new AtomicLongArray(SHARED_KEYS);
        Map<String, ByteBuffer> end = new HashMap<>();
        try (BlobStore<String> store = usual().open(temporary.resolve("store"))) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Map<String, ByteBuffer> model = new HashMap<>();
                models.add(model);
                int thread = t;
                tasks.add(() -> {
                    write(store, model, written, new Worker(thread, interrupted));
                    return null;
                });
            }
            tasks.add(() -> {
                readShared(store, written);
                return null;
            });
            tasks.add(() -> {
                visit(store);
                return null;
            });
            DurabilityTest.inParallel(tasks);
            assertThat(store.stats().arenaFiles()).as("rolls meanwhile").isGreaterThan(5);
            models.forEach(end::putAll);
            Map<String, ByteBuffer> found = TestStores.content(store);
            for (int i = 0; i < SHARED_KEYS; i++) {
                String key = "shared" + i;
                ByteBuffer last = found.get(key);
                if (last != null) {
                    assertThat(version(key, last)).isPositive();
                    end.put(key, last);
                }
            }
            assertThat(found).isEqualTo(end);
            assertThat(store.verify().damage()).isEmpty();
        }
        try (BlobStore<String> store = usual().open(temporary.resolve("store"))) {
            assertThat(store.stats().opening().clean()).isTrue();
            assertThat(TestStores.content(store)).isEqualTo(end);
            StoreAccess.crash(store);
        }
        try (BlobStore<String> store = usual().open(temporary.resolve("store"))) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(end);
        }
    }

    private record Worker(int id, boolean interrupted) {}

    private static void write(
            BlobStore<String> store, Map<String, ByteBuffer> model, AtomicLongArray written, Worker worker)
            throws IOException {
        Random random = new Random(worker.id);
        for (int i = 1; i <= 4000; i++) {
            if (worker.interrupted) {
                Thread.currentThread().interrupt();
            }
            String key = worker.id + " " + random.nextInt(OWN_KEYS);
            byte[] blob = blob(key, i, random.nextInt(300));
            switch (random.nextInt(6)) {
                case 0 -> {
                    boolean present = model.remove(key) != null;
                    assertThat(store.remove(key)).isEqualTo(present);
                }
                case 1 -> {
                    boolean absent = model.putIfAbsent(key, ByteBuffer.wrap(blob)) == null;
                    assertThat(store.putIfAbsent(key, blob)).isEqualTo(absent);
                }
                case 2 -> {
                    int shared = i % SHARED_KEYS;
                    if (shared % 3 == worker.id) {
                        store.put("shared" + shared, blob("shared" + shared, i, 1000));
                        written.set(shared, i);
                    } else if (random.nextInt(20) == 0) {
                        store.remove("shared" + shared);
                    }
                }
                default -> {
                    model.put(key, ByteBuffer.wrap(blob));
                    store.withDurability(i % 5 == 0 ? Durability.BUFFERED : Durability.WRITTEN)
                            .put(key, blob);
                    assertThat(store.get(key)).isEqualTo(blob);
                }
            }
            if (worker.interrupted) {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    private static void readShared(BlobStore<String> store, AtomicLongArray written) throws IOException {
        long[] seen = new long[SHARED_KEYS];
        Random random = new Random(99);
        ByteBuffer target = ByteBuffer.allocateDirect(2000);
        for (int i = 0; i < 20_000; i++) {
            int shared = random.nextInt(SHARED_KEYS);
            long acknowledged = written.get(shared);
            ByteBuffer blob = i % 2 == 0 ? get(store, "shared" + shared) : get(store, "shared" + shared, target);
            if (blob != null) {
                long version = version("shared" + shared, blob);
                assertThat(version).isGreaterThanOrEqualTo(Math.max(acknowledged, seen[shared]));
                seen[shared] = version;
            }
        }
    }

    private static ByteBuffer get(BlobStore<String> store, String key) throws IOException {
        byte[] blob = store.get(key);
        return blob == null ? null : ByteBuffer.wrap(blob);
    }

    private static ByteBuffer get(BlobStore<String> store, String key, ByteBuffer target) throws IOException {
        return store.get(key, target.clear()).isPresent() ? target.flip() : null;
    }

    private static void visit(BlobStore<String> store) throws IOException {
        for (int i = 0; i < 10; i++) {
            store.forEach((key, blob) ->
                    assertThat(version(key, ByteBuffer.wrap(blob))).as(key).isPositive());
        }
    }

    @Test
    void everyMethodRacingWithCloseSucceedsOrSaysThatTheStoreIsClosed() throws Exception {
        for (int round = 0; round < 12; round++) {
            BlobStore<String> store = usual().open(temporary.resolve("closing"));
            CountDownLatch started = new CountDownLatch(4);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                tasks.add(() -> {
                    useUntilClosed(store, thread, started);
                    return null;
                });
            }
            for (int closers = 0; closers < 2; closers++) {
                tasks.add(() -> {
                    started.await();
                    store.close();
                    return null;
                });
            }
            DurabilityTest.inParallel(tasks);
            try (BlobStore<String> again = usual().open(temporary.resolve("closing"))) {
                assertThat(again.stats().opening().clean()).isTrue();
                assertThat(again.verify().damage()).isEmpty();
            }
        }
    }

    private static void useUntilClosed(BlobStore<String> store, int thread, CountDownLatch started) throws IOException {
        byte[] blob = new byte[500];
        ByteBuffer target = ByteBuffer.allocateDirect(600);
        try {
            for (int i = 0; ; i++) {
                String key = thread + " " + i % 50;
                store.withDurability(i % 3 == 0 ? Durability.WRITTEN : Durability.BUFFERED)
                        .put(key, blob);
                store.get(key);
                store.get(key, target.clear());
                store.putIfAbsent(key, blob);
                store.contains(key);
                store.sizeOf(key);
                store.size();
                if (i % 20 == 0) {
                    store.stats();
                    store.remove(key);
                    store.forEach((k, b) -> assertThat(b).hasSize(500));
                    try (Stream<String> keys = store.keys()) {
                        keys.forEach(k -> assertThat(k).isNotEmpty());
                    }
                }
                if (i == 20) {
                    started.countDown();
                }
                if (i % 100 == 50 && thread == 0) {
                    store.force();
                }
                if (i % 100 == 70 && thread == 1) {
                    store.verify();
                }
            }
        } catch (StoreClosedException e) {
            assertThat(e).hasMessageContaining("closed");
        }
    }

    /** Key, version and filling, and a checksum of them. */
    private static byte[] blob(String key, long version, int filling) {
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        ByteBuffer blob = ByteBuffer.allocate(16 + keyBytes.length + filling);
        blob.putLong(version).put(keyBytes).put(TestStores.blob(filling, version));
        CRC32 checksum = new CRC32();
        checksum.update(blob.array(), 0, blob.position());
        blob.putLong(checksum.getValue());
        return blob.array();
    }

    private static long version(String key, ByteBuffer blob) {
        int end = blob.limit() - Long.BYTES;
        CRC32 checksum = new CRC32();
        checksum.update(blob.duplicate().limit(end));
        assertThat(blob.getLong(end)).isEqualTo(checksum.getValue());
        ByteBuffer keyBytes = blob.slice(Long.BYTES, key.length());
        assertThat(StandardCharsets.UTF_8.decode(keyBytes).toString()).isEqualTo(key);
        return blob.getLong(0);
    }
}
