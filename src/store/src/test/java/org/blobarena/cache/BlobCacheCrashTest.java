package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Crashes a cache that evicts at every change that it makes to its directory, in several versions of what the device kept, and
 * opens each: a key has its newest blob or none, never an older one, and never one that was invalidated.
 */
class BlobCacheCrashTest {

    private static final Path PATH = Path.of("cache");
    private static final int KEYS = 100;
    private static final int STEPS = 320;
    private static final int STATES_WANTED = 2_000;
    private static final int RANDOM_VERSIONS = 2;

    /** What a key had after a step, which was complete after so many changes. Null for nothing. */
    private record Step(int changes, String key, @Nullable Integer blob) {}

    private final List<Step> steps = new ArrayList<>();
    private long evictions;
    private long reinserted;

    @Test
    void everyCrashLeavesNewestBlobsOrNone() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        run(directory, new SplittableRandom(5));
        assertThat(evictions).isGreaterThan(40);
        assertThat(reinserted).isPositive();

        SimulatedDevice device = directory.device();
        SplittableRandom random = new SplittableRandom(6);
        int states = 0;
        for (int changes = 0; changes < directory.changes(); changes++) {
            check(device.afterKill(), changes);
            check(device.afterPowerLoss(), changes);
            for (int i = 0; i < RANDOM_VERSIONS; i++) {
                check(device.afterPowerLoss(random), changes);
            }
            states += 2 + RANDOM_VERSIONS;
            directory.advance(device, changes);
        }
        System.out.println("crash enumeration of a cache: " + states + " states tried");
        assertThat(states).isGreaterThanOrEqualTo(STATES_WANTED);
    }

    private void run(FaultyDirectory directory, SplittableRandom random) throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH)) {
            for (int i = 0; i < STEPS; i++) {
                String key = "key-" + random.nextInt(KEYS);
                if (random.nextInt(8) == 0) {
                    boolean unused = cache.invalidate(key);
                    steps.add(new Step(directory.changes(), key, null));
                } else {
                    cache.put(key, blob(i));
                    steps.add(new Step(directory.changes(), key, i));
                }
                for (int used = 0; used < 4; used++) {
                    byte[] unused = cache.getIfPresent("key-" + used);
                }
                if (i % 10 == 0) {
                    TestCaches.settle(cache);
                }
            }
            evictions = cache.stats().evictions();
            reinserted = cache.stats().reinserted();
        }
    }

    /** Some in the file that all share, some in files of their own. */
    private static byte[] blob(int step) {
        return TestStores.blob(200 + step * 97 % 1400, step);
    }

    private void check(DiskImage image, int changes) throws IOException {
        Map<String, @Nullable Integer> newest = new TreeMap<>();
        Step next = null;
        for (Step step : steps) {
            if (step.changes <= changes) {
                newest.put(step.key, step.blob);
            } else {
                next = step; // It may have happened.
                break;
            }
        }
        try (BlobCache<String> cache =
                TestCaches.tiny(new FaultyDirectory(image)).open(PATH)) {
            for (int i = 0; i < KEYS; i++) {
                String key = "key-" + i;
                byte[] found = cache.getIfPresent(key);
                if (found == null) {
                    continue;
                }
                Integer wanted = newest.get(key);
                boolean isNewest = wanted != null && Arrays.equals(found, blob(wanted));
                boolean isNext = next != null
                        && next.key.equals(key)
                        && next.blob != null
                        && Arrays.equals(found, blob(next.blob));
                assertThat(isNewest || isNext)
                        .as("%s after %s changes: newest %s, next %s", key, changes, wanted, next)
                        .isTrue();
            }
        }
    }
}
