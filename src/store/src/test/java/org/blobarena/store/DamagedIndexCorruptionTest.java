package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.cache.BlobCache;
import org.blobarena.index.DamagedIndexException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bit of an index has changed that is found when its part is first needed, in a store that is open by then. The arena
 * files are whole, so nothing may be lost.
 */
class DamagedIndexCorruptionTest {

    private static final int KEYS = 300;

    /** In the first block of the first segment, behind the header. */
    private static final int DAMAGED_OFFSET = 4096 + 5;

    @TempDir
    Path temporary;

    private final Map<String, ByteBuffer> model = new HashMap<>();
    private final List<String> damaged = new ArrayList<>();
    private final List<String> sound = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void damageTheIndex() throws IOException {
        directory = temporary.resolve("store");
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < KEYS; i++) {
                store.put("key" + i, TestStores.blob(50, KEYS + i)); // So that there is something to compact.
                byte[] blob = TestStores.blob(50, i);
                store.put("key" + i, blob);
                model.put("key" + i, ByteBuffer.wrap(blob));
            }
        }
        flip(index(), DAMAGED_OFFSET);
    }

    @Test
    void readsFailWhereItIsDamagedAndGoOnElsewhere() throws IOException {
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().clean()).isTrue();
            sortKeys(store);
            assertThat(damaged).isNotEmpty();
            assertThat(sound).isNotEmpty();
            String key = damaged.get(0);
            assertThatThrownBy(() -> store.get(key))
                    .isInstanceOf(CorruptBlobException.class)
                    .hasMessageContaining(index().toString())
                    .hasMessageContaining("makes it anew");
            assertThatThrownBy(() -> store.contains(key)).hasCauseInstanceOf(CorruptBlobException.class);
            assertThatThrownBy(() -> store.forEach((k, blob) -> {})).isInstanceOf(CorruptBlobException.class);
            try (Stream<String> keys = store.keys()) {
                assertThatThrownBy(() -> keys.forEach(each -> {})).isInstanceOf(UncheckedIOException.class);
            }
            assertThat(store.size()).isEqualTo(KEYS);
            assertThat(store.stats().keys()).isEqualTo(KEYS);
        }
        assertNextOpeningHasEverything();
    }

    @Test
    void nothingIsAppendedForWritesThatAreRefused() throws IOException {
        try (BlobStore<String> store = open()) {
            sortKeys(store);
        }
        damageAgain();
        long length = arenaBytes();
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 1_000; i++) {
                assertRefused(() -> store.put(damaged.get(0), TestStores.blob(1_000, 1)));
            }
            assertRefused(() -> store.put(sound.get(0), TestStores.blob(10, 1)));
            assertRefused(() -> store.remove(damaged.get(0)));
            assertRefused(() -> store.remove(sound.get(0)));
            assertRefused(() -> store.put("new", TestStores.blob(6 << 20, 1)));
            assertThat(store.size()).isEqualTo(KEYS);
            store.force();
        }
        assertThat(arenaBytes()).isEqualTo(length);
        assertNextOpeningHasEverything();
    }

    @Test
    void compactionChangesNothing() throws IOException {
        try (BlobStore<String> store = open()) {
            assertThatThrownBy(store::compact)
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(DamagedIndexException.class);
            assertThat(store.stats().compaction().filesReplaced()).isZero();
        }
        assertNextOpeningHasEverything();
    }

    /** What was put before the damage was met, and is still in memory then. */
    @Test
    void bufferedPutsSurviveTheCloseOfTheStore() throws IOException {
        try (BlobStore<String> store = open()) {
            sortKeys(store);
        }
        damageAgain();
        byte[] blob = TestStores.blob(30, 7);
        try (BlobStore<String> store = BlobStore.builder(KeyCodec.utf8())
                .index(IndexKind.TABLE)
                .durability(Durability.BUFFERED)
                .open(directory)) {
            store.put(sound.get(0), blob);
            model.put(sound.get(0), ByteBuffer.wrap(blob));
            assertThatThrownBy(() -> store.get(damaged.get(0))).isInstanceOf(CorruptBlobException.class);
            assertThat(store.get(sound.get(0))).isEqualTo(blob);
        }
        assertNextOpeningHasEverything();
    }

    @Test
    void verificationTellsIt() throws IOException {
        try (BlobStore<String> store = open()) {
            VerifyReport report = store.verify();
            assertThat(report.damageCount()).isEqualTo(1);
            assertThat(report.damage().get(0).file()).isEqualTo(index().toString());
            assertThat(report.records()).isEqualTo(2 * KEYS);
        }
        assertNextOpeningHasEverything();
    }

    @Test
    void repairDoesWithoutIt() throws IOException {
        Path arena = directory.resolve("00000001.arena");
        String content = Files.readString(arena, StandardCharsets.ISO_8859_1);
        int first = content.indexOf("key7");
        flip(arena, content.indexOf("key7", first + 1) + "key7".length());
        RepairReport report = BlobStore.repair(directory);
        assertThat(report.losses()).isNotEmpty();
        model.remove("key7");
        try (BlobStore<String> store = open()) {
            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(store.verify().isIntact()).isTrue();
        }
    }

    /** A cache stores nothing then, but serves whoever loads. */
    @Test
    void cacheLoadsWhereItIsDamaged() throws IOException {
        Path cached = temporary.resolve("cache");
        try (BlobCache<String> cache = openCache(cached)) {
            for (int i = 0; i < KEYS; i++) {
                cache.put("key" + i, TestStores.blob(50, i));
            }
        }
        flip(index(cached), DAMAGED_OFFSET);
        int misses = 0;
        try (BlobCache<String> cache = openCache(cached)) {
            for (int i = 0; i < KEYS; i++) {
                byte[] blob = TestStores.blob(50, i);
                byte[] unlike = TestStores.blob(60, i);
                byte[] found = cache.get("key" + i, key -> unlike);
                try (InputStream in = cache.openStream("key" + i, key -> new ByteArrayInputStream(found))) {
                    assertThat(in.readAllBytes()).isEqualTo(found);
                }
                misses += found.length == unlike.length ? 1 : 0;
                assertThat(found).isIn(blob, unlike);
            }
            assertThat(misses).isPositive().isLessThan(KEYS);
            assertRefused(() -> cache.put("new", new byte[1]));
        }
        try (BlobCache<String> cache = openCache(cached)) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(cache.getIfPresent("key" + i)).isEqualTo(TestStores.blob(50, i));
            }
        }
    }

    private static BlobCache<String> openCache(Path directory) throws IOException {
        return BlobCache.builder(KeyCodec.utf8())
                .maximumBytes(64 << 20)
                .index(IndexKind.TABLE)
                .open(directory);
    }

    private void assertNextOpeningHasEverything() throws IOException {
        assertThat(directory.resolve("CLEAN")).doesNotExist();
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().clean()).isFalse();
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(store.verify().isIntact()).isTrue();
            store.put("later", TestStores.blob(10, 1));
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().clean()).isTrue();
        }
    }

    private void sortKeys(BlobStore<String> store) throws IOException {
        for (String key : model.keySet()) {
            try {
                assertThat(ByteBuffer.wrap(store.get(key))).isEqualTo(model.get(key));
                sound.add(key);
            } catch (CorruptBlobException e) {
                damaged.add(key);
            }
        }
    }

    /** The closed store has no mark now; the next one has the same keys in the damaged segment. */
    private void damageAgain() throws IOException {
        open().close();
        flip(index(), DAMAGED_OFFSET);
    }

    private static void assertRefused(ThrowingCallable write) {
        assertThatThrownBy(write)
                .isInstanceOf(WritesRefusedException.class)
                .hasMessageContaining("makes the index anew");
    }

    private BlobStore<String> open() throws IOException {
        return BlobStore.builder(KeyCodec.utf8()).index(IndexKind.TABLE).open(directory);
    }

    private long arenaBytes() throws IOException {
        long bytes = 0;
        for (Path arena : TestStores.arenas(directory)) {
            bytes += Files.size(arena);
        }
        return bytes;
    }

    private Path index() throws IOException {
        return index(directory);
    }

    private static Path index(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("index-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flip(Path path, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            int value = file.read();
            file.seek(at);
            file.write(value ^ 1);
        }
    }
}
