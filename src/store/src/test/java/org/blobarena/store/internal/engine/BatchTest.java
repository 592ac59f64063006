package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {

    private static final int FILE_BYTES = 1 << 20;

    @TempDir
    Path temporary;

    private Path directory;
    private FailingDirectory device;
    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        directory = temporary.resolve("store");
        device = new FailingDirectory(new NioDirectory(Files.createDirectories(directory)));
        store = TestStores.onHeap(device).arenaBytesMax(FILE_BYTES).open(directory);
    }

    @AfterEach
    void close() throws IOException {
        device.freeSpace();
        store.close();
    }

    // ---- putAll

    @ParameterizedTest
    @EnumSource(Durability.class)
    void putAllStoresEverythingAlsoOverFilesAndGroups(Durability durability) throws IOException {
        Map<String, byte[]> blobs = blobs(BatchWriter.CHUNK_KEYS_MAX + 100, 500);
        store.put("key1", new byte[10]);
        store.withDurability(durability).putAll(blobs);

        assertContent(blobs);
        assertThat(store.stats().arenaFiles()).isGreaterThan(1);
        assertThat(store.verify().isIntact()).isTrue();
        reopen();
        assertContent(blobs);
    }

    @Test
    void blobsLargerThanBufferAndGroupAreStored() throws IOException {
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        for (int i = 0; i < 40; i++) {
            blobs.put("key" + i, TestStores.blob(i % 4 == 0 ? 900_000 : 10 * i, i));
        }
        store.putAll(blobs);

        assertContent(blobs);
    }

    @Test
    void forcedBatchTakesOneForce() throws IOException {
        store.withDurability(Durability.FORCED).put("first", new byte[1]);
        int before = device.forces();
        store.withDurability(Durability.FORCED).putAll(blobs(1000, 100));
        assertThat(device.forces() - before).isEqualTo(1);

        store.withDurability(Durability.FORCED).removeAll(blobs(1000, 100).keySet());
        assertThat(device.forces() - before).isEqualTo(2);
    }

    @Test
    void keyWithTheBytesOfAnEarlierOneWins() throws IOException {
        KeyCodec<String> firstLetters = new KeyCodec<>() {
            @Override
            public byte[] encode(String key) {
                return new byte[] {(byte) key.charAt(0)};
            }

            @Override
            public String decode(byte[] bytes) {
                return String.valueOf((char) bytes[0]);
            }
        };
        try (BlobStore<String> byLetter = StoreAccess.environment(
                        BlobStore.builder(firstLetters),
                        new StoreEnvironment(
                                StoreOpener::openDirectory, org.blobarena.index.HeapLocationIndexFactory.forgetting()))
                .open(temporary.resolve("letters"))) {
            Map<String, byte[]> blobs = new LinkedHashMap<>();
            for (byte i = 0; i < 10; i++) {
                blobs.put((i % 2 == 0 ? "a" : "b") + i, new byte[] {i});
            }
            byLetter.putAll(blobs);

            assertThat(byLetter.get("a")).containsExactly(8);
            assertThat(byLetter.get("b")).containsExactly(9);
            assertThat(byLetter.stats().deadBytes()).isZero();
            assertThat(byLetter.removeAll(blobs.keySet())).isEqualTo(2);
        }
    }

    @Test
    void nothingOfARefusedBatchIsWritten() throws IOException {
        StoreStats before = store.stats();
        Map<String, byte[]> withNull = new LinkedHashMap<>();
        withNull.put("a", new byte[1]);
        withNull.put("b", null);
        Map<String, byte[]> tooLarge = new LinkedHashMap<>();
        tooLarge.put("a", new byte[1]);
        tooLarge.put("b", new byte[FILE_BYTES]);
        List<String> keyNull = new ArrayList<>(List.of("a"));
        keyNull.add(null);

        assertThatThrownBy(() -> store.putAll(withNull)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.putAll(tooLarge)).isInstanceOf(BlobTooLargeException.class);
        assertThatThrownBy(() -> store.removeAll(keyNull)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.removeAll(List.of("a", "k".repeat(65_536))))
                .isInstanceOf(BlobTooLargeException.class);
        assertThatThrownBy(() -> store.putAll(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.getAll(keyNull)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.getAll(List.of(), null)).isInstanceOf(NullPointerException.class);
        assertThat(store.stats()).usingRecursiveComparison().isEqualTo(before);
        store.putAll(Map.of());
        assertThat(store.removeAll(List.of())).isZero();
        assertThat(store.getAll(List.of())).isEmpty();
        assertThat(store.stats()).usingRecursiveComparison().isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5_000, 50_000, 300_000})
    void batchOnAFullDeviceStoresAFirstPartAndNothingElse(int freeBytes) throws IOException {
        Map<String, byte[]> old = blobs(200, 30);
        store.putAll(old);
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        for (int i = 100; i < 500; i++) {
            blobs.put("key" + i, TestStores.blob(1000, 7 + i));
        }
        device.setFreeBytes(freeBytes);
        assertThatThrownBy(() -> store.putAll(blobs)).isInstanceOf(DiskFullException.class);

        int stored = storedPrefix(old, blobs);
        assertThat(stored).isLessThanOrEqualTo(freeBytes / 1000);
        device.freeSpace();
        StoreAccess.crash(store);
        open();
        assertThat(storedPrefix(old, blobs)).isEqualTo(stored);
        store.putAll(blobs);
        assertThat(storedPrefix(old, blobs)).isEqualTo(400);
        assertThat(store.verify().isIntact()).isTrue();
    }

    @Test
    void restOfABatchIsWrittenByASecondAttemptWhereTheFirstFoundNoSpace() throws IOException {
        store.put("key1", new byte[1]);
        Map<String, byte[]> blobs = blobs(5, 1000); // Three of them fill the buffer.
        AtomicInteger writes = new AtomicInteger();
        device.setBeforeWrite(() -> {
            if (writes.incrementAndGet() == 2) {
                device.setFreeBytes(0);
            } else {
                device.freeSpace();
            }
        });

        store.putAll(blobs);

        assertThat(writes.get()).isGreaterThan(2);
        device.setBeforeWrite(() -> {});
        assertContent(blobs);
        StoreAccess.crash(store);
        open();
        assertContent(blobs);
        assertThat(store.verify().isIntact()).isTrue();
    }

    @Test
    void nothingOfABatchIsVisibleBeforeItsForceAndAfterAFailedOne() throws IOException {
        store.withDurability(Durability.FORCED).put("key1", new byte[1]);
        Map<String, byte[]> blobs = blobs(50, 100);
        List<Long> sizes = new ArrayList<>();
        device.setBeforeForce(() -> sizes.add(store.size()));
        device.setForcesFail(true);

        assertThatThrownBy(() -> store.withDurability(Durability.FORCED).putAll(blobs))
                .isInstanceOf(IOException.class);
        assertThat(sizes).containsExactly(1L);
        assertThat(store.get("key1")).hasSize(1);
        assertThat(store.size()).isEqualTo(1);
        assertThatThrownBy(() -> store.putAll(blobs)).isInstanceOf(WritesRefusedException.class);
        device.setForcesFail(false);
        device.setBeforeForce(() -> {});
        assertThat(catchThrowable(store::close)).isInstanceOf(WritesRefusedException.class);
        open();
    }

    @Test
    void removalsOfABatchGoOnOnAFullDeviceOutOfTheReserve() throws IOException {
        Map<String, byte[]> blobs = blobs(300, 100);
        store.putAll(blobs);
        device.setFreeBytes(0);

        assertThatThrownBy(() -> store.put("more", new byte[100])).isInstanceOf(DiskFullException.class);
        assertThat(store.removeAll(blobs.keySet())).isEqualTo(300);
        assertThat(store.size()).isZero();
    }

    // ---- removeAll

    @Test
    void removeAllCountsKeysThatWerePresentOnce() throws IOException {
        store.putAll(blobs(10, 10));

        assertThat(store.removeAll(List.of("key1", "absent", "key2", "key1", "absent")))
                .isEqualTo(2);
        assertThat(store.removeAll(List.of("key1", "key3"))).isEqualTo(1);
        assertThat(store.size()).isEqualTo(7);
        reopen();
        assertThat(store.size()).isEqualTo(7);
        assertThat(store.contains("key1")).isFalse();
    }

    // ---- getAll

    @Test
    void getAllFindsWhatGetFindsWhateverTheNeighbourhood() throws IOException {
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        Random random = new Random(1);
        for (int i = 0; i < 400; i++) {
            int length = switch (i % 8) {
                case 0 -> 0;
                case 1 -> 40_000 + i;
                case 2 -> i % 80 == 2 ? 400_000 : 70_000;
                default -> random.nextInt(3000);
            };
            blobs.put("key" + i, TestStores.blob(length, i));
        }
        store.withDurability(Durability.BUFFERED).putAll(blobs);
        List<String> keys = new ArrayList<>(blobs.keySet());
        keys.addAll(List.of("absent", "k".repeat(70_000)));
        for (int round = 0; round < 10; round++) {
            Collections.shuffle(keys, random);
            List<String> some = keys.subList(0, 1 + random.nextInt(keys.size()));
            Map<String, ByteBuffer> expected = new HashMap<>();
            for (String key : some) {
                if (blobs.containsKey(key)) {
                    expected.put(key, ByteBuffer.wrap(blobs.get(key)));
                }
            }
            assertThat(wrapped(store.getAll(some))).isEqualTo(expected);
            reopen();
        }
    }

    @Test
    void getAllVisitsInTheOrderOfTheDiskAndAKeyGivenTwiceTwice() throws IOException {
        store.putAll(blobs(100, 5000));
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            expected.addAll(List.of("key" + i, "key" + i));
        }
        List<String> keys = new ArrayList<>(expected);
        Collections.shuffle(keys, new Random(2));
        List<String> seen = new ArrayList<>();
        IdentityHashMap<byte[], String> arrays = new IdentityHashMap<>();
        store.getAll(keys, (key, blob) -> {
            seen.add(key);
            arrays.put(blob, key);
        });

        assertThat(seen).isEqualTo(expected);
        assertThat(arrays).hasSize(200);
    }

    @Test
    void getAllOfMoreThanAChunkVisitsEverything() throws IOException {
        Map<String, byte[]> blobs = blobs(BatchReader.CHUNK_KEYS + 10, 3);
        store.putAll(blobs);

        assertThat(store.getAll(blobs.keySet())).hasSameSizeAs(blobs);
    }

    @Test
    void damageIsMetForItsKeyAloneAndNamesIt() throws IOException {
        Map<String, byte[]> blobs = blobs(100, 100);
        store.putAll(blobs);
        Path file = TestStores.arenas(directory).get(0);
        byte[] content = Files.readAllBytes(file);
        int recordBytes = 32 + 5 + 100;
        int damaged = 64 + 10 * (recordBytes - 1) + 40 * recordBytes; // The record of key50.
        content[damaged + recordBytes - 1] ^= 1;
        Files.write(file, content);
        List<String> seen = new ArrayList<>();

        assertThatThrownBy(() -> store.getAll(blobs.keySet(), (key, blob) -> seen.add(key)))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("payload checksum")
                .hasMessageContaining(String.valueOf(damaged));
        assertThat(seen).doesNotContain("key50");
        List<String> others = new ArrayList<>(blobs.keySet());
        others.remove("key50");
        assertThat(store.getAll(others)).hasSize(99);
    }

    @Test
    void windowOverBytesThatAreGoneReadsWhatIsThere() throws IOException {
        Map<String, byte[]> blobs = blobs(100, 100);
        store.putAll(blobs);
        Path file = TestStores.arenas(directory).get(0);
        try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
        }
        List<String> allButTheLast = new ArrayList<>(blobs.keySet()).subList(0, 99);

        assertThatThrownBy(() -> store.getAll(blobs.keySet())).isInstanceOf(CorruptBlobException.class);
        assertThat(store.getAll(allButTheLast)).hasSize(99);
    }

    @Test
    void actionMayUseAndCloseTheStoreAndThrow() throws IOException {
        Map<String, byte[]> blobs = blobs(1000, 100);
        store.putAll(blobs);
        List<String> seen = new ArrayList<>();
        store.getAll(blobs.keySet(), (key, blob) -> {
            try {
                assertThat(store.get(key)).isEqualTo(blob);
                store.remove("absent");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThatThrownBy(() -> store.getAll(blobs.keySet(), (key, blob) -> {
                    seen.add(key);
                    throw new IllegalStateException("enough");
                }))
                .hasMessage("enough");
        assertThat(seen).hasSize(1);

        // Blobs that were read ahead may still come.
        assertThatThrownBy(() -> store.getAll(blobs.keySet(), (key, blob) -> {
                    try {
                        store.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .isInstanceOf(StoreClosedException.class);
        open();
    }

    @Test
    void interruptedThreadGetsEverythingAndKeepsItsFlag() throws IOException {
        Map<String, byte[]> blobs = blobs(1000, 100);
        Thread.currentThread().interrupt();
        store.putAll(blobs);
        Map<String, byte[]> found = store.getAll(blobs.keySet());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(wrapped(found)).isEqualTo(wrapped(blobs));
    }

    // ---- threads

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void batchesOverTheSameKeysInAnyOrderDoNotBlockEachOther() throws Exception {
        List<String> keys = new ArrayList<>(blobs(200, 0).keySet());
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int thread = i;
                tasks.add(() -> {
                    Random random = new Random(thread);
                    for (int round = 0; round < 30; round++) {
                        List<String> shuffled = new ArrayList<>(keys);
                        Collections.shuffle(shuffled, random);
                        Map<String, byte[]> blobs = new LinkedHashMap<>();
                        for (String key : shuffled) {
                            blobs.put(key, TestStores.blob(100, key.hashCode()));
                        }
                        store.putAll(blobs);
                        store.getAll(
                                shuffled,
                                (key, blob) -> assertThat(blob).isEqualTo(TestStores.blob(100, key.hashCode())));
                        store.removeAll(shuffled.subList(0, 50));
                        store.put(
                                shuffled.get(0),
                                TestStores.blob(100, shuffled.get(0).hashCode()));
                        if (round % 10 == 0) {
                            assertThat(store.verify().isIntact()).isTrue();
                        }
                    }
                    return null;
                });
            }
            for (Future<Void> future : executor.invokeAll(tasks)) {
                future.get();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(store.verify().isIntact()).isTrue();
    }

    @Test
    void everyBatchMethodOfAClosedStoreSaysSo() throws IOException {
        store.close();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> store.putAll(Map.of("a", new byte[1])),
                () -> store.removeAll(List.of("a")),
                () -> store.getAll(List.of("a")))) {
            assertThatThrownBy(call).isInstanceOf(StoreClosedException.class);
        }
        open();
    }

    /** How many of the new blobs are there; behind them all must be old. */
    private int storedPrefix(Map<String, byte[]> old, Map<String, byte[]> blobs) throws IOException {
        int stored = 0;
        boolean ended = false;
        for (Map.Entry<String, byte[]> entry : blobs.entrySet()) {
            byte[] found = store.get(entry.getKey());
            if (ByteBuffer.wrap(entry.getValue()).equals(found == null ? null : ByteBuffer.wrap(found))) {
                assertThat(ended).as(entry.getKey()).isFalse();
                stored++;
            } else {
                ended = true;
                assertThat(found).as(entry.getKey()).isEqualTo(old.get(entry.getKey()));
            }
        }
        return stored;
    }

    private void assertContent(Map<String, byte[]> expected) throws IOException {
        assertThat(TestStores.content(store)).isEqualTo(wrapped(expected));
    }

    private static Map<String, ByteBuffer> wrapped(Map<String, byte[]> blobs) {
        Map<String, ByteBuffer> wrapped = new HashMap<>();
        blobs.forEach((key, blob) -> wrapped.put(key, ByteBuffer.wrap(blob)));
        return wrapped;
    }

    private static Map<String, byte[]> blobs(int count, int length) {
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            blobs.put("key" + i, TestStores.blob(length, i));
        }
        return blobs;
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }
}
