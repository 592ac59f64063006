package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;

/** What tests of crashes behind crashes have in common. */
final class Crashes {

    /** Of what may be on the device, so many choices by chance are looked at besides the extremes. */
    private static final int VERSIONS = 2;

    private Crashes() {}

    /** Opens a store in a directory. */
    @FunctionalInterface
    interface Opening {

        BlobStore<String> open(FaultyDirectory directory) throws IOException;
    }

    /** Reads everything, nothing of which is damaged, and kills the store. */
    static Map<String, String> contentAndKill(BlobStore<String> store) throws IOException {
        try {
            assertThat(store.stats().opening().damage()).isEmpty();
            return CrashWorkload.content(store);
        } finally {
            StoreAccess.crash(store);
        }
    }

    /** What a loss of power now may leave. */
    static List<DiskImage> afterPowerLoss(SimulatedDevice device, SplittableRandom random) {
        List<DiskImage> images = new ArrayList<>();
        images.add(device.afterPowerLoss());
        images.addAll(device.afterPowerLossWithOneName());
        for (int i = 0; i < VERSIONS; i++) {
            images.add(device.afterPowerLoss(random));
        }
        return images;
    }

    /**
     * Runs a workload of which one force fails.
     *
     * @param number of the force, from 0
     * @return false if there were fewer
     */
    static boolean runWithFailingForce(
            FaultyDirectory directory, CrashWorkload workload, int openings, int writes, int number) {
        int[] forces = new int[1];
        directory.setFault((changes, kind, bytes) -> {
            if (kind.equals("force") && forces[0]++ == number) {
                throw new IOException("Input/output error");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        try {
            workload.run(openings, writes);
        } catch (IOException e) {
            assertThat(forces[0]).as("%s", e).isGreaterThan(number);
        }
        return forces[0] > number;
    }

    /** Opens and closes a store after a kill at each change: what the mark says of a file must be so on the device, too. */
    static void requireDurableWhenClosed(FaultyDirectory directory, Opening opening) throws IOException {
        SimulatedDevice device = directory.device();
        for (int kill = 0; kill < directory.changes(); kill++) {
            FaultyDirectory second = new FaultyDirectory(device);
            opening.open(second).close();
            SimulatedDevice closed = second.deviceAfter(second.changes());
            Map<String, byte[]> durable = closed.afterPowerLoss().files();
            closed.afterKill().files().forEach((name, bytes) -> {
                if (name.endsWith(".arena")) {
                    assertThat(durable.get(name)).as(name).isEqualTo(bytes);
                }
            });
            directory.advance(device, kill);
        }
    }
}
