package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.junit.jupiter.api.Test;

/**
 * Crashes after crashes. The first leaves what the system shows, of which the device may have little: a process has been
 * killed, or a force has failed. Then a store is opened, and the power fails. Shows invariants 5, 9, 13, 16 and 17 of
 * store-format.md.
 */
class SecondCrashTest {

    private static final int KILLS_ONE_IN = 5;

    private int states;

    private static BlobStore<String> open(FaultyDirectory directory) throws IOException {
        return CrashWorkload.open(
                CrashWorkload.environment(directory, new CrashWorkload.Immediate()), CrashWorkload.Sizes.WHOLE);
    }

    /** Opens, reads everything, and is killed. */
    private static Map<String, String> contentAfter(DiskImage image) throws IOException {
        return Crashes.contentAndKill(open(new FaultyDirectory(image)));
    }

    @Test
    void powerLossInAnOpeningAfterAKillLosesNothingThatWasForcedAndAfterItNothing() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload =
                new CrashWorkload(directory, 11, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE).compacting();
        workload.run(2, 40);

        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(11);
        for (int kill = 0; kill < directory.changes(); kill++) {
            if (kill % KILLS_ONE_IN == 0) {
                FaultyDirectory second = new FaultyDirectory(device);
                Map<String, String> found = Crashes.contentAndKill(open(second));
                workload.check(found, kill, false);
                checkCrashesOf(second, kill, workload, random);
                checkKept(second, found, random);
            }
            directory.advance(device, kill);
        }
        System.out.println("crashes after a kill: " + states + " states tried");
        assertThat(states).isGreaterThan(500);
    }

    /** The power fails before each change that an opening made. */
    private void checkCrashesOf(FaultyDirectory opened, int kill, CrashWorkload workload, SplittableRandom random)
            throws IOException {
        SimulatedDevice device = opened.device();
        for (int changes = 0; changes < opened.changes(); changes++) {
            for (DiskImage image : Crashes.afterPowerLoss(device, random)) {
                states++;
                try {
                    workload.check(contentAfter(image), kill, true);
                } catch (IOException | RuntimeException | AssertionError e) {
                    throw new AssertionError("killed at " + kill + ", power lost at " + changes + ": " + e, e);
                }
            }
            opened.advance(device, changes);
        }
    }

    /** The power fails now. */
    private void checkKept(FaultyDirectory directory, Map<String, String> expected, SplittableRandom random)
            throws IOException {
        for (DiskImage image : Crashes.afterPowerLoss(directory.deviceAfter(directory.changes()), random)) {
            states++;
            assertThat(contentAfter(image)).isEqualTo(expected);
        }
    }

    /** All writes were forced, so every opening has to find the same. Many keys are removed just before. */
    @Test
    void powerLossInAnOpeningAfterAKillInACompactionLosesNothingAndBringsNothingBack() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = open(directory);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 12; i++) {
                put(store, i, 100 + 7000 * (i % 3), round);
                put(store, (i * 7 + round) % 12, 9000, round);
            }
        }
        for (int i = 0; i < 6; i++) {
            store.withDurability(Durability.FORCED).remove("key-" + i);
        }
        losePowerInOpeningsAfterKillsInACompaction(directory, store);
        System.out.println("crashes after a kill in a compaction: " + states + " states tried");
        assertThat(states).isGreaterThan(500);
    }

    /** A value and its tombstone stand in two files that are replaced together, by one with a lineage alone. */
    @Test
    void powerLossInAnOpeningAfterAKillNeverTakesATombstoneBeforeItsValue() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = open(directory);
        // Its tombstone keeps the first file from going by itself, as one in which nothing is needed.
        String removed = "r".repeat(2000);
        store.withDurability(Durability.FORCED).put(removed, new byte[10]);
        store.withDurability(Durability.FORCED).remove(removed);
        put(store, 0, 10, 0);
        put(store, 1, 58_000, 0);
        put(store, 1, 60_000, 1);
        store.withDurability(Durability.FORCED).remove("key-0");
        put(store, 1, 60_000, 2);
        losePowerInOpeningsAfterKillsInACompaction(directory, store);
    }

    private void losePowerInOpeningsAfterKillsInACompaction(FaultyDirectory directory, BlobStore<String> store)
            throws IOException {
        Map<String, String> expected = CrashWorkload.content(store);
        int from = directory.changes();
        store.compact();
        int to = directory.changes();
        StoreAccess.crash(store);

        SplittableRandom random = new SplittableRandom(15);
        for (int kill = from; kill <= to; kill++) {
            FaultyDirectory second = new FaultyDirectory(directory.deviceAfter(kill));
            assertThat(Crashes.contentAndKill(open(second))).isEqualTo(expected);
            SimulatedDevice device = second.device();
            for (int changes = 0; changes <= second.changes(); changes++) {
                for (DiskImage image : Crashes.afterPowerLoss(device, random)) {
                    states++;
                    assertThat(contentAfter(image))
                            .as("killed at %d of %d to %d, power lost at %d", kill, from, to, changes)
                            .isEqualTo(expected);
                }
                if (changes < second.changes()) {
                    second.advance(device, changes);
                }
            }
        }
    }

    private static void put(BlobStore<String> store, int key, int bytes, int round) throws IOException {
        String value = "key-" + key + " of round " + round + " " + "x".repeat(bytes);
        store.withDurability(Durability.FORCED).put("key-" + key, value.getBytes(StandardCharsets.US_ASCII));
    }

    /** What a mark of a clean close says of a file must be so on the device too. */
    @Test
    void cleanCloseAfterAKillAndAnOpeningLeavesEveryArenaFileOnTheDevice() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        new CrashWorkload(directory, 12, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE)
                .compacting()
                .run(1, 60);

        Crashes.requireDurableWhenClosed(directory, SecondCrashTest::open);
    }

    /** The system then shows what the device has refused. */
    @Test
    void openingAfterAFailedForceMakesDurableWhatItFinds() throws IOException {
        int failures = 0;
        for (boolean failed = true; failed; failures++) {
            FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
            CrashWorkload workload = new CrashWorkload(
                            directory, 13, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE)
                    .compacting();
            failed = Crashes.runWithFailingForce(directory, workload, 2, 30, failures);
            SimulatedDevice device = directory.deviceAfter(directory.changes());
            SplittableRandom random = new SplittableRandom(failures);

            FaultyDirectory second = new FaultyDirectory(device);
            Map<String, String> found = Crashes.contentAndKill(open(second));
            workload.check(found, directory.changes(), false);
            checkKept(second, found, random);

            FaultyDirectory third = new FaultyDirectory(device);
            BlobStore<String> store = open(third);
            store.withDurability(Durability.FORCED).put("key-0", "key-0 again".getBytes(StandardCharsets.US_ASCII));
            Map<String, String> goneOn = Crashes.contentAndKill(store);
            checkKept(third, goneOn, random);
        }
        System.out.println("crashes after a failed force: " + states + " states tried, " + failures + " forces failed");
        assertThat(failures).isGreaterThan(20);
    }

    /** A copy by hard links of what any kill leaves, of which the original must not change. */
    @Test
    void openingOfALinkedCopyWritesToNoFileThatItFindsWhereverItIsKilled() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload =
                new CrashWorkload(directory, 14, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE).compacting();
        workload.run(2, 30);

        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(14);
        for (int kill = 0; kill < directory.changes(); kill++) {
            FaultyDirectory copy = new FaultyDirectory(device.afterKill());
            copy.linkAll();
            BlobStore<String> store = open(copy);
            Map<String, String> found = CrashWorkload.content(store);
            workload.check(found, kill, false);
            if (kill % KILLS_ONE_IN == 0) {
                checkCrashesOf(copy, kill, workload, random);
                checkKept(copy, found, random);
            }
            store.put("key-0", "key-0 of the copy".getBytes(StandardCharsets.US_ASCII));
            store.remove("key-1");
            store.close();
            directory.advance(device, kill);
        }
    }

    /** Compaction had dropped the records with the greatest numbers before the first crash. */
    @Test
    void numbersOfRecordsThatCompactionHasDroppedAreNotUsedAgain() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = open(directory);
        put(store, 0, 10, 0);
        for (int i = 1; i < 6; i++) {
            put(store, i, 9000, 0);
        }
        for (int i = 0; i < 30; i++) {
            put(store, 6, 1000, i);
        }
        store.withDurability(Durability.FORCED).remove("key-6");
        store.compact();
        store.compact();
        StoreAccess.crash(store);
        requireRemovalAfterCrash(new FaultyDirectory(directory.deviceAfter(directory.changes())));
    }

    /** Its number is the creation sequence of the file that compaction has just written. */
    @Test
    void firstRemovalAfterACompactionStaysInForce() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        try (BlobStore<String> store = open(directory)) {
            put(store, 0, 10, 0);
            for (int i = 1; i < 6; i++) {
                put(store, i, 9000, 0);
            }
            put(store, 1, 9000, 1);
            store.compact();
        }
        requireRemovalAfterCrash(directory);
    }

    private static void requireRemovalAfterCrash(FaultyDirectory directory) throws IOException {
        BlobStore<String> store = open(directory);
        store.withDurability(Durability.FORCED).remove("key-0");
        store.compact();
        store.compact();
        StoreAccess.crash(store);
        SimulatedDevice device = directory.deviceAfter(directory.changes());
        assertThat(contentAfter(device.afterKill())).doesNotContainKey("key-0").isNotEmpty();
        assertThat(contentAfter(device.afterPowerLoss()))
                .doesNotContainKey("key-0")
                .isNotEmpty();
    }
}
