package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.RepairReport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Crashes a repair of several damaged files at every change that it makes, opens what is left, and repairs it again.
 * Shows invariant 12 of store-format.md.
 */
class RepairCrashTest {

    private static final int RANDOM_VERSIONS = 4;
    private static final int SEEDS = 2;

    private final Map<String, byte[]> damaged = new TreeMap<>();
    private CorruptionSample sample;
    private Map<String, ByteBuffer> expected = Map.of();
    private Set<String> expectedLosses = Set.of();
    private int states;
    private int losses;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void crashAtEveryChangeOfARepairLosesNothingMore(boolean clean) throws IOException {
        sample = clean ? CorruptionSample.closed() : CorruptionSample.crashed();
        for (int seed = 1; seed <= SEEDS; seed++) {
            damage(seed);
            if (clean && seed == SEEDS) {
                damaged.remove(sample.arenas().get(1));
            }
            FaultyDirectory directory = new FaultyDirectory(new DiskImage(damaged));
            HeapLocationIndexFactory indexes = sample.indexes();
            expectedLosses = losses(repair(directory, indexes));
            int changes = directory.changes();
            expected = answers(directory, indexes);
            losses += expectedLosses.size();

            SplittableRandom random = new SplittableRandom(seed);
            SimulatedDevice device = directory.device();
            for (int change = 0; change < changes; change++) {
                check(device.afterKill(), "killed at change " + change);
                check(device.afterPowerLoss(), "power lost at change " + change);
                for (int i = 0; i < RANDOM_VERSIONS; i++) {
                    check(device.afterPowerLoss(random), "power lost at change " + change + ", version " + i);
                }
                for (int bytes = 1; bytes < directory.writeBytes(change); bytes += 97) {
                    check(directory.imageInWrite(device, change, bytes), "killed in the write of change " + change);
                }
                directory.advance(device, change);
            }
        }
        assertThat(states).isGreaterThan(300);
        assertThat(losses).isPositive();
    }

    /** Some bytes in every arena file. */
    private void damage(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        damaged.clear();
        damaged.putAll(sample.files());
        for (String name : sample.arenas()) {
            byte[] bytes = damaged.get(name).clone();
            for (int i = 0; i < 3; i++) {
                bytes[64 + random.nextInt(bytes.length - 64)] ^= (byte) (1 << random.nextInt(8));
            }
            damaged.put(name, bytes);
        }
    }

    private static RepairReport repair(FaultyDirectory directory, HeapLocationIndexFactory indexes) throws IOException {
        return new StoreRepair(CorruptionSample.environment(directory, indexes)).repair(directory.path());
    }

    private void check(DiskImage image, String what) throws IOException {
        states++;
        try {
            openInBetween(image);
            repairAgain(image);
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(what + ": " + e, e);
        }
    }

    private void openInBetween(DiskImage image) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(image);
        try (BlobStore<String> store = CorruptionSample.open(directory, sample.indexes())) {
            CorruptionSample.Reads reads = sample.read(store);
            assertThat(reads.wrong).isEmpty();
            expected.forEach((key, value) -> assertThat(reads.answers).containsEntry(key, value));
        }
    }

    private void repairAgain(DiskImage image) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(image);
        HeapLocationIndexFactory indexes = sample.indexes();
        Set<String> losses = losses(repair(directory, indexes));
        assertThat(answers(directory, indexes)).isEqualTo(expected);
        // What stood in a file that was set aside already is known by the index alone, and after a clean close only.
        if (image.files().keySet().containsAll(sample.arenas())) {
            assertThat(losses).isEqualTo(expectedLosses);
        } else if (image.files().containsKey("CLEAN")) {
            assertThat(losses).hasSameSizeAs(expectedLosses);
        }
    }

    private Map<String, ByteBuffer> answers(FaultyDirectory directory, HeapLocationIndexFactory indexes)
            throws IOException {
        try (BlobStore<String> store = CorruptionSample.open(directory, indexes)) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.verify().damage()).isEmpty();
            CorruptionSample.Reads reads = sample.read(store);
            assertThat(reads.corrupt).isEmpty();
            return new HashMap<>(reads.answers);
        }
    }

    private static Set<String> losses(RepairReport report) {
        Set<String> losses = new TreeSet<>();
        for (RepairReport.Loss loss : report.losses()) {
            ByteBuffer key = loss.key();
            losses.add(loss.file() + " " + loss.offset() + " "
                    + (key == null ? "unknown" : StandardCharsets.UTF_8.decode(key)));
        }
        return losses;
    }
}
