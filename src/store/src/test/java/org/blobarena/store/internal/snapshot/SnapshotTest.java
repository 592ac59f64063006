package org.blobarena.store.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.DurabilityTest;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stores made of others while these go on. Shows invariant 14 of store-format.md. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SnapshotTest {

    @TempDir
    Path temporary;

    private BlobStore<String> open(String name) throws IOException {
        return TestStores.onHeap().open(temporary.resolve(name));
    }

    private static Map<String, ByteBuffer> fill(BlobStore<String> store, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            store.put("key" + i % 100, TestStores.blob(1000, i));
        }
        return TestStores.content(store);
    }

    @Test
    void snapshotIsAStoreOfThatMomentAndBothGoTheirOwnWay() throws IOException {
        Map<String, ByteBuffer> then;
        try (BlobStore<String> store = open("store")) {
            then = fill(store, 0, 300);
            store.snapshot(temporary.resolve("snapshot"));
            fill(store, 300, 600);
            store.remove("key1");
            store.compact();
            try (BlobStore<String> snapshot = open("snapshot")) {
                assertThat(snapshot.stats().opening().damage()).isEmpty();
                assertThat(TestStores.content(snapshot)).isEqualTo(then);
                snapshot.put("key1", new byte[1]);
                snapshot.compact();
                assertThat(snapshot.verify().damage()).isEmpty();
            }
            assertThat(store.contains("key1")).isFalse();
            assertThat(store.verify().damage()).isEmpty();
        }
        try (BlobStore<String> store = open("store")) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).hasSize(99);
        }
    }

    @Test
    void filesOfASnapshotAreLinksThatCompactionOfTheStoreDoesNotTouch() throws IOException {
        try (BlobStore<String> store = open("store")) {
            fill(store, 0, 300);
            store.snapshot(temporary.resolve("snapshot"));
            for (Path file : TestStores.arenas(temporary.resolve("snapshot"))) {
                assertThat(Files.isSameFile(file, temporary.resolve("store").resolve(file.getFileName())))
                        .isTrue();
            }
            Map<String, byte[]> before = TestStores.files(temporary.resolve("snapshot"));
            fill(store, 0, 300);
            store.compact();
            assertThat(TestStores.files(temporary.resolve("snapshot"))).containsExactlyEntriesOf(before);
        }
    }

    @Test
    void snapshotWhereLinksCannotBeMadeIsACopy() throws IOException {
        FaultyDirectory original = new FaultyDirectory(DiskImage.empty());
        FaultyDirectory copy = new FaultyDirectory(DiskImage.empty());
        Map<String, ByteBuffer> then;
        try (BlobStore<String> store = onSimulated(original, copy)) {
            then = fill(store, 0, 150);
            store.snapshot(Path.of("copy"));
        }
        try (BlobStore<String> store = onSimulated(copy, copy)) {
            assertThat(TestStores.content(store)).isEqualTo(then);
        }
    }

    /** The power fails at every change that the copy makes: it is then whole, or no store at all. */
    @Test
    void crashInASnapshotLeavesAWholeOneOrNone() throws IOException {
        FaultyDirectory original = new FaultyDirectory(DiskImage.empty());
        FaultyDirectory copy = new FaultyDirectory(DiskImage.empty());
        Map<String, ByteBuffer> then;
        try (BlobStore<String> store = onSimulated(original, copy)) {
            then = fill(store, 0, 150);
            store.snapshot(Path.of("copy"));
        }
        SplittableRandom random = new SplittableRandom(1);
        int whole = 0;
        for (int changes = 0; changes <= copy.changes(); changes++) {
            SimulatedDevice device = copy.deviceAfter(changes);
            List<DiskImage> images = new ArrayList<>(List.of(device.afterKill(), device.afterPowerLoss()));
            for (int i = 0; i < 20; i++) {
                images.add(device.afterPowerLoss(random));
            }
            for (DiskImage image : images) {
                FaultyDirectory left = new FaultyDirectory(image);
                try (BlobStore<String> store =
                        TestStores.onHeap(left).createIfMissing(false).open(Path.of("copy"))) {
                    assertThat(TestStores.content(store)).isEqualTo(then);
                    assertThat(store.stats().opening().damage()).isEmpty();
                    whole++;
                } catch (NotAStoreException e) {
                    assertThat(changes).isLessThan(copy.changes());
                }
            }
        }
        assertThat(whole).isGreaterThanOrEqualTo(2);
    }

    private static BlobStore<String> onSimulated(FaultyDirectory original, FaultyDirectory copy) throws IOException {
        return StoreAccess.environment(
                        TestStores.onHeap(),
                        new StoreEnvironment(
                                (path, create) -> path.equals(Path.of("copy")) ? copy : original,
                                HeapLocationIndexFactory.forgetting(),
                                name -> new CrashWorkload.Immediate()))
                .open(Path.of("original"));
    }

    @Test
    void directoryThatIsNotEmptyIsRefusedAndLeftAlone() throws IOException {
        Path target = Files.createDirectory(temporary.resolve("target"));
        Files.writeString(target.resolve("somebody's"), "x");
        try (BlobStore<String> store = open("store")) {
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> store.snapshot(target))
                    .withMessageContaining("somebody's");
        }
        assertThat(target).isDirectoryContaining(path -> path.endsWith("somebody's"));
        assertThat(TestStores.files(target)).hasSize(1);
    }

    /** Two keys are written one after the other with the same number: in a snapshot the second is never ahead. */
    @Test
    void snapshotsDuringWritesAndCompactionsAreOfOneMoment() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        try (BlobStore<String> store = open("store")) {
            List<Callable<Void>> tasks = new ArrayList<>();
            tasks.add(() -> {
                for (int i = 0; !ended.get(); i++) {
                    byte[] blob = ByteBuffer.allocate(2000).putInt(0, i).array();
                    store.put("first", blob);
                    store.put("second", blob);
                }
                return null;
            });
            tasks.add(() -> {
                for (int i = 0; i < 10; i++) {
                    store.snapshot(temporary.resolve("snapshot" + i));
                    store.compact();
                }
                ended.set(true);
                return null;
            });
            DurabilityTest.inParallel(tasks);
        }
        int last = -1;
        for (int i = 0; i < 10; i++) {
            try (BlobStore<String> snapshot = open("snapshot" + i)) {
                assertThat(snapshot.stats().opening().damage()).isEmpty();
                Map<String, ByteBuffer> content = new HashMap<>(TestStores.content(snapshot));
                if (!content.isEmpty()) {
                    int first = content.get("first").getInt(0);
                    int second = content.containsKey("second")
                            ? content.get("second").getInt(0)
                            : -1;
                    assertThat(first - second).isBetween(0, 1);
                    assertThat(first).isGreaterThanOrEqualTo(last);
                    last = first;
                }
                assertThat(snapshot.verify().damage()).isEmpty();
            }
        }
    }
}
