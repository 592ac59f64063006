package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.FileNames;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;

/** What becomes of a file that is evicted while a stream reads from it. */
class EvictedWhileReadTest {

    private static final Path PATH = Path.of("cache");
    private static final byte[] READ = TestStores.blob(1500, 1);
    private static final byte[] BESIDE = TestStores.blob(100, 2);

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private int fillers;

    private void fillUntilAbsent(BlobCache<String> cache, String key) throws IOException {
        while (cache.contains(key)) {
            cache.put("filler-" + fillers, TestStores.blob(700, fillers));
            fillers++;
        }
    }

    /** A stream of a blob whose file has been evicted, in which other blobs were. */
    private BlobInputStream readEvicted(BlobCache<String> cache) throws IOException {
        cache.put("beside", BESIDE);
        cache.put("read", READ);
        BlobInputStream stream = cache.openStreamIfPresent("read");
        assertThat(stream).isNotNull();
        assertThat(stream.readNBytes(10)).hasSize(10);
        fillUntilAbsent(cache, "read");
        fillUntilAbsent(cache, "beside");
        return stream;
    }

    private void requireAbsentAfterACrash(String... keys) throws IOException {
        for (DiskImage image : List.of(
                directory.deviceAfter(directory.changes()).afterKill(),
                directory.deviceAfter(directory.changes()).afterPowerLoss())) {
            try (BlobCache<String> cache =
                    TestCaches.roomy(new FaultyDirectory(image)).open(PATH)) {
                for (String key : keys) {
                    assertThat(cache.getIfPresent(key)).as(key).isNull();
                }
            }
        }
    }

    @Test
    void whatIsInvalidatedMeanwhileStaysSoAfterACrash() throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH);
                BlobInputStream stream = readEvicted(cache)) {
            assertThat(cache.invalidate("read")).isFalse();
            assertThat(cache.invalidateAll(List.of("beside"))).isZero();
            requireAbsentAfterACrash("read", "beside");
            assertThat(stream.readAllBytes()).hasSize(READ.length - 10);
        }
    }

    @Test
    void whatAllIsInvalidatedMeanwhileStaysSoAfterACrash() throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH);
                BlobInputStream stream = readEvicted(cache)) {
            cache.invalidateAll();
            requireAbsentAfterACrash("read", "beside", "filler-" + (fillers - 1));
            assertThat(stream.available()).isNotNegative();
        }
    }

    @Test
    void streamsOfWhatAnInvalidationOfAllDeletesAreReadToTheirEnd() throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH)) {
            cache.put("read", READ);
            try (BlobInputStream stream = cache.openStreamIfPresent("read")) {
                assertThat(stream).isNotNull();
                cache.put("next", READ);
                cache.put("last", BESIDE);
                cache.invalidateAll();
                requireAbsentAfterACrash("read", "next", "last");
                assertThat(stream.readAllBytes()).isEqualTo(READ);
            }
        }
    }

    /** An older value may not take the place of the newer one that was evicted. */
    @Test
    void whatWasReplacedAndEvictedMeanwhileDoesNotComeBack() throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH);
                BlobInputStream stream = readEvicted(cache)) {
            cache.put("read", TestStores.blob(100, 3));
            fillUntilAbsent(cache, "read");
            requireAbsentAfterACrash("read");
            assertThat(stream.readAllBytes()).hasSize(READ.length - 10);
        }
    }

    @Test
    void itsSpaceCountsUntilTheStreamIsClosedAndNothingOfItIsOnTheDevice() throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH)) {
            long names = directory.list().stream().filter(this::isArena).count();
            BlobInputStream stream = readEvicted(cache);
            long held = cache.stats().bytes();
            assertThat(directory.list().stream().filter(this::isArena).count())
                    .as("more than the %s at first", names)
                    .isLessThan(TestCaches.TINY_MAXIMUM_BYTES / 8192);
            stream.close();
            assertThat(cache.stats().bytes()).isLessThan(held);
        }
    }

    private boolean isArena(String name) {
        return FileNames.arenaId(name).isPresent();
    }

    @Test
    void aCloseMayComeBeforeThatOfTheStream() throws IOException {
        BlobCache<String> cache = TestCaches.tiny(directory).open(PATH);
        BlobInputStream stream = readEvicted(cache);
        cache.close();
        stream.close();
        try (BlobCache<String> again = TestCaches.tiny(directory).open(PATH)) {
            assertThat(again.getIfPresent("read")).isNull();
            assertThat(again.getIfPresent("filler-" + (fillers - 1))).isNotNull();
        }
    }
}
