package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.spec.SpecReader;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.testing.TestKeys;
import org.junit.jupiter.api.Test;

/**
 * No nonce serves twice with one key, whatever a crash undoes and whoever goes on from there: each crash of a workload is a
 * store that goes on beside those of all other crashes, as copies and snapshots do. Shows invariant 19 of store-format.md.
 */
class NonceCrashTest {

    /** What was encrypted with a nonce of a file, in all versions of all files. */
    private final Map<String, String> known = new HashMap<>();

    private int stores;

    @Test
    void noNonceServesTwiceWhateverCrashesUndo() throws IOException, SpecReader.Refused {
        run(CrashWorkload.Sizes.ENCRYPTED, 25, 5);
        run(CrashWorkload.Sizes.STREAMS.inEncryptedStore(), 9, 3);
        run(CrashWorkload.Sizes.COMPRESSED.inEncryptedStore(), 6, 9);

        System.out.println("nonces: " + known.size() + " in " + stores + " stores");
        assertThat(known).hasSizeGreaterThan(1000);
        assertThat(stores).isGreaterThan(100);
    }

    private void run(CrashWorkload.Sizes sizes, int writes, int step) throws IOException, SpecReader.Refused {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        new CrashWorkload(directory, 21, new CrashWorkload.Immediate(), sizes)
                .compacting()
                .run(2, writes);
        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(21);
        for (int change = 0; change < directory.changes(); change++) {
            if (change % step == 0) {
                goOn(device.afterKill());
                goOn(device.afterPowerLoss(random));
            }
            directory.advance(device, change);
        }
    }

    /** Goes on where a crash has ended, with the same writes, as every other does. */
    private void goOn(DiskImage image) throws IOException, SpecReader.Refused {
        if (!image.files().containsKey("STORE")) {
            return;
        }
        stores++;
        note(image);
        FaultyDirectory directory = new FaultyDirectory(image);
        BlobStore<String> store = CrashWorkload.open(
                CrashWorkload.environment(directory, new CrashWorkload.Immediate()), CrashWorkload.Sizes.ENCRYPTED);
        try {
            for (int i = 0; i < 3; i++) {
                store.put("key-" + i, new byte[1000]);
            }
        } finally {
            StoreAccess.crash(store);
        }
        note(directory.deviceAfter(directory.changes()).afterKill());
    }

    private void note(DiskImage image) throws SpecReader.Refused {
        List<SpecReader.Sealed> sealed = new SpecReader(image.files(), 0, TestKeys.BY_ID).sealed();
        Set<String> here = new HashSet<>();
        for (SpecReader.Sealed part : sealed) {
            assertThat(here.add(part.nonce())).as("twice in one store").isTrue();
            String before = known.putIfAbsent(part.nonce(), part.result());
            assertThat(before == null || before.equals(part.result()))
                    .as("of two versions of a file")
                    .isTrue();
        }
    }
}
