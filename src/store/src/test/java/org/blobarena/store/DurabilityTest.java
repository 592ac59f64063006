package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowingConsumer;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.ManualBackground;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What failing writes and forces leave, and who is forced when. Shows invariant 6 of store-format.md. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public class DurabilityTest {

    @TempDir
    Path temporary;

    private TestDirectory device;

    @BeforeEach
    void makeDevice() throws IOException {
        device = new TestDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap(device).open(device.path());
    }

    // ---- no space

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 4000, 30_000})
    void putWithoutSpaceThrowsAndTheKeyHasItsOldBlobNowAndAfterACrash(int length) throws IOException {
        BlobStore<String> store = open();
        store.put("key", new byte[] {1});
        store.put("other", new byte[] {2});
        device.setFreeBytes(20);

        assertThatThrownBy(() -> store.put("key", new byte[length])).hasMessageContaining("No space");
        assertThatThrownBy(() -> store.putIfAbsent("new", new byte[length])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.remove("other")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.withDurability(Durability.FORCED).put("key", new byte[length]))
                .isInstanceOf(IOException.class);

        assertThat(store.get("key")).isEqualTo(new byte[] {1});
        assertThat(store.get("other")).isEqualTo(new byte[] {2});
        assertThat(store.contains("new")).isFalse();
        StoreAccess.crash(store);
        device.freeSpace();
        try (BlobStore<String> again = open()) {
            assertThat(again.get("key")).isEqualTo(new byte[] {1});
            assertThat(TestStores.content(again)).containsOnlyKeys("key", "other");
        }
    }

    @Test
    void spaceThatComesBackIsUsedWithoutReopeningAndFailedPutsStayVoid() throws IOException {
        BlobStore<String> store = open();
        store.put("key", new byte[] {1});
        device.setFreeBytes(0);
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> store.put("key", new byte[500])).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> store.remove("key")).isInstanceOf(IOException.class);
        }
        device.freeSpace();
        store.put("next", new byte[] {3});

        assertThat(store.get("key")).isEqualTo(new byte[] {1});
        assertThat(store.get("next")).isEqualTo(new byte[] {3});
        assertThat(store.verify().damage()).isEmpty();
        assertThat(store.stats().deadBytes()).isPositive();
        StoreAccess.crash(store);
        try (BlobStore<String> again = open()) {
            assertThat(again.stats().opening().damage()).isEmpty();
            assertThat(again.get("key")).isEqualTo(new byte[] {1});
            assertThat(TestStores.content(again)).containsOnlyKeys("key", "next");
        }
        try (BlobStore<String> again = open()) {
            assertThat(TestStores.content(again)).containsOnlyKeys("key", "next");
        }
    }

    @Test
    void bufferedBlobsAreNotLostByAFailedFlush() throws IOException {
        BlobStore<String> store = open();
        store.withDurability(Durability.BUFFERED).put("a", new byte[] {1});
        store.withDurability(Durability.BUFFERED).put("b", new byte[] {2});
        device.setFreeBytes(40);
        assertThatThrownBy(() -> store.put("c", new byte[] {3})).isInstanceOf(IOException.class);
        assertThatThrownBy(store::force).isInstanceOf(IOException.class);
        assertThat(store.get("a")).isEqualTo(new byte[] {1});
        assertThat(store.get("b")).isEqualTo(new byte[] {2});

        device.freeSpace();
        store.force();
        StoreAccess.crash(store);
        try (BlobStore<String> again = open()) {
            assertThat(TestStores.content(again)).containsOnlyKeys("a", "b");
        }
    }

    @Test
    void rollWithoutSpaceFailsAndIsRepeated() throws IOException {
        BlobStore<String> store = open();
        store.put("a", new byte[40_000]);
        for (int i = 0; i < 3; i++) {
            device.setFreeBytes(40L * i);
            assertThatThrownBy(() -> store.put("b", new byte[40_000])).isInstanceOf(IOException.class);
        }
        device.freeSpace();
        store.put("b", new byte[40_000]);
        assertThat(store.get("a")).hasSize(40_000);
        assertThat(store.get("b")).hasSize(40_000);
        store.close();
        try (BlobStore<String> again = open()) {
            assertThat(TestStores.content(again)).containsOnlyKeys("a", "b");
            assertThat(again.verify().damage()).isEmpty();
        }
    }

    @Test
    void closeWithoutSpaceThrowsAndTheNextOpeningRecovers() throws IOException {
        BlobStore<String> store = open();
        store.put("a", new byte[100]);
        device.setFreeBytes(0);
        assertThatThrownBy(store::close).isInstanceOf(IOException.class);
        device.freeSpace();
        try (BlobStore<String> again = open()) {
            assertThat(again.stats().opening().clean()).isFalse();
            assertThat(again.get("a")).hasSize(100);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void concurrentPuttersOnADeviceThatFillsUpKeepWhatWasAcknowledged(long seed) throws Exception {
        BlobStore<String> store = open();
        int threads = 4;
        List<Map<String, ByteBuffer>> models = new ArrayList<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Map<String, ByteBuffer> model = new HashMap<>();
            models.add(model);
            int thread = t;
            tasks.add(() -> {
                putSome(store, model, thread, new Random(seed * 100 + thread));
                return null;
            });
        }
        inParallel(tasks);
        device.freeSpace();
        Map<String, ByteBuffer> all = new HashMap<>();
        models.forEach(all::putAll);

        assertThat(TestStores.content(store)).isEqualTo(all);
        store.force();
        StoreAccess.crash(store);
        try (BlobStore<String> again = open()) {
            assertThat(again.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(again)).isEqualTo(all);
            assertThat(again.verify().damage()).isEmpty();
        }
    }

    private void putSome(BlobStore<String> store, Map<String, ByteBuffer> model, int thread, Random random) {
        for (int i = 0; i < 400; i++) {
            if (thread == 0) {
                device.setFreeBytes(i % 3 == 0 ? Long.MAX_VALUE : random.nextInt(20_000));
            }
            String key = thread + " " + random.nextInt(10);
            byte[] blob = TestStores.blob(random.nextInt(10) == 0 ? 9000 : random.nextInt(400), i);
            try {
                if (random.nextInt(5) == 0) {
                    store.remove(key);
                    model.remove(key);
                } else {
                    store.withDurability(TestStores.DURABILITIES.get(random.nextInt(3)))
                            .put(key, blob);
                    model.put(key, ByteBuffer.wrap(blob));
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("No space");
            }
        }
    }

    // ---- forces

    @ParameterizedTest
    @EnumSource(Durability.class)
    void writesAreRefusedAfterAFailedForceUntilTheStoreIsReopened(Durability durability) throws IOException {
        BlobStore<String> store = open();
        store.withDurability(Durability.FORCED).put("key", new byte[] {1});
        device.setForcesFail(true);
        assertThatThrownBy(() -> store.withDurability(Durability.FORCED).put("key", new byte[] {2}))
                .hasMessageContaining("Input/output error");
        device.setForcesFail(false);

        assertThatThrownBy(() -> store.withDurability(durability).put("key", new byte[] {3}))
                .isInstanceOf(WritesRefusedException.class)
                .hasMessageContaining("Input/output error");
        assertThatThrownBy(() -> store.putIfAbsent("new", new byte[1])).isInstanceOf(WritesRefusedException.class);
        assertThatThrownBy(() -> store.withDurability(durability).remove("key"))
                .isInstanceOf(WritesRefusedException.class);
        assertThatThrownBy(store::force).isInstanceOf(WritesRefusedException.class);
        assertThat(store.get("key")).isEqualTo(new byte[] {1});
        assertThat(TestStores.content(store)).containsOnlyKeys("key");
        assertThatThrownBy(store::close).isInstanceOf(WritesRefusedException.class);
        try (BlobStore<String> again = open()) {
            assertThat(again.stats().opening().clean()).isFalse();
            assertThat(again.get("key")).hasSize(1);
            again.put("key", new byte[] {4});
            assertThat(again.get("key")).isEqualTo(new byte[] {4});
        }
    }

    @Test
    void closeAfterARefusalKeepsWhatOtherFilesHaveInTheirBuffers() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = StoreAccess.streamMemoryBytes(TestStores.onHeap(directory), 1000)
                .open(directory.path());
        store.withDurability(Durability.BUFFERED).put("buffered", new byte[] {1});
        try (BlobOutputStream out = store.withDurability(Durability.FORCED).newOutputStream("streamed")) {
            out.write(new byte[40_000]);
            directory.setFault((number, kind, bytes) -> {
                if (kind.equals("force")) {
                    throw new IOException("Input/output error");
                }
                return FaultyDirectory.Fault.CARRY_OUT;
            });
            assertThatThrownBy(out::commit).hasMessageContaining("Input/output error");
        }
        directory.setFault(null);

        assertThatThrownBy(() -> store.put("new", new byte[1])).isInstanceOf(WritesRefusedException.class);
        assertThatThrownBy(store::close).isInstanceOf(WritesRefusedException.class);
        FaultyDirectory after =
                new FaultyDirectory(directory.deviceAfter(directory.changes()).afterPowerLoss());
        try (BlobStore<String> again = TestStores.onHeap(after).open(after.path())) {
            assertThat(again.get("buffered")).isEqualTo(new byte[] {1});
        }
    }

    @Test
    void forceOfTheDirectoryThatFailedIsRepeatedByTheNextForcedPut() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = TestStores.onHeap(directory).open(directory.path());
        directory.setFault((number, kind, bytes) -> {
            if (kind.equals("force directory")) {
                throw new IOException("Input/output error");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        assertThatThrownBy(() -> store.withDurability(Durability.FORCED).put("first", new byte[] {1}))
                .hasMessageContaining("Input/output error");
        directory.setFault(null);
        store.withDurability(Durability.FORCED).put("second", new byte[] {2});

        FaultyDirectory after =
                new FaultyDirectory(directory.deviceAfter(directory.changes()).afterPowerLoss());
        try (BlobStore<String> again = TestStores.onHeap(after).open(after.path())) {
            assertThat(TestStores.content(again)).containsOnlyKeys("second");
        }
        StoreAccess.crash(store);
    }

    @Test
    void removalOfAnAbsentKeyMakesTheRemovalBeforeItAsDurable() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = TestStores.onHeap(directory).open(directory.path());
        store.withDurability(Durability.FORCED).put("key", new byte[] {1});
        store.withDurability(Durability.WRITTEN).remove("key");
        assertThat(store.withDurability(Durability.FORCED).remove("key")).isFalse();

        FaultyDirectory after =
                new FaultyDirectory(directory.deviceAfter(directory.changes()).afterPowerLoss());
        try (BlobStore<String> again = TestStores.onHeap(after).open(after.path())) {
            assertThat(again.contains("key")).isFalse();
        }
        StoreAccess.crash(store);
    }

    @Test
    void forcedPutIsForcedWithTheNameOfItsFileAndAWrittenOneIsNot() throws IOException {
        try (BlobStore<String> store = open()) {
            int files = device.fileForces();
            int directories = device.directoryForces();
            store.withDurability(Durability.WRITTEN).put("a", new byte[1]);
            store.withDurability(Durability.BUFFERED).put("a", new byte[1]);
            assertThat(device.fileForces()).isEqualTo(files);

            store.withDurability(Durability.FORCED).put("a", new byte[1]);
            assertThat(device.fileForces()).isEqualTo(files + 1);
            assertThat(device.directoryForces()).isEqualTo(directories + 1);

            store.withDurability(Durability.FORCED).remove("a");
            assertThat(device.fileForces()).isEqualTo(files + 2);
            assertThat(device.directoryForces()).isEqualTo(directories + 1);

            store.force();
            assertThat(device.fileForces()).isEqualTo(files + 2);
        }
    }

    /** Each changes what the one before has left. */
    @Test
    void everyWriteOfAViewIsAsDurableAsTheView() throws IOException {
        byte[] blob = new byte[1];
        List<ThrowingConsumer<BlobStore<String>>> writes = List.of(
                view -> assertThat(view.putIfAbsent("a", blob)).isTrue(),
                view -> assertThat(view.replace("a", blob)).isTrue(),
                view -> assertThat(view.replaceIfEqual("a", blob, blob)).isTrue(),
                view -> assertThat(view.removeIfEqual("a", blob)).isTrue(),
                view -> view.put("a", new ByteArrayInputStream(blob)),
                view -> view.put("a", out -> out.write(blob)),
                view -> {
                    try (BlobOutputStream out = view.newOutputStream("a")) {
                        out.write(blob);
                        out.commit();
                    }
                },
                view -> view.putAll(Map.of("a", blob, "b", blob)),
                view -> assertThat(view.removeAll(List.of("a", "b"))).isEqualTo(2),
                view -> view.asMap().put("a", blob),
                view -> view.asMap().compute("a", (key, present) -> blob),
                view -> view.asMap().entrySet().iterator().next().setValue(blob),
                view -> view.asMap().putAll(Map.of("a", blob)),
                view -> view.asMap().keySet().remove("a"),
                view -> view.asMap().computeIfAbsent("a", key -> blob),
                view -> view.asMap().computeIfPresent("a", (key, present) -> null),
                view -> view.asMap().merge("a", blob, (before, now) -> now),
                view -> view.asMap().clear());
        for (Durability durability : Durability.values()) {
            try (BlobStore<String> store = open()) {
                BlobStore<String> view = store.withDurability(durability).withCompression(Compression.ZSTD);
                for (int i = 0; i < writes.size(); i++) {
                    store.force();
                    int forces = device.fileForces();
                    writes.get(i).accept(view);
                    assertThat(device.fileForces() > forces)
                            .as("%s, write %d", durability, i)
                            .isEqualTo(durability == Durability.FORCED);
                }
            }
        }
    }

    @Test
    void openingAfterACrashForcesWhatItFound() throws Exception {
        BlobStore<String> store = open();
        store.put("a", new byte[1]);
        StoreAccess.crash(store);
        CountDownLatch forced = new CountDownLatch(1);
        device.setBeforeForce(forced::countDown);
        try (BlobStore<String> again = open()) {
            assertThat(again.get("a")).hasSize(1);
            forced.await(); // Behind the opening, and without anybody asking.
        }
    }

    @Test
    void puttersThatComeTogetherShareForces() throws Exception {
        int threads = 8;
        try (BlobStore<String> store = open()) {
            store.withDurability(Durability.FORCED).put("first", new byte[1]);
            int forces = device.fileForces();
            CountDownLatch inForce = new CountDownLatch(1);
            CountDownLatch others = new CountDownLatch(1);
            device.setBeforeForce(() -> {
                inForce.countDown();
                awaitQuietly(others);
            });
            ExecutorService executor = Executors.newFixedThreadPool(threads);
            try {
                List<Future<?>> puts = new ArrayList<>();
                puts.add(executor.submit(() -> {
                    store.withDurability(Durability.FORCED).put("key0", new byte[1]);
                    return null;
                }));
                inForce.await();
                long before = store.stats().arenaBytes();
                for (int i = 1; i < threads; i++) {
                    String key = "key" + i;
                    puts.add(executor.submit(() -> {
                        store.withDurability(Durability.FORCED).put(key, new byte[1]);
                        return null;
                    }));
                }
                // All have appended, and wait for the force that is held up or for the next.
                while (store.stats().arenaBytes() < before + (threads - 1) * (32L + 4 + 1)) {
                    Thread.onSpinWait();
                }
                others.countDown();
                for (Future<?> put : puts) {
                    put.get();
                }
            } finally {
                executor.shutdown();
            }
            assertThat(device.fileForces() - forces).isLessThan(threads);
        }
    }

    @Test
    void everySoManyBytesAreForcedInTheBackground() throws Exception {
        try (BlobStore<String> store =
                TestStores.onHeap(device).forceEveryBytes(1000).open(device.path())) {
            int forces = device.fileForces();
            store.put("a", new byte[100]);
            assertThat(device.fileForces()).isEqualTo(forces);
            CountDownLatch forced = new CountDownLatch(1);
            device.setBeforeForce(forced::countDown);
            store.put("b", new byte[900]);
            forced.await();
        }
    }

    @Test
    void everySoManyBytesAreForcedAgainAndAgain() throws IOException {
        try (BlobStore<String> store = StoreAccess.environment(
                        TestStores.onHeap().forceEveryBytes(1000),
                        new StoreEnvironment(
                                (path, create) -> device,
                                HeapLocationIndexFactory.forgetting(),
                                name -> new ManualBackground()))
                .open(device.path())) {
            for (int i = 0; i < 5; i++) {
                int forces = device.fileForces();
                store.put("key", new byte[1000]);
                assertThat(device.fileForces()).isGreaterThan(forces);
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void inParallel(List<Callable<Void>> tasks) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<Void> future : executor.invokeAll(tasks)) {
                future.get();
            }
        } finally {
            executor.shutdown();
            executor.awaitTermination(1, TimeUnit.MINUTES);
        }
    }
}
