package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.io.function.Uncheck;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.testing.SmallDisk;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compaction by itself and on demand, and what gets in its way. Shows invariant 13 of store-format.md. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompactionTest {

    private static final int BLOB_BYTES = 1000;

    @TempDir
    Path temporary;

    private final Map<String, ByteBuffer> model = new HashMap<>();

    private Path directory() {
        return temporary.resolve("store");
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap().open(directory());
    }

    private void put(BlobStore<String> store, String key, int version) throws IOException {
        byte[] blob = TestStores.blob(BLOB_BYTES, key.hashCode() * 31L + version);
        store.put(key, blob);
        model.put(key, ByteBuffer.wrap(blob));
    }

    private void remove(BlobStore<String> store, String key) throws IOException {
        assertThat(store.remove(key)).isTrue();
        model.remove(key);
    }

    /** Every key some times, in several files, and some of them removed. */
    private void churn(BlobStore<String> store, int keys, int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < keys; i++) {
                put(store, "key" + i, round);
            }
        }
        for (int i = 0; i < keys; i += 7) {
            remove(store, "key" + i);
        }
    }

    private void requireModel(BlobStore<String> store) throws IOException {
        assertThat(TestStores.content(store)).isEqualTo(model);
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void compactionOfEverythingLeavesWhatIsNeededAndNothingElse() throws IOException {
        try (BlobStore<String> store = open()) {
            churn(store, 300, 4);
            long before = store.stats().arenaBytes();

            store.compact();

            StoreStats after = store.stats();
            assertThat(before).isGreaterThan(4 * 300 * BLOB_BYTES);
            assertThat(after.deadBytes()).isLessThan(after.liveBytes() / 50);
            assertThat(after.arenaBytes()).isLessThan(model.size() * (BLOB_BYTES + 200L) + 100_000);
            assertThat(TestStores.arenas(directory())).hasSize((int) after.arenaFiles());
            requireModel(store);
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            requireModel(store);
            StoreAccess.crash(store);
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().clean()).isFalse();
            requireModel(store);
        }
    }

    @Test
    void storeWhoseKeysWereAllRemovedIsSmallAfterACompaction() throws IOException {
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 500; i++) {
                put(store, "key" + i, 0);
            }
            for (int i = 0; i < 500; i++) {
                remove(store, "key" + i);
            }

            store.compact();

            assertThat(store.stats().arenaBytes()).isLessThan(1000);
            put(store, "after", 1);
            requireModel(store);
        }
        try (BlobStore<String> store = open()) {
            requireModel(store);
        }
    }

    @Test
    void secondCompactionHasNothingToDo() throws IOException {
        try (BlobStore<String> store = open()) {
            churn(store, 300, 3);
            store.compact();
            long rounds = store.stats().compaction().rounds();
            List<Path> files = TestStores.arenas(directory());

            store.compact();

            assertThat(store.stats().compaction().rounds()).isLessThanOrEqualTo(rounds + 1);
            assertThat(TestStores.arenas(directory())).hasSizeLessThanOrEqualTo(files.size());
            requireModel(store);
        }
    }

    @Test
    void removedKeysStayRemovedWhileOneOfManyFilesIsCompactedAfterTheOther() throws IOException {
        try (BlobStore<String> store = open()) {
            put(store, "cold", 0);
            churn(store, 200, 3);
            for (int i = 0; i < 5; i++) {
                store.compact();
                requireModel(store);
                churn(store, 50, 1);
            }
            StoreAccess.crash(store);
        }
        try (BlobStore<String> store = open()) {
            requireModel(store);
        }
    }

    @Test
    void automaticCompactionKeepsTheBoundWhileBlobsAreReplaced() throws IOException {
        try (BlobStore<String> store =
                TestStores.onHeap().automaticCompaction(true).open(directory())) {
            for (int round = 0; round < 40; round++) {
                for (int i = 0; i < 200; i++) {
                    put(store, "key" + i * 7 % 200, round);
                    StoreStats stats = store.stats();
                    assertThat(stats.arenaBytes())
                            .isLessThan((long) (stats.neededBytes() / 0.7)
                                    + BlobStore.FILES_BEYOND_BOUND * TestStores.SMALL_FILE_BYTES);
                }
            }
            assertThat(store.stats().compaction().rounds()).isPositive();
            requireModel(store);
        }
    }

    @Test
    void oneColdKeyDoesNotKeepTheTombstonesOfOthers() throws IOException {
        try (BlobStore<String> store = open()) {
            put(store, "cold", 0);
            put(store, "dead", 0);
            store.remove("dead");
            model.remove("dead");
            for (int i = 0; i < 2000; i++) {
                store.put("key" + i, new byte[100]);
            }
            for (int i = 0; i < 2000; i++) {
                store.remove("key" + i);
            }

            store.compact();

            assertThat(store.fileStats().stream()
                            .mapToLong(FileStats::tombstones)
                            .sum())
                    .isZero();
            assertThat(store.stats().arenaBytes()).isLessThan(BLOB_BYTES + 1000);
            requireModel(store);
        }
    }

    @Test
    void liveAndDeadBytesOfEachFileAreTheSameAfterEveryKindOfOpening() throws IOException {
        List<String> before;
        try (BlobStore<String> store = open()) {
            churn(store, 100, 3);
            store.compact();
            churn(store, 150, 2);
            before = recordsOfFiles(store);
            assertThat(store.fileStats())
                    .anyMatch(file -> file.deadBytes() > 0)
                    .anyMatch(file -> file.tombstones() > 0);
        }
        try (BlobStore<String> store = open()) {
            assertThat(recordsOfFiles(store)).isEqualTo(before);
            StoreAccess.crash(store);
        }
        try (BlobStore<String> store = open()) {
            assertThat(recordsOfFiles(store)).isEqualTo(before);
        }
    }

    private static List<String> recordsOfFiles(BlobStore<String> store) {
        return store.fileStats().stream()
                .map(file -> file.file().getFileName() + ": " + file.liveBytes() + " live, " + file.deadBytes()
                        + " dead, " + file.tombstones() + " tombstones")
                .toList();
    }

    @Test
    void longIterationDuringCompactionsSeesEveryBlobAsItWas() throws IOException {
        try (BlobStore<String> store = open()) {
            churn(store, 300, 3);
            Map<String, ByteBuffer> seen = new HashMap<>();
            int[] visits = {0};
            store.forEach((key, blob) -> {
                seen.put(key, ByteBuffer.wrap(blob));
                if (visits[0]++ % 50 == 0) {
                    try {
                        for (int i = 0; i < 20; i++) {
                            store.put("other" + i, new byte[BLOB_BYTES]);
                        }
                        store.compact();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            seen.keySet().removeIf(key -> key.startsWith("other"));
            assertThat(seen).isEqualTo(model);
        }
    }

    @Test
    void fileThatAReaderHasPinnedStaysUntilItLetsGo() throws IOException {
        try (BlobStore<String> store = open()) {
            churn(store, 300, 3);
            Path first = TestStores.arenas(directory()).get(0);
            StoreFile pinned = StoreAccess.engine(store).file(1);
            assertThat(pinned.pin()).isTrue();

            store.compact();

            assertThat(first).exists();
            ByteBuffer start = ByteBuffer.allocate(8);
            pinned.arena().read(start, 0);
            assertThat(new String(start.array(), StandardCharsets.US_ASCII)).isEqualTo("BLOBAREN");
            requireModel(store);
            pinned.unpin();
            assertThat(first).doesNotExist();
            assertThat(pinned.pin()).isFalse();
            store.compact();
            requireModel(store);
        }
    }

    @Test
    void streamThatCannotBeOpenedKeepsNoFile() throws IOException {
        try (BlobStore<String> store = open()) {
            put(store, "key", 0);
            churn(store, 300, 1);
            Path first = TestStores.arenas(directory()).get(0);
            byte[] bytes = Files.readAllBytes(first);
            overwrite(first, ArenaHeader.BYTES, (byte) ~bytes[ArenaHeader.BYTES]);
            assertThatThrownBy(() -> store.openStream("key")).isInstanceOf(CorruptBlobException.class);
            overwrite(first, ArenaHeader.BYTES, bytes[ArenaHeader.BYTES]);
            churn(store, 300, 2);

            store.compact();

            assertThat(first).doesNotExist();
            requireModel(store);
        }
    }

    private static void overwrite(Path file, long offset, byte with) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {with}), offset);
        }
    }

    @Test
    void fileWithADamagedRecordStaysAndEverythingElseIsCompacted() throws IOException {
        try (BlobStore<String> store = open()) {
            put(store, "damaged", 0);
            churn(store, 300, 3);
        }
        Path first = TestStores.arenas(directory()).get(0);
        byte[] bytes = Files.readAllBytes(first);
        bytes[64 + 32 + "damaged".length() + 10] ^= 1;
        Files.write(first, bytes);
        try (BlobStore<String> store = open()) {
            store.compact();

            assertThat(first).hasBinaryContent(bytes);
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get("damaged"));
            for (Map.Entry<String, ByteBuffer> entry : model.entrySet()) {
                if (!entry.getKey().equals("damaged")) {
                    assertThat(store.get(entry.getKey()))
                            .isEqualTo(entry.getValue().array());
                }
            }
            assertThat(store.stats().deadBytes()).isLessThan(2 * TestStores.SMALL_FILE_BYTES);
            assertThat(store.verify().damage()).hasSize(1);
        }
    }

    @Test
    void storeThatBecameEmptyIsLeftInPeace() throws IOException {
        try (BlobStore<String> store =
                TestStores.onHeap().automaticCompaction(true).maxDeadBytes(0).open(directory())) {
            churn(store, 100, 2);
            for (String key : List.copyOf(model.keySet())) {
                remove(store, key);
            }
            store.compact();
            compactIfNeeded(store);
            long rounds = store.stats().compaction().rounds();

            for (int i = 0; i < 20; i++) {
                compactIfNeeded(store);
            }

            assertThat(store.stats().compaction().rounds()).isEqualTo(rounds);
        }
    }

    /** Lets compaction run in the background until it finds nothing to do. */
    private static void compactIfNeeded(BlobStore<String> store) throws IOException {
        store.resumeCompaction();
        store.compact(); // Which comes after that run.
        store.pauseCompaction();
    }

    @Test
    void sealedFileWithADamagedIndexBlockStaysWithAllItsRecords() throws IOException {
        try (BlobStore<String> store = open()) {
            churn(store, 300, 3);
            StoreAccess.crash(store);
        }
        Path first = TestStores.arenas(directory()).get(0);
        byte[] bytes = Files.readAllBytes(first);
        // The block stands right before the footer.
        bytes[bytes.length - (32 + ArenaFooter.BYTES) - 10] ^= 1;
        Files.write(first, bytes);
        for (int i = 0; i < 2; i++) {
            try (BlobStore<String> store = open()) {
                store.compact();
                assertThat(first).hasBinaryContent(bytes);
                assertThat(TestStores.content(store)).isEqualTo(model);
            }
        }
    }

    @Test
    void missingFileKeepsNoOtherFromBeingCompacted() throws IOException {
        try (BlobStore<String> store =
                TestStores.onHeap(HeapLocationIndexFactory.remembering()).open(directory())) {
            churn(store, 300, 3);
        }
        List<Path> files = TestStores.arenas(directory());
        Files.delete(files.get(1));
        try (BlobStore<String> store = open()) {
            store.compact();

            assertThat(store.stats().deadBytes()).isLessThan(3L * TestStores.SMALL_FILE_BYTES);
            assertThat(TestStores.content(store)).isEqualTo(model);
        }
    }

    @Test
    void pausedCompactionDoesNothingByItselfAndGoesOnWhenResumed() throws Exception {
        try (BlobStore<String> store =
                TestStores.onHeap().automaticCompaction(true).open(directory())) {
            store.pauseCompaction();
            churn(store, 200, 5);
            assertThat(store.stats().compaction().rounds()).isZero();
            assertThat(store.stats().compaction().writersWaited()).isZero();
            store.resumeCompaction();
            while (store.stats().deadBytes() > store.stats().neededBytes()) {
                Thread.onSpinWait();
            }
            requireModel(store);
        }
    }

    @Test
    void deadBytesFallToTheBoundByThemselvesOnceWritesStop() throws IOException {
        try (BlobStore<String> store = TestStores.onHeap()
                .arenaBytesMax(1 << 20)
                .automaticCompaction(true)
                .open(directory())) {
            // All in the active file: nothing could be compacted before it is sealed.
            for (int i = 0; i < 500; i++) {
                put(store, "key" + i % 10, i);
            }
            while (store.stats().arenaBytes() - store.stats().neededBytes()
                    > store.stats().neededBytes()) {
                Thread.onSpinWait();
            }
            requireModel(store);
        }
    }

    @Test
    void compactionOnADeviceWithoutSpaceGivesUpCleanlyAndSucceedsLater() throws IOException {
        Files.createDirectories(directory());
        SmallDisk.Simulated disk = (SmallDisk.Simulated) SmallDisk.simulated(directory());
        try (BlobStore<String> store = disk.open()) {
            store.pauseCompaction();
            churn(store, 1000, 3);
            List<Path> files = TestStores.arenas(directory());
            disk.fillBut(2000);

            assertThatExceptionOfType(DiskFullException.class).isThrownBy(store::compact);

            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(TestStores.arenas(directory())).hasSizeLessThanOrEqualTo(files.size());
            disk.empty();
            store.compact();
            assertThat(store.stats().deadBytes()).isLessThan(store.stats().liveBytes() / 20);
            requireModel(store);
        }
    }

    @Test
    void compactionOfAClosedStoreIsRefused() throws IOException {
        BlobStore<String> store = open();
        store.close();
        assertThatExceptionOfType(StoreClosedException.class).isThrownBy(store::compact);
    }

    @Test
    void progressIsToldUpToTheEnd() throws IOException {
        List<Long> left = new ArrayList<>();
        try (BlobStore<String> store = open()) {
            churn(store, 300, 3);
            store.compact((done, total) -> left.add(total - done));
        }
        assertThat(left).isNotEmpty().endsWith(0L);
    }

    @Test
    void progressThatNeverReturnsHoldsUpNeitherCompactionNorClose() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        BlobStore<String> store = open();
        churn(store, 300, 3);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<Void> first = executor.submit(() -> {
                store.compact((done, total) -> {
                    told.countDown();
                    awaitUninterruptibly(mayReturn);
                });
                return null;
            });
            told.await();
            store.compact();
            store.close();
            assertThat(first.isDone()).isFalse();
            mayReturn.countDown();
            first.get();
        } finally {
            mayReturn.countDown();
            executor.shutdownNow();
        }
    }

    @Test
    void progressMayUseCompactAndCloseTheStore() throws IOException {
        BlobStore<String> store = open();
        churn(store, 300, 3);
        AtomicInteger calls = new AtomicInteger();

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> store.compact((done, total) -> {
                    throw new IllegalArgumentException("the listener's own");
                }));
        store.compact((done, total) -> {
            if (calls.getAndIncrement() == 0) {
                assertThat(store.contains("absent")).isFalse();
                Uncheck.run(store::compact);
                Uncheck.run(store::close);
            }
        });
        assertThat(calls).hasPositiveValue();
        try (BlobStore<String> again = open()) {
            requireModel(again);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                // It is ended by the latch alone.
            }
        }
    }
}
