package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.SmallDisk;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.testing.UsualIndex;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device without space. Shows invariant 6 of store-format.md. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskTest {

    private static final int MOUNTED_BYTES = 8 << 20;
    private static final byte[] SMALL = {1, 2, 3};

    @TempDir
    Path temporary;

    private final List<SmallDisk> disks = new ArrayList<>();

    /** Where a store is. */
    enum Kind {
        SIMULATED,
        MOUNTED
    }

    @AfterEach
    void unmount() throws IOException {
        for (SmallDisk disk : disks) {
            disk.close();
        }
    }

    private SmallDisk disk(Kind kind) throws IOException, InterruptedException {
        SmallDisk disk = kind == Kind.SIMULATED ? SmallDisk.simulated(temporary) : mounted(MOUNTED_BYTES);
        disks.add(disk);
        return disk;
    }

    private SmallDisk.Mounted mounted(int bytes) throws IOException, InterruptedException {
        SmallDisk.Mounted disk = SmallDisk.mounted(Files.createDirectory(temporary.resolve("disk")), bytes);
        assumeTrue(disk != null, "no file system can be mounted here");
        return disk;
    }

    private static String key(int i) {
        return "key-" + i;
    }

    private static DiskFullException putFails(BlobStore<String> store, String key, int length, Durability durability) {
        return catchThrowableOfType(
                DiskFullException.class, () -> store.withDurability(durability).put(key, new byte[length]));
    }

    /** Puts small blobs until the device is full; the number that were put. */
    private static int fillWithBlobs(BlobStore<String> store) throws IOException {
        for (int i = 0; ; i++) {
            try {
                store.put(key(i), new byte[500]);
            } catch (DiskFullException e) {
                return i;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void putOnAFullDiskThrowsAndTheKeyHasItsOldBlobNowAndAfterACrash(Kind kind) throws Exception {
        SmallDisk disk = disk(kind);
        BlobStore<String> store = disk.open();
        store.put("old", SMALL);
        disk.fillBut(0);
        int filled = fillWithBlobs(store);

        for (Durability durability : List.of(Durability.WRITTEN, Durability.FORCED)) {
            for (int length : new int[] {300, 30_000}) {
                assertThat(putFails(store, "old", length, durability))
                        .hasMessageContaining(disk.toString().equals("mounted") ? "store" : temporary.toString())
                        .hasMessageMatching("(?s).*\\d+ bytes needed, \\d+ usable.*");
                assertThat(putFails(store, "new", length, durability)).isNotNull();
            }
        }
        assertThatExceptionOfType(DiskFullException.class).isThrownBy(() -> store.putIfAbsent("new", new byte[300]));

        assertThat(store.get("old")).isEqualTo(SMALL);
        assertThat(store.contains("new")).isFalse();
        assertThat(TestStores.content(store)).hasSize(filled + 1);
        StoreAccess.crash(store);
        try (BlobStore<String> again = disk.open()) {
            assertThat(again.get("old")).isEqualTo(SMALL);
            assertThat(TestStores.content(again)).hasSize(filled + 1).doesNotContainKey("new");
            assertThat(again.stats().opening().damage()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void removalsGoOnUntilTheReserveIsUsedUpAndThenFailCleanly(Kind kind) throws Exception {
        SmallDisk disk = disk(kind);
        BlobStore<String> store = disk.open();
        for (int i = 0; i < 3000; i++) {
            store.put(key(i), SMALL);
        }
        disk.fillBut(0);
        fillWithBlobs(store);
        assertThat(disk.hasReserve()).isTrue();

        for (int i = 0; i < 50; i++) {
            assertThat(store.remove(key(i))).isTrue();
            // What the reserve has given back is for removals.
            assertThat(putFails(store, key(i), 30_000, Durability.WRITTEN)).isNotNull();
        }
        assertThat(disk.hasReserve()).isFalse();
        disk.fillBut(0);
        int removed = 50;
        DiskFullException failure = null;
        while (failure == null) {
            int next = removed;
            failure = catchThrowableOfType(
                    DiskFullException.class,
                    () -> store.withDurability(Durability.WRITTEN).remove(key(next)));
            removed += failure == null ? 1 : 0;
        }

        assertThat(store.contains(key(removed - 1))).isFalse();
        assertThat(store.get(key(removed))).isNotNull();
        StoreAccess.crash(store);
        disk.empty();
        try (BlobStore<String> again = disk.open()) {
            assertThat(again.contains(key(0))).isFalse();
            assertThat(again.contains(key(removed - 1))).isFalse();
            assertThat(again.get(key(removed))).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void spaceThatComesBackIsUsedWithoutReopeningAndTheReserveMadeAgain(Kind kind) throws Exception {
        SmallDisk disk = disk(kind);
        try (BlobStore<String> store = disk.open()) {
            store.put("removed", SMALL);
            disk.fillBut(0);
            fillWithBlobs(store);
            assertThat(store.remove("removed")).isTrue();
            assertThat(disk.hasReserve()).isFalse();

            disk.empty();
            for (int i = 0; i < Reserve.WRITES_PER_ATTEMPT; i++) {
                store.put("back-" + i, SMALL);
            }
            // It is made in the background, by and by; a close would drop what waits there.
            while (!disk.hasReserve()) {
                store.put("back", SMALL);
            }
            assertThat(store.get("back-0")).isEqualTo(SMALL);
            assertThat(store.contains("removed")).isFalse();
            assertThat(store.verify().damage()).isEmpty();
        }
        assertThat(disk.hasReserve()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void storeClosesAndOpensOnAFullDisk(Kind kind) throws Exception {
        SmallDisk disk = disk(kind);
        BlobStore<String> store = disk.open();
        store.put("first", SMALL);
        disk.fillBut(0);
        store.withDurability(Durability.BUFFERED).put("a", new byte[2000]);
        store.close();
        assertThat(disk.hasReserve()).isFalse();
        disk.fillBut(0);

        try (BlobStore<String> again = disk.open()) {
            assertThat(again.get("a")).hasSize(2000);
            disk.empty();
        }
    }

    @Test
    void crashedStoreOpensOnAFullDiskInTheSpaceOfItsOldIndex() throws Exception {
        SmallDisk disk = disk(Kind.MOUNTED);
        BlobStore<String> store = disk.open();
        int filled = fillWithBlobs(store);
        StoreAccess.crash(store);
        disk.fillBut(0);

        try (BlobStore<String> again = disk.open()) {
            assertThat(TestStores.content(again)).hasSize(filled);
        }
    }

    @Test
    void openingWithoutSpaceForAnIndexThrowsAndLosesNothing() throws Exception {
        SmallDisk.Mounted disk = (SmallDisk.Mounted) disk(Kind.MOUNTED);
        BlobStore<String> store = disk.open();
        store.put("a", SMALL);
        StoreAccess.crash(store);
        Files.delete(disk.store().resolve("RESERVE"));
        for (String name : TestStores.files(disk.store()).keySet()) {
            if (UsualIndex.factory().owns(name)) {
                Files.delete(disk.store().resolve(name));
            }
        }
        disk.fillBut(0);

        assertThatExceptionOfType(DiskFullException.class)
                .isThrownBy(disk::open)
                .withMessageContaining("index-")
                .withMessageMatching(".*\\d+ bytes needed, 0 usable");
        disk.empty();
        try (BlobStore<String> again = disk.open()) {
            assertThat(again.get("a")).isEqualTo(SMALL);
        }
    }

    @Test
    void newStoreOnAFullDiskIsRefusedAndCanBeMadeLater() throws Exception {
        SmallDisk.Mounted disk = (SmallDisk.Mounted) disk(Kind.MOUNTED);
        disk.fillBut(0);
        assertThatExceptionOfType(DiskFullException.class).isThrownBy(disk::open);
        disk.empty();
        try (BlobStore<String> store = disk.open()) {
            store.put("a", SMALL);
        }
    }

    @Test
    void processWhoseIndexMustGrowOnAFullDiskLives() throws Exception {
        UsualIndex.assumeChronicleMap(); // A table grows by so little that the blobs fill the disk.
        SmallDisk.Mounted disk = mounted(IndexOnFullDiskProgram.DISK_BYTES);
        disks.add(disk);
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(), List.of("-XX:+UseSerialGC"), IndexOnFullDiskProgram.class, disk.store())) {
            assertThat(child.awaitEnd()).contains("index full", "all found", "grown");
        }
    }

    @Test
    void deviceThatFailsOtherwiseIsNotCalledFull() throws IOException {
        FailingDirectory device = new FailingDirectory(new NioDirectory(temporary));
        try (BlobStore<String> store = TestStores.onHeap(device).open(temporary)) {
            store.put("a", SMALL);
            device.setBeforeWrite(() -> {
                throw new IllegalStateException("broken");
            });
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> store.put("a", new byte[5000]));
            device.setBeforeWrite(() -> {});
        }
    }

    /** Nothing is written for the key, but what was written before has to reach the device for it. */
    @Test
    void removalOfAnAbsentKeyThatMeetsAFullDiskSaysSo() throws IOException {
        TestDirectory directory = new TestDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        try (BlobStore<String> store = TestStores.onHeap(directory).open(directory.path())) {
            store.put("first", SMALL);
            store.withDurability(Durability.BUFFERED).put("buffered", SMALL);
            directory.setFreeBytes(0);
            List<String> absent = List.of("absent");

            assertThatThrownBy(() -> store.remove("absent")).isInstanceOf(DiskFullException.class);
            assertThatThrownBy(() -> store.withDurability(Durability.FORCED).remove("absent"))
                    .isInstanceOf(DiskFullException.class);
            assertThatThrownBy(() -> store.removeAll(absent)).isInstanceOf(DiskFullException.class);
            assertThatThrownBy(() -> store.withDurability(Durability.FORCED).removeAll(absent))
                    .isInstanceOf(DiskFullException.class);
            assertThatThrownBy(() -> store.asMap().keySet().remove("absent"))
                    .hasCauseInstanceOf(DiskFullException.class);

            directory.freeSpace();
            assertThat(store.withDurability(Durability.FORCED).remove("absent")).isFalse();
        }
    }
}
