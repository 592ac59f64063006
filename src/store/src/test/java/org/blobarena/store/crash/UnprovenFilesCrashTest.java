package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.junit.jupiter.api.Test;

/**
 * Openings after a kill, or after a force that has failed, whose background does not come to put on the device what they have
 * found: whatever rests on that has to do it itself, before the power fails. Shows invariants 5, 8 and 17 of store-format.md.
 */
class UnprovenFilesCrashTest {

    private static final int KILLS_ONE_IN = 11;
    private static final int KILLS_IN_A_COMPACTION_ONE_IN = 23;

    /** Each fills a file: more than may wait for being sealed. */
    private static final int ROUNDS = 12;

    private int states;

    /** Something that is done with a store whose files are unproven. */
    private interface Action {

        void take(BlobStore<String> store) throws IOException;
    }

    private static BlobStore<String> open(FaultyDirectory directory, Background background) throws IOException {
        return CrashWorkload.open(CrashWorkload.environment(directory, background), CrashWorkload.Sizes.WHOLE);
    }

    private static BlobStore<String> openUnproven(FaultyDirectory directory) throws IOException {
        return open(directory, new CrashWorkload.Never());
    }

    /** Only the background of compaction runs. */
    private static BlobStore<String> openUnprovenToCompact(FaultyDirectory directory) throws IOException {
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> directory,
                HeapLocationIndexFactory.forgetting(),
                name -> name.endsWith("-compaction") ? new CrashWorkload.Immediate() : new CrashWorkload.Never());
        return CrashWorkload.open(environment, CrashWorkload.Sizes.WHOLE);
    }

    private static void put(BlobStore<String> store, String key, int bytes, Durability durability) throws IOException {
        store.withDurability(durability).put(key, (key + "x".repeat(bytes)).getBytes(StandardCharsets.US_ASCII));
    }

    private static CrashWorkload workload(FaultyDirectory directory, long seed) {
        return new CrashWorkload(directory, seed, new CrashWorkload.Immediate(), CrashWorkload.Sizes.WHOLE)
                .compacting();
    }

    /** After many kills each, opens the store, and does something; then nothing that it shows may be lost. */
    private void requireProvenBy(long seed, Action action) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload = workload(directory, seed);
        workload.run(2, 40);
        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(seed);
        for (int kill = 0; kill < directory.changes(); kill++) {
            if (kill % KILLS_ONE_IN == 0) {
                FaultyDirectory second = new FaultyDirectory(device);
                BlobStore<String> store = openUnproven(second);
                workload.check(CrashWorkload.content(store), kill, false);
                action.take(store);
                Map<String, String> shown = Crashes.contentAndKill(store);
                requireKept(second.deviceAfter(second.changes()), shown, random);
            }
            directory.advance(device, kill);
        }
        System.out.println("crashes with unproven files: " + states + " states tried");
        assertThat(states).isGreaterThan(50);
    }

    /** The power fails before each change after the opening's first. */
    private void requireForcedKept(FaultyDirectory second, CrashWorkload workload, int kill, SplittableRandom random)
            throws IOException {
        SimulatedDevice device = second.device();
        for (int changes = 0; changes <= second.changes(); changes++) {
            for (DiskImage image : Crashes.afterPowerLoss(device, random)) {
                states++;
                Map<String, String> found = Crashes.contentAndKill(openUnproven(new FaultyDirectory(image)));
                workload.check(found, kill, true);
            }
            if (changes < second.changes()) {
                second.advance(device, changes);
            }
        }
    }

    private void requireKept(SimulatedDevice device, Map<String, String> shown, SplittableRandom random)
            throws IOException {
        for (DiskImage image : Crashes.afterPowerLoss(device, random)) {
            states++;
            assertThat(Crashes.contentAndKill(openUnproven(new FaultyDirectory(image))))
                    .isEqualTo(shown);
        }
    }

    @Test
    void forceMakesDurableWhatTheOpeningHasFound() throws IOException {
        requireProvenBy(21, BlobStore::force);
    }

    @Test
    void forcedRemovalOfAnAbsentKeyMakesDurableWhatTheOpeningHasFound() throws IOException {
        requireProvenBy(22, store -> {
            boolean removed = store.withDurability(Durability.FORCED).remove("nobody's key");
            assertThat(removed).isFalse();
        });
    }

    @Test
    void sealedFilesVouchForWhatTheOpeningHasFound() throws IOException {
        requireProvenBy(23, store -> {
            for (int i = 0; i < ROUNDS; i++) {
                put(store, "key-" + i, 60_000, Durability.WRITTEN);
            }
            put(store, "key-0", 10, Durability.FORCED);
            store.force();
        });
    }

    @Test
    void cleanCloseAfterAKillLeavesEveryArenaFileOnTheDevice() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        workload(directory, 24).run(1, 60);
        Crashes.requireDurableWhenClosed(directory, UnprovenFilesCrashTest::openUnproven);
    }

    /** A compaction that comes first: at each of its changes, what had been forced has to stay. */
    @Test
    void compactionDeletesNothingBeforeWhatTheOpeningHasFoundIsDurable() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        CrashWorkload workload = workload(directory, 25);
        workload.run(2, 40);
        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(25);
        int deletions = 0;
        for (int kill = 0; kill < directory.changes(); kill++) {
            if (kill % KILLS_IN_A_COMPACTION_ONE_IN == 0) {
                FaultyDirectory second = new FaultyDirectory(device);
                BlobStore<String> store = openUnprovenToCompact(second);
                int filesBefore = store.fileStats().size();
                store.compact();
                deletions += store.fileStats().size() < filesBefore ? 1 : 0;
                StoreAccess.crash(store);
                requireForcedKept(second, workload, kill, random);
            }
            directory.advance(device, kill);
        }
        System.out.println("crashes in a compaction with unproven files: " + states + " states tried");
        assertThat(deletions).isGreaterThan(1);
    }

    /** The system shows what the device has refused. A file that goes on and is sealed then vouches for all of it. */
    @Test
    void fileIsNotSealedBeforeItWasWrittenOnceMoreAfterAFailedForce() throws IOException {
        int failures = 0;
        for (boolean failed = true; failed; failures++) {
            FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
            failed = Crashes.runWithFailingForce(directory, workload(directory, 26), 1, 60, failures);
            FaultyDirectory second = new FaultyDirectory(directory.deviceAfter(directory.changes()));
            BlobStore<String> store = openUnproven(second);
            for (int i = 0; i < ROUNDS; i++) {
                put(store, "key-" + i, 60_000, Durability.WRITTEN);
            }
            put(store, "key-0", 10, Durability.FORCED);
            Map<String, String> shown = Crashes.contentAndKill(store);
            SimulatedDevice device = second.deviceAfter(second.changes());
            for (DiskImage image : Crashes.afterPowerLoss(device, new SplittableRandom(failures))) {
                Map<String, String> found = Crashes.contentAndKill(openUnproven(new FaultyDirectory(image)));
                assertThat(found).containsEntry("key-0", shown.get("key-0"));
            }
        }
        assertThat(failures).isGreaterThan(20);
    }

    // ---- what is served, and what is said

    private static FaultyDirectory killed() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> store = open(directory, new CrashWorkload.Immediate());
        for (int i = 0; i < ROUNDS; i++) {
            put(store, "key-" + i, 40_000, Durability.WRITTEN);
        }
        StoreAccess.crash(store);
        return new FaultyDirectory(directory.deviceAfter(directory.changes()));
    }

    private static void failForces(FaultyDirectory directory) {
        directory.setFault((changes, kind, bytes) -> {
            if (kind.equals("force")) {
                throw new IOException("Input/output error");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
    }

    @Test
    void openingAfterAKillServesReadsAndWritesBeforeItForcesAnything() throws IOException {
        FaultyDirectory directory = killed();
        failForces(directory);
        BlobStore<String> store = openUnproven(directory);
        assertThat(store.get("key-1")).hasSize(40_005);
        put(store, "key-1", 10, Durability.WRITTEN);
        assertThat(store.get("key-1")).hasSize(15);
        StoreAccess.crash(store);
    }

    @Test
    void forceThatFailsBehindAnOpeningEndsWritesAndNotReads() throws IOException {
        FaultyDirectory directory = killed();
        failForces(directory);
        BlobStore<String> store = open(directory, new CrashWorkload.Immediate());
        assertThat(store.get("key-1")).hasSize(40_005);
        assertThatExceptionOfType(WritesRefusedException.class)
                .isThrownBy(() -> put(store, "key-1", 10, Durability.BUFFERED));
        assertThatExceptionOfType(WritesRefusedException.class).isThrownBy(store::force);
        assertThat(store.get("key-1")).hasSize(40_005);
        directory.setFault(null);
        assertThatExceptionOfType(IOException.class).isThrownBy(store::close);
        try (BlobStore<String> again = open(directory, new CrashWorkload.Immediate())) {
            assertThat(again.stats().opening().clean()).isFalse();
            put(again, "key-1", 10, Durability.FORCED);
        }
    }

    /** As when there are no descriptors for a while. */
    @Test
    void whatCannotBeWrittenBehindAnOpeningIsTriedAgainByWhoNeedsIt() throws IOException {
        FaultyDirectory directory = killed();
        BlobStore<String> store = openUnproven(directory);
        directory.setFault((changes, kind, bytes) -> {
            if (kind.equals("write")) {
                throw new IOException("Too many open files");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(store::force)
                    .isNotInstanceOf(WritesRefusedException.class);
        }
        int[] forces = new int[1];
        directory.setFault((changes, kind, bytes) -> {
            forces[0] += kind.equals("force") ? 1 : 0;
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        store.force();
        assertThat(forces[0]).isGreaterThanOrEqualTo(store.fileStats().size());
        StoreAccess.crash(store);
    }

    /** Every file is sealed, so that nothing but the proof forces one. */
    @Test
    void forceAndSnapshotWaitForWhatTheOpeningHasFound() throws IOException {
        FaultyDirectory first = new FaultyDirectory(DiskImage.empty());
        BlobStore<String> killed = openWithSnapshots(first, new CrashWorkload.Immediate());
        put(killed, "key", 100, Durability.WRITTEN);
        killed.snapshot(Path.of("snapshot"));
        StoreAccess.crash(killed);
        FaultyDirectory directory = new FaultyDirectory(first.deviceAfter(first.changes()));

        BlobStore<String> store = openWithSnapshots(directory, new CrashWorkload.Never());
        assertThat(store.fileStats()).isNotEmpty().allMatch(FileStats::sealed);
        directory.setFault((changes, kind, bytes) -> {
            if (kind.equals("write")) {
                throw new IOException("Too many open files");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        assertThatExceptionOfType(IOException.class).isThrownBy(store::force);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> store.snapshot(Path.of("snapshot")));
        directory.setFault(null);
        store.force();
        store.snapshot(Path.of("snapshot"));
        StoreAccess.crash(store);
    }

    private static BlobStore<String> openWithSnapshots(FaultyDirectory directory, Background background)
            throws IOException {
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) ->
                        path.equals(Path.of("simulated")) ? directory : new FaultyDirectory(DiskImage.empty()),
                HeapLocationIndexFactory.forgetting(),
                name -> background);
        return CrashWorkload.open(environment, CrashWorkload.Sizes.WHOLE);
    }
}
