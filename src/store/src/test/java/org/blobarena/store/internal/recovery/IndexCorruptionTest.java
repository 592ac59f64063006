package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FormatException;
import org.blobarena.index.DamagedIndexException;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.testing.UsualIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages the file of the usual index after a clean close: what is damaged is never believed, and the store makes another
 * index. One on Chronicle Map is not even opened then, which could hang or end the JVM; a table is verified where it is
 * used. Shows invariant 10 of store-format.md.
 */
class IndexCorruptionTest {

    /** More than what Chronicle Map and the map itself have before the entries. */
    private static final int HEADERS = 4096;

    private static final int SEAL = 24;
    private static final int RANDOM_POSITIONS = 500;

    @TempDir
    Path temporary;

    private final Map<String, ByteBuffer> model = new HashMap<>();
    private Path directory;
    private Path index;
    private Map<KeyHash, Location> contents = Map.of();

    @BeforeEach
    void makeStore() throws IOException {
        directory = temporary.resolve("store");
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            for (int i = 0; i < 300; i++) {
                byte[] blob = TestStores.blob(50, i);
                store.put("key" + i, blob);
                model.put("key" + i, ByteBuffer.wrap(blob));
            }
        }
        try (Stream<Path> files = Files.list(directory)) {
            index = files.filter(
                            file -> UsualIndex.factory().owns(file.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
        CleanMark mark = mark();
        Path scratch = Files.createDirectory(temporary.resolve("scratch"));
        try (LocationIndex copy =
                UsualIndex.factory().openCopy(directory, mark.indexName(), mark.indexSize(), scratch)) {
            contents = contents(copy);
        }
    }

    @Test
    void flippedByteAnywhereKeepsTheIndexFromBeingBelieved() throws IOException {
        long length = Files.size(index);
        TreeSet<Long> positions = new TreeSet<>();
        for (long at = 0; at < HEADERS; at++) {
            positions.add(at);
        }
        for (long at = length - SEAL; at < length; at++) {
            positions.add(at);
        }
        new SplittableRandom(1).longs(RANDOM_POSITIONS, 0, length).forEach(positions::add);
        CleanMark mark = mark();
        byte[] whole = Files.readAllBytes(index);
        try (RandomAccessFile file = new RandomAccessFile(index.toFile(), "rw")) {
            for (long at : positions) {
                flip(file, at);
                if (requireNotBelieved(mark, "byte " + at)) {
                    Files.write(index, whole); // Opening takes the seal off.
                } else {
                    flip(file, at);
                }
            }
        }
        assertThat(index).hasBinaryContent(whole);
        try (LocationIndex opened = UsualIndex.factory().open(directory, mark.indexName(), mark.indexSize())) {
            assertThat(contents(opened)).isEqualTo(contents);
        }
    }

    @Test
    void cutZeroedOrForeignFileIsNotBelieved() throws IOException {
        byte[] whole = Files.readAllBytes(index);
        CleanMark mark = mark();
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 60; i++) {
            int length = i < 40 ? i : random.nextInt(whole.length);
            Files.write(index, Arrays.copyOf(whole, length));
            requireNotBelieved(mark, "cut to " + length);
            Files.write(index, new byte[length]);
            requireNotBelieved(mark, length + " zeros");
            byte[] garbage = new byte[length];
            new Random(i).nextBytes(garbage);
            Files.write(index, garbage);
            requireNotBelieved(mark, length + " bytes of garbage");
        }
    }

    /** Whether it was opened all the same, and whatever it said was true. */
    private boolean requireNotBelieved(CleanMark mark, String what) throws IOException {
        boolean wasOpened = false;
        try (LocationIndex opened = UsualIndex.factory().open(directory, mark.indexName(), mark.indexSize())) {
            wasOpened = true;
            assertThat(contents(opened)).as(what).isEqualTo(contents);
        } catch (DamagedIndexException e) {
            assertThat(wasOpened).as(what).isTrue();
        } catch (IOException e) {
            assertThat(wasOpened).as(what).isFalse();
        }
        assertThat(wasOpened && isChronicleMap()).as(what).isFalse();
        return wasOpened;
    }

    private static boolean isChronicleMap() {
        return UsualIndex.factory().name().equals("chronicle-map");
    }

    private static Map<KeyHash, Location> contents(LocationIndex index) {
        Map<KeyHash, Location> found = new HashMap<>();
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (cursor.next(found::put)) {
                // The visitor takes it.
            }
        }
        return found;
    }

    @Test
    void storeWithADamagedIndexMakesAnotherAndAnswersEverything() throws IOException {
        Map<String, byte[]> files = TestStores.files(directory);
        byte[] whole = Files.readAllBytes(index);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 20; i++) {
            byte[] damaged = whole.clone();
            for (int flips = 0; flips <= i; flips++) {
                damaged[random.nextInt(i % 2 == 0 ? HEADERS : damaged.length - 4)] ^= (byte) (1 + random.nextInt(255));
            }
            files.put(index.getFileName().toString(), damaged);
            TestStores.restore(directory, files);
            if (isChronicleMap() || !isUsable()) {
                try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
                    assertThat(store.stats().opening().clean()).isFalse();
                    assertThat(store.stats().opening().damage()).isEmpty();
                    assertThat(TestStores.content(store)).isEqualTo(model);
                }
            }
        }
        BlobStore.open(directory, KeyCodec.utf8()).close();
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            assertThat(store.stats().opening().clean()).isTrue();
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    @Test
    void repairAsksTheIndexOfTheLastCloseAndDoesNotChangeIt() throws IOException {
        byte[] sealed = Files.readAllBytes(index);
        Path arena = directory.resolve("00000001.arena");
        String content = Files.readString(arena, StandardCharsets.ISO_8859_1);
        try (RandomAccessFile file = new RandomAccessFile(arena.toFile(), "rw")) {
            flip(file, content.indexOf("key7") + "key7".length());
        }

        RepairReport report = BlobStore.repair(directory);

        assertThat(report.losses()).hasSize(1);
        assertThat(index).hasBinaryContent(sealed);
        model.remove("key7");
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    /** Whether a store with a damaged table answers everything, which it may: not every byte of a file is used. */
    private boolean isUsable() throws IOException {
        BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8());
        try {
            assertThat(TestStores.content(store)).isEqualTo(model);
            return true;
        } catch (CorruptBlobException e) {
            return false;
        } finally {
            StoreAccess.crash(store);
        }
    }

    private CleanMark mark() throws IOException {
        try {
            return CleanMark.decode(ByteBuffer.wrap(Files.readAllBytes(directory.resolve("CLEAN"))));
        } catch (FormatException e) {
            throw new IOException(e);
        }
    }

    private static void flip(RandomAccessFile file, long at) throws IOException {
        file.seek(at);
        int value = file.read();
        file.seek(at);
        file.write(value ^ 1 << (int) (at % 8));
    }
}
