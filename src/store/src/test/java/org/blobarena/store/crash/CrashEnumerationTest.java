package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.UsualIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Crashes a scripted workload at every change that it makes to its directory, in many versions of what the device
 * kept, and opens each. Shows invariants 3, 4, 5, 9 and 13 of store-format.md.
 */
class CrashEnumerationTest {

    private static final int RANDOM_VERSIONS = 10;
    private static final int SECTOR_BYTES = 512;
    private static final int STATES_WANTED = 20_000;
    private static final int STREAM_STATES_WANTED = 5_000;
    private static final int READER_STATES_WANTED = 1_000;

    /** Within a large write, not every sector. */
    private static final int PARTS_OF_A_WRITE = 16;

    private static final int SAMPLE_WANTED = 500;

    private static final int ENCRYPTED_STATES_WANTED = 10_000;

    private int states;
    private CrashWorkload.Sizes opening = CrashWorkload.Sizes.WHOLE;
    private Function<FaultyDirectory, StoreEnvironment> environment =
            directory -> CrashWorkload.environment(directory, new CrashWorkload.Immediate());

    @Test
    void everyCrashAtEveryChangeLeavesAStoreWithAllThatWasAcknowledged() throws IOException {
        enumerate(1, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE, true);
        enumerate(2, new CrashWorkload.Never(), CrashWorkload.Sizes.WHOLE, false);

        System.out.println("crash enumeration: " + states + " states tried");
        assertThat(states).isGreaterThanOrEqualTo(STATES_WANTED);
    }

    @Test
    void everyCrashAmongStreamsLeavesAStoreWithAllThatWasAcknowledged() throws IOException {
        enumerate(4, new CrashWorkload.Immediate(), CrashWorkload.Sizes.STREAMS, true);
        enumerate(5, new CrashWorkload.Never(), CrashWorkload.Sizes.STREAMS, false);
        enumerate(6, new CrashWorkload.Immediate(), CrashWorkload.Sizes.BLOCKS, false);
        enumerate(7, new CrashWorkload.Immediate(), CrashWorkload.Sizes.COMPRESSED, true);

        System.out.println("crash enumeration of streams: " + states + " states tried");
        assertThat(states).isGreaterThanOrEqualTo(STREAM_STATES_WANTED);
    }

    @Test
    void everyCrashOfAnEncryptedStoreLeavesAStoreWithAllThatWasAcknowledged() throws IOException {
        opening = CrashWorkload.Sizes.ENCRYPTED;
        enumerate(1, new CrashWorkload.Immediate(), CrashWorkload.Sizes.ENCRYPTED, true);
        enumerate(4, new CrashWorkload.Immediate(), CrashWorkload.Sizes.STREAMS.inEncryptedStore(), true);
        enumerate(6, new CrashWorkload.Immediate(), CrashWorkload.Sizes.BLOCKS.inEncryptedStore(), false);
        enumerate(7, new CrashWorkload.Immediate(), CrashWorkload.Sizes.COMPRESSED.inEncryptedStore(), true);

        System.out.println("crash enumeration of encrypted stores: " + states + " states tried");
        assertThat(states).isGreaterThanOrEqualTo(ENCRYPTED_STATES_WANTED);
    }

    @Test
    void everyCrashWhileReadersHoldFilesAndTheStoreCompactsByItselfLeavesAllThatWasAcknowledged() throws IOException {
        CrashWorkload.Sizes sizes = CrashWorkload.Sizes.WHOLE;
        FaultyDirectory asked = new FaultyDirectory(DiskImage.empty());
        enumerateNames(
                asked,
                new CrashWorkload(asked, 8, new CrashWorkload.Immediate(), sizes)
                        .compacting()
                        .reading());
        FaultyDirectory byItself = new FaultyDirectory(DiskImage.empty());
        enumerateNames(
                byItself,
                new CrashWorkload(byItself, 9, new CrashWorkload.Periodic(), sizes)
                        .compactingByItself()
                        .reading());

        System.out.println("crash enumeration with readers: " + states + " states tried");
        assertThat(states).isGreaterThanOrEqualTo(READER_STATES_WANTED);
    }

    /** Fewer versions of what the device kept, but each of its names in doubt alone. */
    private void enumerateNames(FaultyDirectory directory, CrashWorkload workload) throws IOException {
        workload.run(2, 100);
        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(directory.changes());
        for (int changes = 0; changes < directory.changes(); changes++) {
            Moment moment = new Moment(workload, directory, device, changes);
            check(moment, device.afterKill(), false, "killed");
            check(moment, device.afterPowerLoss(), true, "power lost, nothing unforced kept");
            check(moment, device.afterPowerLoss(random), true, "power lost");
            for (DiskImage image : device.afterPowerLossWithOneName()) {
                check(moment, image, true, "power lost, one name kept");
            }
            directory.advance(device, changes);
        }
    }

    /** What is left of the index's own file is garbage, each time. */
    @Test
    void sampleOfCrashesLeavesAllThatWasAcknowledgedWithTheUsualIndexToo(@TempDir Path indexes) throws IOException {
        environment = directory -> new StoreEnvironment(
                (path, create) -> directory, new GarbledIndexFactory(indexes), name -> new CrashWorkload.Immediate());
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload =
                new CrashWorkload(directory, 3, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE).compacting();
        workload.run(3, 50);

        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(3);
        for (int changes = 0; changes < directory.changes(); changes++) {
            Moment moment = new Moment(workload, directory, device, changes);
            check(moment, device.afterKill(), false, "killed");
            check(moment, device.afterPowerLoss(random), true, "power lost");
            directory.advance(device, changes);
        }
        System.out.println("crashes with the usual index: " + states + " states tried");
        assertThat(states).isGreaterThanOrEqualTo(SAMPLE_WANTED);
    }

    private void enumerate(long seed, Background background, CrashWorkload.Sizes sizes, boolean compacting)
            throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload = new CrashWorkload(directory, seed, background, sizes);
        if (compacting) {
            workload.compacting();
        }
        if (sizes.streamBytesMax() == 0) {
            workload.run(3, 50);
        } else {
            workload.run(2, 9);
        }

        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(seed);
        for (int changes = 0; changes < directory.changes(); changes++) {
            enumerateAt(new Moment(workload, directory, device, changes), random);
            directory.advance(device, changes);
        }
    }

    /** A moment between two changes. */
    private record Moment(CrashWorkload workload, FaultyDirectory directory, SimulatedDevice device, int changes) {}

    private void enumerateAt(Moment moment, SplittableRandom random) throws IOException {
        check(moment, moment.device.afterKill(), false, "killed");
        check(moment, moment.device.afterPowerLoss(), true, "power lost, nothing unforced kept");
        for (int i = 0; i < RANDOM_VERSIONS; i++) {
            check(moment, moment.device.afterPowerLoss(random), true, "power lost, version " + i);
        }
        int bytes = moment.directory.writeBytes(moment.changes);
        int step = 1;
        for (int kept = 1; kept < bytes; kept += step) {
            DiskImage image = moment.directory.imageInWrite(moment.device, moment.changes, kept);
            check(moment, image, false, "killed after " + kept + " bytes of a write");
            step = kept < 2 * RecordHeader.BYTES ? 1 : Math.max(SECTOR_BYTES, bytes / PARTS_OF_A_WRITE);
        }
        checkCrashInRecovery(moment, moment.device.afterPowerLoss(random), random);
    }

    private void check(Moment moment, DiskImage image, boolean powerLost, String what) throws IOException {
        states++;
        try {
            Map<String, String> found = recover(new FaultyDirectory(image), powerLost);
            moment.workload.check(found, moment.changes, powerLost);
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("at change " + moment.changes + ", " + what + ": " + e, e);
        }
    }

    /** Opens, reads everything, writes, and is killed. */
    private Map<String, String> recover(FaultyDirectory directory, boolean powerLost) throws IOException {
        BlobStore<String> store = CrashWorkload.open(environment.apply(directory), opening);
        try {
            assertThat(store.stats().opening().damage()).isEmpty();
            Map<String, String> found = CrashWorkload.content(store);
            if (!powerLost) {
                store.put("after", "crash".getBytes(StandardCharsets.US_ASCII));
                assertThat(store.get("after")).isEqualTo("crash".getBytes(StandardCharsets.US_ASCII));
            }
            return found;
        } finally {
            StoreAccess.crash(store);
        }
    }

    /** A second crash, at every change that the recovery from the first makes, changes nothing. */
    private void checkCrashInRecovery(Moment moment, DiskImage image, SplittableRandom random) throws IOException {
        FaultyDirectory first = new FaultyDirectory(image);
        Map<String, String> expected = recover(first, true);
        SimulatedDevice device = first.device();
        for (int changes = 0; changes < first.changes(); changes++) {
            for (DiskImage second :
                    new DiskImage[] {device.afterKill(), device.afterPowerLoss(), device.afterPowerLoss(random)}) {
                states++;
                assertThat(recover(new FaultyDirectory(second), true))
                        .as("at change %d, and at change %d of the recovery", moment.changes, changes)
                        .isEqualTo(expected);
            }
            first.advance(device, changes);
        }
    }

    /** The usual index, in a directory of the file system, where each opening finds a file that only looks like one. */
    private record GarbledIndexFactory(Path files, LocationIndexFactory usual) implements LocationIndexFactory {

        GarbledIndexFactory(Path files) {
            this(files, UsualIndex.factory());
        }

        @Override
        public String name() {
            return usual.name();
        }

        @Override
        public boolean owns(String fileName) {
            return usual.owns(fileName);
        }

        @Override
        public LocationIndex create(Path directory, long expectedKeys) throws IOException {
            for (String name : List.of("index-0000000000000001.map", "index-0000000000000001.table")) {
                Files.write(files.resolve(name), new byte[] {1, 2, 3});
            }
            return usual.create(files, expectedKeys);
        }

        @Override
        public LocationIndex open(Path directory, String name, long expectedSize) throws IOException {
            Files.write(files.resolve(name), new byte[] {1, 2, 3});
            return usual.open(files, name, expectedSize);
        }

        @Override
        public LocationIndex openCopy(Path directory, String name, long expectedSize, Path scratch) throws IOException {
            throw new IOException("nobody repairs here");
        }
    }
}
