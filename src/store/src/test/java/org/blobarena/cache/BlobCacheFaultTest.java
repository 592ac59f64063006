package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.FaultSteps;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lets every step of a cache fail in turn, once, for a while, and until the end of its work: each operation on its files, its
 * directory and its index. Whatever it was, the cache works on or says that it has to be reopened, a key has its newest blob or
 * none, and the maximum is kept. All steps with {@code -Dblobarena.exhaustive=true}, else a part of them.
 */
class BlobCacheFaultTest {

    private static final Path PATH = Path.of("cache");
    private static final int STRIDE = Boolean.getBoolean("blobarena.exhaustive") ? 1 : 37;
    private static final int[] LENGTHS = {1, 6, 100_000};
    private static final int KEYS = 16;
    private static final int STEPS = 60;

    /** What a key may have, the newest last; a write that has failed may have been made. */
    private final Map<String, List<Integer>> possible = new HashMap<>();

    private FaultSteps steps = new FaultSteps();
    private FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private boolean refused;
    private int version;

    @ParameterizedTest
    @EnumSource(FaultSteps.Fault.class)
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyStepThatFailsFailsOneOperationAndTheCacheGoesOn(FaultSteps.Fault fault) throws IOException {
        run(0, 0, fault);
        int count = steps.count();
        assertThat(steps.counts())
                .containsKeys("create", "openRead", "delete", "file write", "file force", "file read");
        assertThat(steps.counts()).containsKeys("index put", "index removeIfEqual");
        int thrown = 0;
        for (int length : LENGTHS) {
            for (int first = fault.name().length(); first < count; first += STRIDE) {
                try {
                    run(first, length, fault);
                } catch (IOException | RuntimeException | Error e) {
                    throw new AssertionError(fault + " at step " + first + ", " + length + " times", e);
                }
                thrown += steps.thrown();
            }
        }
        assertThat(thrown).isPositive();
    }

    private void run(int first, int length, FaultSteps.Fault fault) throws IOException {
        possible.clear();
        steps = new FaultSteps();
        directory = new FaultyDirectory(DiskImage.empty());
        refused = false;
        version = 0;
        steps.failFrom(first, length, fault);
        BlobCache<String> cache = openOrSay();
        work(cache);
        steps.failNoMore();
        requirePossible(cache);
        put(cache, "probe"); // The last step may be the failure for which writes are refused from then on.
        if (refused) {
            closeOrFail(cache);
        } else {
            work(cache);
            assertThat(refused).as("refuses what it took before").isFalse();
            requireNewest(cache);
            cache.close();
        }
        try (BlobCache<String> again = open()) {
            requirePossible(again);
            put(again, "again");
            requireNewest(again, "again");
        }
    }

    private BlobCache<String> openOrSay() throws IOException {
        try {
            return open();
        } catch (IOException | RuntimeException | Error e) {
            steps.failNoMore();
            return open();
        }
    }

    private BlobCache<String> open() throws IOException {
        return TestCaches.tiny(directory)
                .environment(new StoreEnvironment(
                        (path, create) -> steps.over(directory), steps.indexes(), name -> new TestCaches.Never()))
                .open(PATH);
    }

    private void work(BlobCache<String> cache) throws IOException {
        for (int i = 0; i < STEPS; i++) {
            String key = "key-" + i * 7 % KEYS;
            switch (i % 6) {
                case 0 -> load(cache, key);
                case 1 -> stream(cache, key);
                case 2 -> invalidate(cache, key);
                default -> put(cache, key);
            }
            attempt(() -> {
                byte[] unused = cache.getIfPresent("key-0");
            });
            attempt(() -> TestCaches.settle(cache));
            requireWithinMaximum();
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
        } catch (IOException | RuntimeException | Error e) {
            refused |= e instanceof WritesRefusedException || e.getCause() instanceof WritesRefusedException;
            return false;
        }
    }

    private void put(BlobCache<String> cache, String key) {
        int put = version++;
        note(key, put, attempt(() -> cache.put(key, blob(put))));
    }

    private void invalidate(BlobCache<String> cache, String key) {
        note(key, -1, attempt(() -> cache.invalidate(key)));
    }

    /** A load serves its caller whatever fails, but for memory and stack. */
    private void load(BlobCache<String> cache, String key) {
        int loaded = version++;
        if (!attempt(() -> noteLoaded(key, loaded, cache.get(key, absent -> blob(loaded))))) {
            note(key, loaded, false);
        }
    }

    private void stream(BlobCache<String> cache, String key) {
        int loaded = version++;
        if (!attempt(() -> {
            try (InputStream in = cache.openStream(key, absent -> new ByteArrayInputStream(blob(loaded)))) {
                noteLoaded(key, loaded, in.readAllBytes());
            }
        })) {
            note(key, loaded, false);
        }
    }

    private void noteLoaded(String key, int loaded, byte[] blob) {
        if (Arrays.equals(blob, blob(loaded))) {
            possible.computeIfAbsent(key, none -> new ArrayList<>()).add(loaded);
        } else {
            assertThat(possible.get(key)).as(key).contains(versionOf(blob));
        }
    }

    private void note(String key, int put, boolean done) {
        List<Integer> known = possible.computeIfAbsent(key, none -> new ArrayList<>());
        if (done) {
            known.clear();
        }
        known.add(put);
    }

    private static byte[] blob(int version) {
        return TestStores.blob(100 + version * 97 % 1400, version);
    }

    private int versionOf(byte[] blob) {
        for (int i = 0; i < version; i++) {
            if (Arrays.equals(blob, blob(i))) {
                return i;
            }
        }
        throw new AssertionError("no such blob was put");
    }

    private void requirePossible(BlobCache<String> cache) {
        for (String key : possible.keySet()) {
            byte[] found = cache.getIfPresent(key);
            if (found != null) {
                assertThat(possible.get(key)).as(key).contains(versionOf(found));
            }
        }
    }

    private void requireNewest(BlobCache<String> cache) {
        requireNewest(cache, "key-" + (STEPS - 1) * 7 % KEYS);
    }

    private void requireNewest(BlobCache<String> cache, String key) {
        List<Integer> known = possible.get(key);
        byte[] found = cache.getIfPresent(key);
        assertThat(found).as("%s has what was put last", key).isNotNull();
        assertThat(versionOf(found)).isEqualTo(known.get(known.size() - 1));
    }

    private void requireWithinMaximum() throws IOException {
        long bytes = 0;
        for (String name : directory.list()) {
            try (FileHandle handle = directory.openRead(name)) {
                bytes += handle.size();
            }
        }
        assertThat(bytes)
                .isLessThanOrEqualTo(
                        TestCaches.TINY_MAXIMUM_BYTES + BlobCache.FILES_BEYOND_MAXIMUM * TestCaches.TINY_FILE_BYTES);
    }

    private static void closeOrFail(BlobCache<String> cache) {
        try {
            cache.close();
        } catch (IOException e) {
            assertThat(e).isInstanceOf(WritesRefusedException.class);
        }
    }

    /** As on a device with sectors that have failed: each file in turn, from the end of its first record on. */
    @Test
    void aFileThatCannotBeReadCostsItsOwnBlobsAlone() throws IOException {
        FaultyDirectory healthy = new FaultyDirectory(DiskImage.empty());
        directory = healthy;
        version = 0;
        try (BlobCache<String> cache = open()) {
            work(cache);
        }
        Map<String, List<Integer>> before = Map.copyOf(possible);
        Set<String> names = new TreeSet<>(healthy.list());
        long reinserted = 0;
        for (String name : names) {
            if (!name.endsWith(".arena")) {
                continue;
            }
            possible.clear();
            before.forEach((key, versions) -> possible.put(key, new ArrayList<>(versions)));
            directory =
                    new FaultyDirectory(healthy.deviceAfter(healthy.changes()).afterKill());
            BadSectors bad = new BadSectors(directory);
            try (BlobCache<String> cache = TestCaches.tiny(bad).open(PATH)) {
                bad.name = name;
                for (int i = 0; i < KEYS; i++) {
                    load(cache, "key-" + i);
                }
                for (int i = 0; i < 3 * STEPS; i++) {
                    write(cache, i);
                    requireWithinMaximum();
                }
                reinserted += cache.stats().reinserted();
                requirePossible(cache);
            }
        }
        assertThat(reinserted).isPositive();
    }

    /** Long blobs go to files of their own, beside which the others stay, and what is used is written again: others are put once. */
    private void write(BlobCache<String> cache, int i) throws IOException {
        String key = "key-" + i * 5 % KEYS;
        int put = version++;
        if (i % 7 == 3) {
            note(key, -1, true);
            boolean unused = cache.invalidate(key);
        } else {
            note(key, put, true);
            cache.put(key, blob(put));
            requireNewest(cache, key);
        }
        cache.put("once-" + i, blob(put));
        for (int used = 0; used < 4; used++) {
            byte[] unused = cache.getIfPresent("key-" + used);
        }
        TestCaches.settle(cache);
    }

    /** Of one file nothing can be read. */
    private static final class BadSectors extends ForwardingDirectory {

        private volatile @Nullable String name;

        BadSectors(Directory delegate) {
            super(delegate);
        }

        @Override
        public FileHandle openRead(String opened) throws IOException {
            return new ForwardingFileHandle(super.openRead(opened)) {
                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    if (opened.equals(name)) {
                        throw new IOException("Input/output error");
                    }
                    return super.read(target, position);
                }
            };
        }
    }
}
