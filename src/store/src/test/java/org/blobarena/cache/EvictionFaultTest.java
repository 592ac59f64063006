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
import java.util.stream.Collectors;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.FileNames;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lets every change of its directory fail in turn, once and for a while, in a cache that evicts all the time while streams read
 * what it evicts. It works on or says that it has to be reopened, and no key has anything but its newest blob, before and after
 * a crash and a close. What was evicted comes back only from a file that a failure has left in the cache. All changes with
 * {@code -Dblobarena.exhaustive=true}, else a part of them.
 */
class EvictionFaultTest {

    private static final Path PATH = Path.of("cache");
    private static final int STRIDE = Boolean.getBoolean("blobarena.exhaustive") ? 1 : 23;
    private static final int[] LENGTHS = {1, 9};
    private static final int KEYS = 40;
    private static final int STEPS = 160;

    /** Which changes fail. */
    enum Failing {
        SPACE {
            @Override
            boolean fails(String kind) {
                return Set.of("create", "write", "rename").contains(kind);
            }
        },
        NAMES {
            @Override
            boolean fails(String kind) {
                return Set.of("delete", "force directory").contains(kind);
            }
        },
        ALL {
            @Override
            boolean fails(String kind) {
                return true;
            }
        };

        abstract boolean fails(String kind);
    }

    private record OpenStream(BlobInputStream stream, List<Integer> steps) {}

    /** What a key may have beside nothing. */
    private final Map<String, Set<Integer>> possible = new HashMap<>();

    /** What a key had when it was evicted, and was neither put nor invalidated since. */
    private final Map<String, Integer> evicted = new HashMap<>();

    private final List<OpenStream> streams = new ArrayList<>();
    private FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private int failures;
    private boolean refused;

    @ParameterizedTest
    @EnumSource(Failing.class)
    void noChangeThatFailsBringsAnythingBack(Failing failing) throws IOException {
        run(failing, Integer.MAX_VALUE, 0);
        assertThat(failures).isZero();
        int count = directory.changes();
        int failed = 0;
        for (int length : LENGTHS) {
            for (int first = failing.name().length(); first < count; first += STRIDE) {
                try {
                    run(failing, first, length);
                } catch (IOException | RuntimeException | Error e) {
                    throw new AssertionError(failing + " from change " + first + ", " + length + " times", e);
                }
                failed += failures;
            }
        }
        assertThat(failed).isPositive();
    }

    private void run(Failing failing, int first, int length) throws IOException {
        directory = new FaultyDirectory(DiskImage.empty());
        possible.clear();
        evicted.clear();
        streams.clear();
        failures = 0;
        refused = false;
        BlobCache<String> cache = open(directory);
        directory.setFault((number, kind, bytes) -> {
            if (number >= first && failures < length && failing.fails(kind)) {
                failures++;
                throw new IOException("No space left on device");
            }
            return FaultyDirectory.Fault.CARRY_OUT;
        });
        work(cache);
        directory.setFault(null);
        for (OpenStream open : streams) {
            try (BlobInputStream stream = open.stream) {
                byte[] found = stream.readAllBytes();
                assertThat(open.steps).anyMatch(step -> Arrays.equals(found, blob(step)));
            }
        }
        check(cache, "at work", Set.of());
        put(cache, "after", STEPS);
        assertThat(refused || cache.contains("after")).isTrue();
        Set<String> files = fileNames(cache);
        try (BlobCache<String> crashed = TestCaches.roomy(new FaultyDirectory(
                        directory.deviceAfter(directory.changes()).afterKill()))
                .open(PATH)) {
            check(crashed, "after a kill", files);
        }
        close(cache);
        try (BlobCache<String> reopened = open(directory)) {
            check(reopened, "after a close", files);
        }
        try (BlobCache<String> crashed = TestCaches.roomy(new FaultyDirectory(
                        directory.deviceAfter(directory.changes()).afterPowerLoss()))
                .open(PATH)) {
            check(crashed, "after a loss of power", files);
        }
    }

    private BlobCache<String> open(FaultyDirectory opened) throws IOException {
        return TestCaches.tiny(opened)
                .evictionListener((key, bytes) -> evicted(key))
                .open(PATH);
    }

    private void close(BlobCache<String> cache) throws IOException {
        try {
            cache.close();
        } catch (WritesRefusedException e) {
            assertThat(refused).isTrue();
        }
    }

    private void work(BlobCache<String> cache) throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < STEPS; i++) {
            String key = "key-" + random.nextInt(KEYS);
            if (i == STEPS * 2 / 3) {
                invalidateAll(cache);
            } else if (random.nextInt(6) == 0) {
                invalidate(cache, key);
            } else {
                put(cache, key, i);
            }
            if (i % 5 == 0) {
                BlobInputStream stream = cache.openStreamIfPresent(key);
                if (stream != null) {
                    streams.add(new OpenStream(stream, List.copyOf(possible.get(key))));
                }
            }
            if (i % 3 == 0) {
                byte[] unused = cache.getIfPresent("key-1");
            }
        }
    }

    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }

    private boolean attempt(Step step) {
        try {
            step.run();
            return true;
        } catch (IOException e) {
            refused |= e instanceof WritesRefusedException || e.getCause() instanceof WritesRefusedException;
            return false;
        }
    }

    private void put(BlobCache<String> cache, String key, int step) {
        boolean done = attempt(() -> cache.put(key, blob(step)));
        note(key, step, done);
    }

    private void invalidate(BlobCache<String> cache, String key) {
        if (attempt(() -> cache.invalidate(key))) {
            possible.put(key, new HashSet<>());
            evicted.remove(key);
        }
    }

    private void invalidateAll(BlobCache<String> cache) {
        if (attempt(cache::invalidateAll)) {
            possible.values().forEach(Set::clear);
            evicted.clear();
        }
    }

    private void note(String key, int step, boolean certain) {
        Set<Integer> ofKey = possible.computeIfAbsent(key, any -> new HashSet<>());
        if (certain) {
            ofKey.clear();
            evicted.remove(key);
        }
        ofKey.add(step);
    }

    /** A write that has failed may yet stand. */
    private void evicted(String key) {
        Set<Integer> ofKey = possible.computeIfAbsent(key, any -> new HashSet<>());
        if (ofKey.size() == 1) {
            evicted.put(key, ofKey.iterator().next());
            ofKey.clear();
        }
    }

    private static byte[] blob(int step) {
        return TestStores.blob(200 + step * 97 % 1400, step);
    }

    private static Set<String> fileNames(BlobCache<String> cache) {
        return TestCaches.engine(cache).fileStats().stream()
                .map(file -> file.file().getFileName().toString())
                .collect(Collectors.toSet());
    }

    /** @param left the files from which what was evicted may come back */
    private void check(BlobCache<String> cache, String when, Set<String> left) throws IOException {
        for (Map.Entry<String, Set<Integer>> entry : possible.entrySet()) {
            String key = entry.getKey();
            String place = fileOf(cache, key);
            byte[] found = cache.getIfPresent(key);
            Set<Integer> steps = new HashSet<>(entry.getValue());
            if (evicted.containsKey(key) && left.contains(place)) {
                steps.add(evicted.get(key));
            }
            assertThat(found == null || steps.stream().anyMatch(step -> Arrays.equals(found, blob(step))))
                    .as("%s %s: possible %s", key, when, steps)
                    .isTrue();
        }
    }

    private static String fileOf(BlobCache<String> cache, String key) throws IOException {
        StoreEngine engine = TestCaches.engine(cache);
        Location location = engine.reads().locatePresent(engine.encoded(cache.encoded(key)));
        return location == null ? "none" : FileNames.arena(location.fileIndex());
    }
}
