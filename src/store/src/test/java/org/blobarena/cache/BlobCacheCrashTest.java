package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Crashes a cache that evicts, while streams read what it evicts, at every change that it makes to its directory, in several
 * versions of what the device kept, and opens each. A key has its newest blob, for every write is forced, unless that was
 * evicted: never an older one, and nothing that was evicted or invalidated.
 */
class BlobCacheCrashTest {

    private static final Path PATH = Path.of("cache");
    private static final int KEYS = 100;
    private static final int STEPS = 320;
    private static final int STATES_WANTED = 2_000;
    private static final int RANDOM_VERSIONS = 2;
    private static final int STREAM_STEPS = 60;

    /** Of the keys of all states, so many have to be there, or the test asks for nothing. */
    private static final int BLOBS_WANTED = 50_000;

    /**
     * What a key had from some change of the directory on.
     *
     * @param begun the number of changes before which it cannot have happened
     * @param ended that after which it has
     * @param blob null for nothing
     */
    private record Event(
            int begun, int ended, String key, @Nullable Integer blob) {}

    private record OpenStream(BlobInputStream stream, String key, int blob) {}

    private final List<Event> events = new ArrayList<>();
    private final Map<String, Integer> newest = new HashMap<>();
    private final List<OpenStream> streams = new ArrayList<>();
    private int begun;
    private int goneWhileRead;
    private long reinserted;
    private long evictions;
    private long found;

    @Test
    void everyCrashLeavesTheNewestBlobsThatWereNotEvictedAndNothingElse() throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        run(directory, new SplittableRandom(5));
        assertThat(evictions).isGreaterThan(40);
        assertThat(reinserted).isPositive();
        assertThat(goneWhileRead).isGreaterThan(5);

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
        System.out.println("crash enumeration of a cache: " + states + " states tried, " + found + " blobs found");
        assertThat(states).isGreaterThanOrEqualTo(STATES_WANTED);
        assertThat(found).isGreaterThan(BLOBS_WANTED);
    }

    private void run(FaultyDirectory directory, SplittableRandom random) throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory)
                .evictionListener((key, bytes) -> note(key, null, directory))
                .open(PATH)) {
            for (int i = 0; i < STEPS; i++) {
                String key = "key-" + random.nextInt(KEYS);
                begun = directory.changes();
                if (i == STEPS / 2) {
                    cache.invalidateAll();
                    List.copyOf(newest.keySet()).forEach(each -> note(each, null, directory));
                } else if (random.nextInt(8) == 0) {
                    boolean unused = cache.invalidate(key);
                    note(key, null, directory);
                } else {
                    cache.put(key, blob(i));
                    note(key, i, directory);
                }
                for (int used = 0; used < 4; used++) {
                    byte[] unused = cache.getIfPresent("key-" + used);
                }
                begun = directory.changes();
                if (i % 10 == 0) {
                    TestCaches.settle(cache);
                }
                readSlowly(cache, i);
            }
            evictions = cache.stats().evictions();
            reinserted = cache.stats().reinserted();
            while (!streams.isEmpty()) {
                closeFirst();
            }
        }
    }

    private void note(String key, @Nullable Integer blob, FaultyDirectory directory) {
        events.add(new Event(begun, directory.changes(), key, blob));
        if (blob == null) {
            newest.remove(key);
        } else {
            newest.put(key, blob);
        }
    }

    /** Opens streams of the oldest blobs, and closes each when that has been evicted long since. */
    private void readSlowly(BlobCache<String> cache, int step) throws IOException {
        if (step % 7 != 0) {
            return;
        }
        if (streams.size() > STREAM_STEPS / 7) {
            closeFirst();
        }
        for (Map.Entry<String, Integer> entry : newest.entrySet()) {
            if (entry.getValue() < step - STREAM_STEPS / 2) {
                BlobInputStream stream = cache.openStreamIfPresent(entry.getKey());
                assertThat(stream).as(entry.getKey()).isNotNull();
                streams.add(new OpenStream(stream, entry.getKey(), entry.getValue()));
                return;
            }
        }
    }

    private void closeFirst() throws IOException {
        OpenStream open = streams.remove(0);
        try (BlobInputStream stream = open.stream) {
            assertThat(stream.readAllBytes()).isEqualTo(blob(open.blob));
            goneWhileRead += newest.get(open.key) == null ? 1 : 0;
        }
    }

    /** Some in the file that all share, some in files of their own. */
    private static byte[] blob(int step) {
        return TestStores.blob(200 + step * 97 % 1400, step);
    }

    private void check(DiskImage image, int changes) throws IOException {
        Map<String, Set<@Nullable Integer>> possible = possible(changes);
        try (BlobCache<String> cache =
                TestCaches.roomy(new FaultyDirectory(image)).open(PATH)) {
            for (Map.Entry<String, Set<@Nullable Integer>> entry : possible.entrySet()) {
                byte[] blob = cache.getIfPresent(entry.getKey());
                Integer step = blob == null ? null : stepOf(blob, entry.getValue());
                assertThat(entry.getValue().contains(step))
                        .as(
                                "%s after %s changes: possible %s, found %s",
                                entry.getKey(), changes, entry.getValue(), step)
                        .isTrue();
                found += blob == null ? 0 : 1;
            }
        }
    }

    /** What each key may have after so many changes: what it had for certain, or what may have happened by then. */
    private Map<String, Set<@Nullable Integer>> possible(int changes) {
        Map<String, Set<@Nullable Integer>> possible = new HashMap<>();
        for (int key = 0; key < KEYS; key++) {
            possible.put("key-" + key, new HashSet<>(Arrays.asList((Integer) null)));
        }
        for (Event event : events) {
            Set<@Nullable Integer> ofKey = possible.get(event.key);
            if (event.ended <= changes) {
                ofKey.clear();
            }
            if (event.begun < changes || event.ended <= changes) {
                ofKey.add(event.blob);
            }
        }
        return possible;
    }

    /** -1 for a blob that the key cannot have. */
    private static int stepOf(byte[] blob, Set<@Nullable Integer> steps) {
        for (Integer step : steps) {
            if (step != null && Arrays.equals(blob, blob(step))) {
                return step;
            }
        }
        return -1;
    }
}
