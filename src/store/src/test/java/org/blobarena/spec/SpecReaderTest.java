package org.blobarena.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.recovery.CorruptionSample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A reader that was written after store-format.md alone finds in every store what the library finds: the same keys, blobs,
 * and places that are damaged or torn.
 */
class SpecReaderTest {

    private static final Set<String> KEYS_OF_WORKLOADS =
            IntStream.range(0, 12).mapToObj(i -> "key-" + i).collect(Collectors.toSet());

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void corruptedStoresAreReadAlike(boolean crashed) throws IOException {
        CorruptionSample sample = new CorruptionSample(HeapLocationIndexFactory.forgetting(), crashed);
        SplittableRandom random = new SplittableRandom(crashed ? 1 : 2);
        int damaged = 0;
        int torn = 0;
        int corrupt = 0;
        for (int trial = 0; trial < 1500; trial++) {
            Map<String, byte[]> files = sample.files();
            int changes = 1 + random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                corrupt(files, random);
            }
            SpecComparison found = SpecComparison.check(files, sample.keys(), "trial " + trial);
            damaged += found.damage().isEmpty() ? 0 : 1;
            torn += found.tornBytes() > 0 ? 1 : 0;
            corrupt += found.answers().containsValue("damaged") ? 1 : 0;
        }
        assertThat(List.of(damaged, torn, corrupt)).allMatch(trials -> trials > 50);
    }

    private static void corrupt(Map<String, byte[]> files, SplittableRandom random) {
        List<String> names = List.copyOf(files.keySet());
        String name = names.get(random.nextInt(names.size()));
        byte[] bytes = files.get(name).clone();
        int at = random.nextInt(bytes.length + 1);
        switch (random.nextInt(8)) {
            case 0 -> bytes = Arrays.copyOf(bytes, at);
            case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(200));
            case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(300)), (byte) 0);
            case 3 -> {
                if (name.equals("CLEAN") || (name.endsWith(".arena") && random.nextInt(4) == 0)) {
                    files.remove(name);
                    return;
                }
            }
            default -> {
                if (at < bytes.length) {
                    bytes[at] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        files.put(name, bytes);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void corruptedEncryptedStoresAreReadAlike(boolean crashed) throws IOException {
        CorruptionSample sample = CorruptionSample.encrypted(HeapLocationIndexFactory.forgetting(), crashed);
        SplittableRandom random = new SplittableRandom(crashed ? 3 : 4);
        int damaged = 0;
        for (int trial = 0; trial < 700; trial++) {
            Map<String, byte[]> files = sample.files();
            corrupt(files, random);
            damaged += SpecComparison.check(files, sample.keys(), "trial " + trial)
                            .damage()
                            .isEmpty()
                    ? 0
                    : 1;
        }
        assertThat(damaged).isGreaterThan(50);
    }

    @Test
    void crashedEncryptedStoresAreReadAlike() throws IOException {
        checkCrashes(CrashWorkload.Sizes.ENCRYPTED, 40, 9);
        checkCrashes(CrashWorkload.Sizes.STREAMS.inEncryptedStore(), 9, 5);
        checkCrashes(CrashWorkload.Sizes.COMPRESSED.inEncryptedStore(), 9, 11);
    }

    @Test
    void crashedStoresAreReadAlike() throws IOException {
        checkCrashes(CrashWorkload.Sizes.WHOLE, 40, 7);
    }

    @Test
    void crashedStoresOfStreamsAreReadAlike() throws IOException {
        checkCrashes(CrashWorkload.Sizes.STREAMS, 9, 5);
    }

    @Test
    void crashedStoresOfCompressedBlobsAreReadAlike() throws IOException {
        checkCrashes(CrashWorkload.Sizes.COMPRESSED, 9, 11);
    }

    private static void checkCrashes(CrashWorkload.Sizes sizes, int writes, int step) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        new CrashWorkload(directory, 11, new CrashWorkload.Immediate(), sizes)
                .compacting()
                .run(3, writes);
        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(5);
        for (int change = 0; change < directory.changes(); change++) {
            if (change % step == 0) {
                check(device.afterKill(), "killed at change " + change);
                check(device.afterPowerLoss(random), "power lost at change " + change);
            }
            directory.advance(device, change);
        }
    }

    private static void check(DiskImage image, String what) throws IOException {
        if (image.files().containsKey("STORE")) {
            Map<String, byte[]> files = new TreeMap<>(image.files());
            SpecComparison found = SpecComparison.check(files, KEYS_OF_WORKLOADS, what);
            assertThat(found.damage()).as(what).isEmpty();
        }
    }
}
