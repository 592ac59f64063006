package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;

/**
 * Evicts files that are damaged, or that cannot be written for, while another that has to stay holds older blobs of their keys:
 * whatever order that takes, eviction goes on, and no older blob comes back.
 */
class EvictionDamageTest {

    private static final Path PATH = Path.of("cache");
    private static final int LONG_BYTES = 700;

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private int fillers;

    private static byte[] longBlob(int seed) {
        return TestStores.blob(LONG_BYTES, seed);
    }

    private static byte[] shortBlob(int seed) {
        return TestStores.blob(100, seed);
    }

    /** A key whose old blob stands in a file that a stream goes on writing to, and a new one elsewhere. */
    private OutputStream olderInAFileThatStays(BlobCache<String> cache, String key) throws IOException {
        cache.put(key, out -> out.write(longBlob(1)));
        long older = locate(cache, key).fileIndex();
        OutputStream slow = cache.store().newOutputStream("slow");
        slow.write(longBlob(2));
        cache.put(key, shortBlob(3));
        assertThat(locate(cache, key).fileIndex()).isNotEqualTo(older);
        assertThat(Objects.requireNonNull(TestCaches.engine(cache).file(older)).liveBytes())
                .isZero();
        return slow;
    }

    private static Location locate(BlobCache<String> cache, String key) throws IOException {
        StoreEngine engine = TestCaches.engine(cache);
        return Objects.requireNonNull(engine.reads().locatePresent(engine.encoded(cache.encoded(key))));
    }

    private void fill(BlobCache<String> cache) throws IOException {
        cache.put("filler-" + fillers, shortBlob(fillers));
        fillers++;
    }

    private void fill(BlobCache<String> cache, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            fill(cache);
        }
    }

    private void flip(long file, long offset) throws IOException {
        try (FileHandle handle = directory.openWrite(FileNames.arena(file))) {
            ByteBuffer one = ByteBuffer.allocate(1);
            handle.read(one, offset);
            one.put(0, (byte) ~one.get(0));
            handle.write(one.flip(), offset);
        }
    }

    private BlobCache<String> afterAKill() throws IOException {
        return TestCaches.roomy(new FaultyDirectory(
                        directory.deviceAfter(directory.changes()).afterKill()))
                .open(PATH);
    }

    @Test
    void recordWhoseTombstoneIsNeededIsDamaged() throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH)) {
            OutputStream slow = olderInAFileThatStays(cache, "key");
            Location newer = locate(cache, "key");
            flip(newer.fileIndex(), newer.offset() + 8);

            fill(cache, 600);
            assertThat(TestCaches.engine(cache).file(newer.fileIndex())).isNull();
            assertThat(cache.getIfPresent("key")).isNull();
            try (BlobCache<String> crashed = afterAKill()) {
                assertThat(crashed.getIfPresent("key")).isNull();
            }
            slow.close();
            fill(cache, 600);
            try (BlobCache<String> crashed = afterAKill()) {
                assertThat(crashed.getIfPresent("key")).isNull();
            }
        }
    }

    @Test
    void tombstoneThatFoundNoSpaceIsWrittenTheNextTime() throws IOException {
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH)) {
            OutputStream slow = olderInAFileThatStays(cache, "key");
            long newer = locate(cache, "key").fileIndex();
            StoreFile file = Objects.requireNonNull(TestCaches.engine(cache).file(newer));
            while (!isNextToGo(cache, file)) {
                fill(cache);
            }
            directory.setFault((number, kind, bytes) -> {
                if (kind.equals("write") || kind.equals("create")) {
                    throw new IOException("No space left on device");
                }
                return FaultyDirectory.Fault.CARRY_OUT;
            });
            assertThatThrownBy(() -> TestCaches.settle(cache)).isInstanceOf(IOException.class);
            assertThat(file.isRetired()).isFalse();
            try (BlobCache<String> crashed = afterAKill()) {
                byte[] found = crashed.getIfPresent("key");
                assertThat(found == null || Arrays.equals(found, shortBlob(3))).isTrue();
            }
            directory.setFault(null);
            while (!file.isRetired()) {
                fill(cache);
            }
            assertThat(cache.getIfPresent("key")).isNull();
            try (BlobCache<String> crashed = afterAKill()) {
                assertThat(crashed.getIfPresent("key")).isNull();
            }
            slow.close();
        }
    }

    /** Whether all files that can go before it are gone, and room is short. */
    private static boolean isNextToGo(BlobCache<String> cache, StoreFile file) {
        StoreEngine engine = TestCaches.engine(cache);
        return file.isSealed()
                && engine.evictor().diskBytes() > engine.evictor().maximumBytes();
    }

    @Test
    void whatADamagedFileHidesStaysHiddenWhenAllIsInvalidated() throws IOException {
        FaultyDirectory crashedIn;
        try (BlobCache<String> cache = TestCaches.tiny(directory).open(PATH)) {
            OutputStream slow = olderInAFileThatStays(cache, "key");
            Location newer = locate(cache, "key");
            fill(cache, 110);
            slow.close();
            TestCaches.engine(cache).writes().force();
            StoreFile damaged = Objects.requireNonNull(TestCaches.engine(cache).file(newer.fileIndex()));
            assertThat(damaged.isSealed()).isTrue();
            flip(newer.fileIndex(), damaged.content().lastIndexBlock().offset() + 40);
            int before = directory.changes();
            cache.invalidateAll();
            for (int changes = before; changes <= directory.changes(); changes++) {
                crashedIn = new FaultyDirectory(directory.deviceAfter(changes).afterKill());
                try (BlobCache<String> crashed = TestCaches.roomy(crashedIn).open(PATH)) {
                    byte[] found = crashed.getIfPresent("key");
                    assertThat(found == null || found.length == shortBlob(3).length)
                            .as("after %s of %s changes", changes - before, directory.changes() - before)
                            .isTrue();
                }
            }
        }
    }
}
