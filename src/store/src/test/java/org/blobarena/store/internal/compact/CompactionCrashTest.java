package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.format.FileNames;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.ManualBackground;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;

/**
 * Crashes in and after compactions of a kind that a random workload seldom comes by: while readers hold files, of files
 * that hold history alone, of more than one output, by itself between other writes, of what an earlier crash has torn,
 * and after a failure. Shows invariant 13 of store-format.md.
 */
class CompactionCrashTest {

    private static final int RANDOM_VERSIONS = 6;
    private static final int SMALL = TestStores.SMALL_FILE_BYTES;

    private final SplittableRandom random = new SplittableRandom(1);
    private FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private final ManualBackground background = new ManualBackground();

    private BlobStoreBuilder<String> builder(FaultyDirectory device) {
        return StoreAccess.environment(
                BlobStore.builder(KeyCodec.utf8())
                        .arenaBytesMax(SMALL)
                        .bufferBytes(4096)
                        .automaticCompaction(false)
                        .durability(Durability.FORCED),
                new StoreEnvironment(
                        (path, create) -> device, HeapLocationIndexFactory.forgetting(), name -> background));
    }

    private BlobStore<String> open() throws IOException {
        return builder(directory).open(Path.of("simulated"));
    }

    private static Map<String, ByteBuffer> open(DiskImage image) throws IOException {
        try (BlobStore<String> store =
                new CompactionCrashTest().builder(new FaultyDirectory(image)).open(Path.of("simulated"))) {
            assertThat(store.stats().opening().damage()).isEmpty();
            Map<String, ByteBuffer> content = TestStores.content(store);
            StoreAccess.crash(store);
            return content;
        }
    }

    /** Opens what crashes leave at every change from one on, killed and without power, and returns how many there were. */
    private int requireAfterCrashes(int from, Map<String, ByteBuffer> expected) throws IOException {
        int states = 0;
        SimulatedDevice device = directory.deviceAfter(from);
        for (int change = from; change <= directory.changes(); change++) {
            assertThat(open(device.afterKill()))
                    .as("killed after change %d", change)
                    .isEqualTo(expected);
            assertThat(open(device.afterPowerLoss()))
                    .as("power lost after change %d", change)
                    .isEqualTo(expected);
            for (int version = 0; version < RANDOM_VERSIONS; version++) {
                assertThat(open(device.afterPowerLoss(random)))
                        .as("power lost after change %d, version %d", change, version)
                        .isEqualTo(expected);
            }
            states += 2 + RANDOM_VERSIONS;
            if (change < directory.changes()) {
                directory.advance(device, change);
            }
        }
        return states;
    }

    // ---- tombstones

    @Test
    void tombstoneStaysAsLongAsAFileThatAReaderHoldsHasTheKey() throws IOException {
        BlobStore<String> store = open();
        store.put("key", new byte[30]);
        store.compact();
        store.put("other", new byte[1]); // So that the first file is not the last.
        try (BlobInputStream reader = store.openStream("key")) {
            store.remove("key"); // Nothing in the first file is needed.
            for (int i = 0; i < 3; i++) {
                store.put("other", new byte[i]);
                store.put("other" + i, new byte[i]);
                int from = directory.changes();
                store.compact();
                requireAfterCrashes(from, TestStores.content(store));
            }
            assertThat(reader.readAllBytes()).isEqualTo(new byte[30]);
        }
        int from = directory.changes();
        store.compact();
        requireAfterCrashes(from, TestStores.content(store));
        assertThat(store.fileStats()).allMatch(file -> file.tombstones() == 0);
    }

    @Test
    void fileThatReplacesOneStaysAsLongAsThatDoes() throws IOException {
        BlobStore<String> store = open();
        store.put("gone", new byte[10]);
        store.put("read", new byte[10]);
        store.compact();
        try (BlobInputStream reader = store.openStream("read")) {
            store.put("x", new byte[100]);
            store.put("x", new byte[101]);
            store.remove("gone");
            store.compact(); // The tombstone goes with the value.
            for (int i = 0; i < 3; i++) {
                store.put("read", new byte[11 + i]);
                store.put("other", new byte[11 + i]);
                int from = directory.changes();
                store.compact();
                requireAfterCrashes(from, TestStores.content(store));
            }
            assertThat(reader.length()).isEqualTo(10);
        }
        int from = directory.changes();
        store.compact();
        requireAfterCrashes(from, TestStores.content(store));
    }

    /** The output, which names it, goes without an output of its own, and the device may keep either deletion alone. */
    @Test
    void deletionOfAFileThatWasLetGoLateIsOnTheDeviceBeforeWhatReplacesItGoes() throws IOException {
        BlobStore<String> store = builder(directory).automaticCompaction(true).open(Path.of("simulated"));
        store.pauseCompaction();
        store.put("key", new byte[1000]);
        store.put("read", new byte[1000]);
        fillFile(store);
        store.remove("key");
        fillFile(store);
        fillFile(store);
        BlobInputStream reader = store.openStream("read");
        store.compact();
        StoreFile output = StoreAccess.engine(store)
                .file(StoreAccess.engine(store)
                        .reads()
                        .locate(StoreAccess.engine(store).encoded("read".getBytes(StandardCharsets.UTF_8)))
                        .fileIndex());
        store.put("read", new byte[5]);
        for (String key : TestStores.content(store).keySet()) {
            store.put(key, new byte[5]);
        }
        Map<String, ByteBuffer> expected = TestStores.content(store);
        store.resumeCompaction();
        assertThat(output.isRetired()).isFalse();
        int from = directory.changes();
        reader.close();
        for (int i = 0; i < 4; i++) {
            background.tick();
        }

        assertThat(output.isRetired()).isTrue();
        for (int i = 0; i < 5; i++) { // In more versions, since few of them keep the one deletion and not the other.
            requireAfterCrashes(from, expected);
        }
    }

    /** So that what stood there before under the same keys is dead, and its file a victim together with others. */
    private static void fillFile(BlobStore<String> store) throws IOException {
        for (int i = 0; i < 7; i++) {
            store.put("filler" + i, new byte[9000]);
        }
    }

    @Test
    void filesOfAValueAndItsTombstoneGoTogether() throws IOException {
        BlobStore<String> store = open();
        String long1 = "t".repeat(2000);
        store.put(long1, new byte[10]);
        store.remove(long1);
        store.put("key", new byte[10]);
        store.put("j", new byte[58_000]);
        store.put("j", new byte[60_000]);
        store.remove("key");
        store.put("j", new byte[60_000]);
        Map<String, ByteBuffer> expected = TestStores.content(store);
        int from = directory.changes();
        store.compact();
        requireAfterCrashes(from, expected);
    }

    @Test
    void newestOfTwoTombstonesStays() throws IOException {
        BlobStore<String> store = open();
        store.put("key", new byte[10]);
        store.put("L1", new byte[60_000]);
        for (int i = 0; i < 2; i++) {
            store.put("j", new byte[20_000]);
            store.remove("key");
            store.put("j", new byte[20_001]);
            store.put("L2", new byte[60_000]);
            store.put("key", new byte[10]);
        }
        store.remove("key");
        store.put("j", new byte[20_000]);
        Map<String, ByteBuffer> expected = TestStores.content(store);
        int from = directory.changes();
        store.compact();
        requireAfterCrashes(from, expected);
    }

    // ---- rounds that come by themselves

    @Test
    void roundThatComesByItselfForcesWhatHasKilledItsVictims() throws IOException {
        BlobStore<String> store =
                builder(directory).automaticCompaction(true).maxDeadShare(0.1).open(Path.of("simulated"));
        Random random = new Random(1);
        for (int i = 0; i < 40; i++) {
            store.put("key-" + i, new byte[7]);
        }
        for (int i = 0; i < 200; i++) {
            for (int j = 0; j < 5; j++) {
                store.put("key-" + random.nextInt(40), new byte[random.nextInt(1500)]);
            }
            store.withDurability(Durability.BUFFERED).put("key-" + random.nextInt(40), new byte[300]);
            background.tick();
            if (i % 2 == 0) {
                DiskImage image = directory.deviceAfter(directory.changes()).afterPowerLoss();
                assertThat(open(image)).as("step %d", i).hasSize(40);
            }
        }
        assertThat(store.stats().compaction().rounds()).isGreaterThan(10);
    }

    // ---- more than one output

    /** A victim of a time when files could be longer. */
    private BlobStore<String> openWithOneLongFile() throws IOException {
        try (BlobStore<String> store =
                builder(directory).arenaBytesMax(8 * SMALL).open(Path.of("simulated"))) {
            for (int i = 0; i < 45; i++) {
                store.put("key" + i, TestStores.blob(9000, i));
            }
            for (int i = 0; i < 15; i++) {
                store.remove("key" + i);
            }
        }
        return open();
    }

    @Test
    void outputsThatAreSealedOneByOneCountForNothingBeforeTheLast() throws IOException {
        BlobStore<String> store = openWithOneLongFile();
        Map<String, ByteBuffer> expected = TestStores.content(store);
        int from = directory.changes();
        store.compact();
        assertThat(store.stats().arenaFiles()).isGreaterThan(2);
        assertThat(store.stats().deadBytes()).isZero();
        assertThat(requireAfterCrashes(from, expected)).isGreaterThan(300);
    }

    /** At each change that the compaction makes, and then what it makes of that. */
    @Test
    void compactionThatFailsAnywhereLosesNothingInACrashBehindThat() throws IOException {
        int total = changesOfACompaction();
        int states = 0;
        for (int failing = 0; failing < total; failing++) {
            directory = new FaultyDirectory(DiskImage.empty());
            BlobStore<String> store = openWithOneLongFile();
            Map<String, ByteBuffer> expected = TestStores.content(store);
            int from = directory.changes() + failing;
            boolean[] failed = new boolean[1];
            directory.setFault((number, kind, bytes) -> {
                if (number == from && !failed[0]) {
                    failed[0] = true;
                    throw new IOException("Input/output error");
                }
                return FaultyDirectory.Fault.CARRY_OUT;
            });
            try {
                store.compact();
            } catch (IOException e) {
                // As the last force may be on the device all the same.
            }
            assertThat(TestStores.content(store)).isEqualTo(expected);
            SimulatedDevice device = directory.deviceAfter(Math.min(from, directory.changes()));
            for (int change = from; change <= directory.changes(); change++) {
                assertThat(open(device.afterPowerLoss(random)))
                        .as("failed at change %d, power lost at %d", failing, change - from)
                        .isEqualTo(expected);
                states++;
                if (change < directory.changes()) {
                    directory.advance(device, change);
                }
            }
        }
        assertThat(states).isGreaterThan(300);
    }

    private int changesOfACompaction() throws IOException {
        BlobStore<String> store = openWithOneLongFile();
        int from = directory.changes();
        store.compact();
        return directory.changes() - from;
    }

    // ---- what a crash has torn

    /** The first sectors of the third file are lost, those behind are not. */
    private DiskImage torn(Map<String, ByteBuffer> kept) throws IOException {
        BlobStore<String> store =
                builder(directory).durability(Durability.WRITTEN).open(Path.of("simulated"));
        for (int i = 0; i < 30; i++) {
            store.put("key" + i, TestStores.blob(4000, i));
        }
        store.remove("key1");
        StoreAccess.crash(store);
        Map<String, byte[]> files = new HashMap<>(
                directory.deviceAfter(directory.changes()).afterKill().files());
        List<String> names = new ArrayList<>(files.keySet().stream()
                .filter(name -> name.endsWith(".arena"))
                .sorted()
                .toList());
        String last = names.get(names.size() - 1);
        byte[] bytes = files.get(last).clone();
        Arrays.fill(bytes, 64 + 10, 64 + 200, (byte) 0);
        files.put(last, bytes);
        DiskImage image = new DiskImage(files);
        kept.putAll(open(image));
        return image;
    }

    @Test
    void tornFileIsCopiedByTheNextCompactionAndACrashInItLosesNothing() throws IOException {
        Map<String, ByteBuffer> expected = new HashMap<>();
        directory = new FaultyDirectory(torn(expected));
        assertThat(expected).hasSizeBetween(20, 28);
        BlobStore<String> store = open();
        assertThat(store.stats().opening().tornBytes()).isPositive();
        int from = directory.changes();

        store.compact();

        assertThat(TestStores.content(store)).isEqualTo(expected);
        assertThat(store.verify().damage()).isEmpty();
        assertThat(requireAfterCrashes(from, expected)).isGreaterThan(100);
        StoreAccess.crash(store);
        directory =
                new FaultyDirectory(directory.deviceAfter(directory.changes()).afterKill());
        BlobStore<String> again = open();
        assertThat(again.stats().opening().tornBytes()).isZero();
    }

    @Test
    void tornFileIsCopiedByItself() throws IOException {
        Map<String, ByteBuffer> expected = new HashMap<>();
        directory = new FaultyDirectory(torn(expected));
        BlobStore<String> store = builder(directory).automaticCompaction(true).open(Path.of("simulated"));
        for (int i = 0; i < 3; i++) {
            background.tick();
        }
        assertThat(store.stats().compaction().filesReplaced()).isPositive();
        assertThat(store.verify().damage()).isEmpty();
        assertThat(TestStores.content(store)).isEqualTo(expected);
    }

    /** Nothing but the index knows of it: to the scan it is one more record that a crash has torn. */
    @Test
    void tornFileOfWhichARecordHasDecayedSinceStaysWithAllThatItHas() throws IOException {
        Map<String, ByteBuffer> expected = new HashMap<>();
        directory = new FaultyDirectory(torn(expected));
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
        BlobStoreBuilder<String> remembering = StoreAccess.environment(
                builder(directory), new StoreEnvironment((path, create) -> directory, indexes, name -> background));
        Location decayed;
        try (BlobStore<String> store = remembering.open(Path.of("simulated"))) {
            decayed = Objects.requireNonNull(StoreAccess.engine(store)
                    .reads()
                    .locate(StoreAccess.engine(store).encoded("key28".getBytes(StandardCharsets.UTF_8))));
        }
        String name = FileNames.arena(decayed.fileIndex());
        flip(name, decayed.offset() + 10);
        try (BlobStore<String> store = remembering.open(Path.of("simulated"))) {
            assertThat(store.stats().opening().clean()).isTrue();
            store.put("key0", new byte[1]);
            store.put("key0", new byte[2]);

            store.compact();
            store.compact();

            assertThat(directory.list()).contains(name);
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get("key28"));
            for (String key : expected.keySet()) {
                if (!key.equals("key28") && !key.equals("key0")) {
                    assertThat(store.get(key))
                            .as(key)
                            .isEqualTo(expected.get(key).array());
                }
            }
        }
    }

    private void flip(String name, long at) throws IOException {
        try (FileHandle file = directory.openWrite(name)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, at);
            file.write(ByteBuffer.wrap(new byte[] {(byte) ~one.get(0)}), at);
        }
    }
}
