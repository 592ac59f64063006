package org.blobarena.store.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordType;
import org.blobarena.store.BlobStore;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;

/** Looks at the directory after every change that a workload makes to it. Shows invariants 1, 2 and 8 of store-format.md. */
class WriteOrderTest {

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());

    @Test
    void arenaFilesOnlyGrowAndNoByteOfThemChanges() throws IOException {
        new CrashWorkload(directory, 1, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE).run(3, 60);
        SimulatedDevice device = directory.device();
        Map<String, byte[]> before = Map.of();
        for (int change = 0; change < directory.changes(); change++) {
            directory.advance(device, change);
            Map<String, byte[]> after = arenas(device.afterKill());
            before.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(start(after.get(name), bytes.length)));
            before = after;
        }
        assertThat(before).hasSizeGreaterThan(2);
    }

    @Test
    void markOfACloseIsOffTheDeviceOnceTheStoreIsOpenAgain() throws IOException {
        open().close();
        DiskImage closed = directory.deviceAfter(directory.changes()).afterPowerLoss();
        assertThat(closed.files()).containsKey(FileNames.CLEAN);

        try (BlobStore<String> again = open()) {
            DiskImage opened = directory.deviceAfter(directory.changes()).afterPowerLoss();
            assertThat(opened.files()).doesNotContainKey(FileNames.CLEAN);
            assertThat(again.stats().opening().clean()).isTrue();
        }
    }

    @Test
    void fileThatManySmallRecordsFillIsSealedWithinItsLimit() throws IOException {
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 3000; i++) {
                store.put("key" + i, new byte[i % 7]);
            }
        }
        Map<String, byte[]> files =
                arenas(directory.deviceAfter(directory.changes()).afterKill());
        assertThat(files).hasSizeGreaterThan(2);
        files.forEach(
                (name, bytes) -> assertThat(bytes.length).as(name).isLessThanOrEqualTo(TestStores.SMALL_FILE_BYTES));
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap(directory).open(directory.path());
    }

    /** Then a file gets shorter once, at the opening, and its earlier bytes stay. */
    @Test
    void tornTailIsCutBeforeAnythingIsAppended() throws IOException {
        new CrashWorkload(directory, 1, new CrashWorkload.Never(), CrashWorkload.Sizes.WHOLE).run(1, 40);
        Map<String, byte[]> crashed = new TreeMap<>(
                directory.deviceAfter(directory.changes()).afterKill().files());
        crashed.remove(FileNames.CLEAN);
        String last = FileNames.arena(arenas(new DiskImage(crashed)).size());
        byte[] whole = crashed.get(last);
        crashed.put(last, Arrays.copyOf(whole, whole.length + 77));
        FaultyDirectory torn = new FaultyDirectory(new DiskImage(crashed));

        new CrashWorkload(torn, 2, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE).run(1, 40);

        SimulatedDevice device = torn.device();
        int cuts = 0;
        byte[] before = crashed.get(last);
        for (int change = 0; change < torn.changes(); change++) {
            torn.advance(device, change);
            byte[] after = arenas(device.afterKill()).get(last);
            if (after.length < before.length) {
                cuts++;
                assertThat(after).isEqualTo(whole);
            } else {
                assertThat(start(after, before.length)).isEqualTo(before);
            }
            before = after;
        }
        assertThat(cuts).isEqualTo(1);
        assertThat(before.length).isGreaterThan(whole.length);
    }

    @Test
    void sequenceNumbersAscendWithTheOffset() throws IOException {
        new CrashWorkload(directory, 3, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE).run(3, 60);
        int[] records = new int[1];
        arenas(directory.deviceAfter(directory.changes()).afterKill()).forEach((name, array) -> {
            ByteBuffer bytes = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
            long sequence = 0;
            int at = ArenaHeader.BYTES;
            while (at < bytes.limit()) {
                if (RecordType.isOfKey(bytes.get(at + 30))) {
                    assertThat(bytes.getLong(at + 8)).as(name + " at " + at).isGreaterThan(sequence);
                    sequence = bytes.getLong(at + 8);
                    records[0]++;
                }
                at += 32 + Short.toUnsignedInt(bytes.getShort(at + 28)) + bytes.getInt(at + 16);
            }
        });
        assertThat(records[0]).isGreaterThan(100);
    }

    @Test
    void markExistsOnlyWhileEveryRecordIsOnTheDevice() throws IOException {
        new CrashWorkload(directory, 4, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE)
                .compacting()
                .run(4, 40);
        SimulatedDevice device = directory.device();
        int marked = 0;
        for (int change = 0; change < directory.changes(); change++) {
            directory.advance(device, change);
            DiskImage now = device.afterKill();
            DiskImage durable = device.afterPowerLoss();
            if (now.files().containsKey(FileNames.CLEAN) || durable.files().containsKey(FileNames.CLEAN)) {
                marked++;
                Map<String, byte[]> records = arenas(durable);
                assertThat(records.keySet()).isEqualTo(arenas(now).keySet());
                arenas(now)
                        .forEach((name, bytes) ->
                                assertThat(records.get(name)).as(name).isEqualTo(bytes));
            }
        }
        assertThat(marked).isPositive();
    }

    private static byte[] start(byte[] bytes, int length) {
        assertThat(bytes).hasSizeGreaterThanOrEqualTo(length);
        return Arrays.copyOf(bytes, length);
    }

    private static Map<String, byte[]> arenas(DiskImage image) {
        Map<String, byte[]> arenas = new TreeMap<>(image.files());
        arenas.keySet().removeIf(name -> FileNames.arenaId(name).isEmpty());
        return arenas;
    }
}
