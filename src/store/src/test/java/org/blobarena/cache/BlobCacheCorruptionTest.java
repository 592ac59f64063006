package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Changes bytes of a cache's files, cuts them and takes them away. Whatever it was, the cache opens, and a key has its newest blob
 * or is absent, and can be loaded again; it takes puts for longer than the damage can stay, and keeps to its maximum.
 */
class BlobCacheCorruptionTest {

    private static final Path PATH = Path.of("cache");
    private static final byte[] NEW = {7};
    private static final int KEYS = 24;
    private static final int STEPS = 90;
    private static final int STRIDE = Boolean.getBoolean("blobarena.exhaustive") ? 1 : 127;

    private final Map<String, @Nullable Integer> newest = new HashMap<>();
    private final Map<String, List<Integer>> history = new HashMap<>();
    private boolean olderMayComeBack;
    private Map<String, byte[]> files = Map.of();
    private long damaged;
    private int version;

    /** The files of a cache that has evicted, and written again what was used. */
    private void fill(boolean closes) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        SplittableRandom random = new SplittableRandom(3);
        BlobCache<String> cache = TestCaches.tiny(directory).open(PATH);
        for (int i = 0; i < STEPS; i++) {
            String key = "key-" + random.nextInt(KEYS);
            if (random.nextInt(8) == 0) {
                boolean unused = cache.invalidate(key);
                newest.put(key, null);
            } else {
                put(cache, key);
            }
            for (int used = 0; used < 4; used++) {
                byte[] unused = cache.getIfPresent("key-" + used);
            }
            TestCaches.settle(cache);
        }
        assertThat(cache.stats().evictions()).isPositive();
        assertThat(cache.stats().reinserted()).isPositive();
        if (closes) {
            cache.close();
        }
        files = directory.deviceAfter(directory.changes()).afterKill().files();
        assertThat(files.keySet()).filteredOn(name -> name.endsWith(".arena")).hasSizeGreaterThan(4);
    }

    private void put(BlobCache<String> cache, String key) throws IOException {
        int put = version++;
        cache.put(key, blob(put));
        newest.put(key, put);
        history.computeIfAbsent(key, none -> new ArrayList<>()).add(put);
    }

    private static byte[] blob(int version) {
        return TestStores.blob(200 + version * 97 % 1400, version);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void flippedBytesAreMisses(boolean closed) throws IOException {
        fill(closed);
        olderMayComeBack = !closed; // What a crash has left at the end of a file is not known to be more than torn.
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            for (int at = file.getKey().length() % STRIDE; at < file.getValue().length; at += STRIDE) {
                byte[] changed = file.getValue().clone();
                changed[at] ^= (byte) (1 << at % 8);
                check(file.getKey(), changed, "byte " + at);
            }
        }
        assertThat(damaged).isGreaterThan(50);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void filesThatAreCutOrZeroedOrMissingAreMisses(boolean closed) throws IOException {
        fill(closed);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (file.getKey().equals("STORE")) {
                continue; // Nobody can tell any more whose the files are: it is refused.
            }
            byte[] whole = file.getValue();
            olderMayComeBack = true; // What is gone cannot say that something older is outdated.
            check(file.getKey(), null, "missing");
            for (int length = 0; length < whole.length; length += 2 * STRIDE) {
                olderMayComeBack = true;
                check(file.getKey(), Arrays.copyOf(whole, length), "cut to " + length);
                olderMayComeBack = !closed;
                byte[] zeroed = whole.clone();
                Arrays.fill(zeroed, length, Math.min(whole.length, length + 512), (byte) 0);
                check(file.getKey(), zeroed, "zeros from " + length);
            }
        }
    }

    @Test
    void aStreamOrTransferThatMeetsDamageThrowsAndTheNextRequestLoads(@TempDir Path real) throws IOException {
        byte[] blob = TestStores.blob(50_000, 1);
        try (BlobCache<String> cache = TestCaches.onHeap().open(real)) {
            for (int i = 0; i < 3; i++) {
                cache.put("key-" + i, blob);
            }
        }
        for (Path file : TestStores.arenas(real)) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[40_000] ^= 1;
            Files.write(file, bytes);
        }
        try (BlobCache<String> cache = TestCaches.onHeap().open(real)) {
            try (InputStream in = cache.openStream("key-0", key -> new ByteArrayInputStream(NEW))) {
                assertThatThrownBy(in::readAllBytes).isInstanceOf(CorruptBlobException.class);
            }
            try (InputStream in = cache.openStream("key-0", key -> new ByteArrayInputStream(NEW))) {
                assertThat(in.readAllBytes()).isEqualTo(NEW);
            }
            WritableByteChannel target = Channels.newChannel(new ByteArrayOutputStream());
            assertThatThrownBy(() -> cache.transferTo("key-1", target)).isInstanceOf(CorruptBlobException.class);
            assertThat(cache.transferTo("key-1", target)).isEmpty();
            assertThat(cache.getIfPresent("key-2", ByteBuffer.allocate(blob.length)))
                    .isEmpty();
            assertThat(cache.contains("key-2")).isFalse();
            assertThat(cache.stats().readFailures()).isEqualTo(3);
            assertThat(cache.get("key-2", key -> NEW)).isEqualTo(NEW);
            TestCaches.crash(cache);
        }
        try (BlobCache<String> cache = TestCaches.onHeap().open(real)) {
            assertThat(cache.getIfPresent("key-0")).isEqualTo(NEW);
            assertThat(cache.getIfPresent("key-1")).isNull();
            assertThat(cache.getIfPresent("key-2")).isEqualTo(NEW);
            assertThat(cache.stats().readFailures()).isZero();
        }
    }

    private void check(String name, byte @Nullable [] changed, String what) throws IOException {
        Map<String, byte[]> image = new TreeMap<>(files);
        if (changed == null) {
            image.remove(name);
        } else {
            image.put(name, changed);
        }
        Map<String, @Nullable Integer> before = new HashMap<>(newest);
        try {
            check(new FaultyDirectory(new DiskImage(image)));
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(name + ", " + what, e);
        } finally {
            newest.clear();
            newest.putAll(before);
        }
    }

    private @Nullable Integer presentVersion(BlobCache<String> cache, String key) {
        byte[] found = cache.getIfPresent(key);
        return found == null ? null : versionOf(key, found);
    }

    private void check(FaultyDirectory directory) throws IOException {
        BlobCache<String> cache = TestCaches.tiny(directory).open(PATH);
        if (olderMayComeBack) {
            newest.replaceAll((key, version) -> presentVersion(cache, key));
        }
        requireNewest(cache);
        damaged += cache.stats().readFailures();
        for (int i = 0; i < KEYS; i += 2) {
            load(cache, "key-" + i);
        }
        for (int i = 0; i < STEPS; i++) {
            put(cache, "later-" + i % 40);
            requireWithinMaximum(directory);
        }
        requireNewest(cache);
        assertThat(cache.contains("later-" + (STEPS - 1) % 40)).isTrue();
        cache.close();
        try (BlobCache<String> again = TestCaches.tiny(directory).open(PATH)) {
            requireNewest(again);
        }
    }

    private void load(BlobCache<String> cache, String key) throws IOException {
        int loaded = version++;
        history.computeIfAbsent(key, none -> new ArrayList<>()).add(loaded);
        byte[] blob;
        if (loaded % 3 == 0) {
            try (InputStream in = cache.openStream(key, absent -> new ByteArrayInputStream(blob(loaded)))) {
                blob = in.readAllBytes();
            }
        } else {
            blob = cache.get(key, absent -> blob(loaded));
        }
        if (Arrays.equals(blob, blob(loaded))) {
            newest.put(key, loaded);
        } else {
            assertThat(versionOf(key, blob)).as(key).isEqualTo(newest.get(key));
        }
        assertThat(Arrays.equals(cache.getIfPresent(key), blob)).as(key).isTrue();
    }

    private void requireNewest(BlobCache<String> cache) {
        for (Map.Entry<String, @Nullable Integer> entry : newest.entrySet()) {
            byte[] found = cache.getIfPresent(entry.getKey());
            if (found != null) {
                assertThat(versionOf(entry.getKey(), found)).as(entry.getKey()).isEqualTo(entry.getValue());
            }
        }
    }

    /** Which of the blobs of a key it is. */
    private int versionOf(String key, byte[] found) {
        for (int i : history.getOrDefault(key, List.of())) {
            if (Arrays.equals(found, blob(i))) {
                return i;
            }
        }
        throw new AssertionError(key + " has a blob that it never had");
    }

    private static void requireWithinMaximum(FaultyDirectory directory) throws IOException {
        long bytes = 0;
        for (String name : directory.list()) {
            try (var handle = directory.openRead(name)) {
                bytes += handle.size();
            }
        }
        assertThat(bytes)
                .isLessThanOrEqualTo(
                        TestCaches.TINY_MAXIMUM_BYTES + BlobCache.FILES_BEYOND_MAXIMUM * TestCaches.TINY_FILE_BYTES);
    }
}
