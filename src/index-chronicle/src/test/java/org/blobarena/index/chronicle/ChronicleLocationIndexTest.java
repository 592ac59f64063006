package org.blobarena.index.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexSamples;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexContract;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleLocationIndexTest extends LocationIndexContract {

    @TempDir
    Path files;

    @Override
    protected LocationIndexFactory factory() {
        return new ChronicleLocationIndexFactory();
    }

    @Test
    void createDeletesIndexFilesAndNothingElse() throws IOException {
        Files.createFile(files.resolve("index-0000000000000009.map"));
        for (String foreign : new String[] {
            "index-9.map", "index-000000000000000A.map", "index-0000000000000009.map.bak", "xindex-0000000000000009.map"
        }) {
            Files.createFile(files.resolve(foreign));
        }
        Files.createDirectory(files.resolve("index-0000000000000001.map"));
        factory().create(files, 0).close();
        assertThat(names(files))
                .containsExactlyInAnyOrder(
                        "index-9.map",
                        "index-000000000000000A.map",
                        "index-0000000000000009.map.bak",
                        "xindex-0000000000000009.map",
                        "index-0000000000000001.map",
                        "index-000000000000000a.map");
    }

    @Test
    void openDeletesOtherIndexFiles() throws IOException {
        String name = factory().create(files, 0).closeForReopening();
        Files.createFile(files.resolve("index-00000000000000ff.map"));
        factory().open(files, name, 0).close();
        assertThat(names(files)).containsExactly(name);
    }

    @Test
    void openOfATruncatedFileIsRefused() throws IOException {
        String name = factory().create(files, 0).closeForReopening();
        byte[] whole = Files.readAllBytes(files.resolve(name));
        for (int length : new int[] {0, whole.length / 2}) {
            Files.write(files.resolve(name), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> factory().open(files, name, 0)).isInstanceOf(IOException.class);
        }
        Files.write(files.resolve(name), whole);
        factory().open(files, name, 0).close();
    }

    @Test
    void openOfADamagedHeaderIsRefused() throws IOException {
        String name = factory().create(files, 0).closeForReopening();
        byte[] whole = Files.readAllBytes(files.resolve(name));
        whole[100] ^= 1;
        Files.write(files.resolve(name), whole);
        assertThatThrownBy(() -> factory().open(files, name, 0)).isInstanceOf(IOException.class);
    }

    @Test
    void fileHoldsKeyAndLocationLittleEndian() throws IOException {
        LocationIndex index = factory().create(files, 0);
        Location location = new Location(0xA1A2A3A4L, 0xB1B2B3B4L, 0xC1C2C3C4L);
        index.put(new KeyHash(0x0102030405060708L, 0x1112131415161718L), location);
        byte[] bytes = Files.readAllBytes(files.resolve(index.closeForReopening()));
        ByteBuffer entry = ByteBuffer.allocate(KeyHash.ENCODED_BYTES + Location.ENCODED_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0x0102030405060708L)
                .putLong(0x1112131415161718L);
        location.encode(entry);
        assertThat(bytes).containsSequence(entry.array());
    }

    @Test
    void hintedIndexTakesAllKeysWithoutGrowing() throws IOException {
        int keys = 150_000;
        LocationIndex index = factory().create(files, keys);
        String first = names(files)[0];
        long bytes = index.fileBytes();
        for (int number = 0; number < keys; number++) {
            index.put(key(number), location(number, 1));
        }
        assertThat(index.fileBytes())
                .isEqualTo(bytes)
                .isEqualTo(Files.size(files.resolve(first)))
                .isLessThan(48L * keys);
        assertThat(index.closeForReopening()).isEqualTo(first);
    }

    @Test
    void grownIndexTakesAtMost48BytesPerKey() throws IOException {
        int keys = 1_000_000;
        LocationIndex index = factory().create(files, 1_000);
        for (int number = 0; number < keys; number++) {
            index.put(key(number), location(number, 1));
        }
        assertThat(index.size()).isEqualTo(keys);
        String name = index.closeForReopening();
        assertThat(names(files)).containsExactly(name);
        assertThat(Files.size(files.resolve(name))).isLessThanOrEqualTo(48L * keys);
    }

    @Test
    void cursorKeepsNoOutgrownFileAndVisitsEveryKeyOnceThroughAllGrowth() throws IOException {
        int keys = 5_000;
        try (LocationIndex index = factory().create(files, 10)) {
            for (int number = 0; number < keys; number++) {
                index.put(key(number), location(number, 1));
            }
            // Each is left alone from another moment on, and none is closed.
            List<LocationIndex.Cursor> cursors = new ArrayList<>();
            List<Map<KeyHash, Location>> seen = new ArrayList<>();
            int steps = 0;
            for (int number = keys; number < 40 * keys; number++) {
                index.put(key(number), location(number, 1));
                if (number % keys == 0) {
                    cursors.add(index.cursor());
                    seen.add(new HashMap<>());
                    for (int i = 0; i < cursors.size(); i++) {
                        step(cursors.get(i), seen.get(i));
                        steps++;
                    }
                }
            }
            assertThat(steps).isGreaterThan(100);
            for (int number = 0; number < keys; number++) {
                index.put(key(number), location(number, 2));
            }
            for (int i = 0; i < cursors.size(); i++) {
                while (step(cursors.get(i), seen.get(i))) {
                    // Up to the end.
                }
                for (int number = 0; number < keys; number++) {
                    assertThat(seen.get(i)).containsKey(key(number));
                }
            }
            assertThat(names(files)).hasSizeLessThanOrEqualTo(2); // One of them is being filled.
            assertThat(index.fileBytes()).isLessThan(2 * 48L * 40 * keys);
        }
    }

    private static boolean step(LocationIndex.Cursor cursor, Map<KeyHash, Location> seen) {
        return cursor.next(
                (key, location) -> assertThat(seen.put(key, location)).isNull());
    }

    @Test
    void cursorSeesPresentLocationsOfAMapThatIsOutgrown() throws IOException {
        int keys = 5_000;
        try (LocationIndex index = factory().create(files, 10)) {
            for (int number = 0; number < keys; number++) {
                index.put(key(number), location(number, 1));
            }
            Map<KeyHash, Location> seen = new HashMap<>();
            LocationIndex.Cursor cursor = index.cursor();
            step(cursor, seen);
            for (int number = keys; number < 20 * keys; number++) {
                index.put(key(number), location(number, 1));
            }
            for (int number = 0; number < keys; number++) {
                index.put(key(number), location(number, 2));
            }
            Map<KeyHash, Location> seenLater = new HashMap<>();
            while (step(cursor, seenLater)) {
                // Up to the end.
            }
            seenLater.keySet().removeIf(key -> IndexSamples.number(key) >= keys);
            assertThat(seen.values()).allMatch(location -> location.offset() == 1);
            assertThat(seenLater.values()).allMatch(location -> location.offset() == 2);
            assertThat(seenLater).doesNotContainKeys(seen.keySet().toArray(new KeyHash[0]));
            assertThat(seen.size() + seenLater.size()).isEqualTo(keys);
        }
    }

    @Test
    void closeWithAForgottenCursorClosesAll() throws IOException {
        LocationIndex index = factory().create(files, 10);
        index.put(key(1), location(1, 1));
        LocationIndex.Cursor cursor = index.cursor();
        index.close();
        assertThatThrownBy(() -> cursor.next((key, location) -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void indexThatCannotGrowRefusesNewKeysAloneAndGrowsWhenItCanAgain() throws IOException {
        AtomicBoolean full = new AtomicBoolean();
        MapMaker maps = (directory, name, geometry, progress) -> {
            if (full.get()) {
                throw new IOException("no space");
            }
            return MapGeneration.create(directory, name, geometry, progress);
        };
        try (LocationIndex index = new ChronicleLocationIndexFactory(maps, 0).create(files, 10)) {
            full.set(true);
            int[] keys = {0};
            assertThatThrownBy(() -> {
                        while (keys[0] < 100_000) {
                            index.put(key(keys[0]), location(keys[0], 1));
                            keys[0]++;
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("full at " + keys[0] + " keys")
                    .hasMessageContaining(files.toString());
            assertThat(index.size()).isEqualTo(keys[0]);
            assertThat(index.get(key(keys[0]))).isNull();
            assertThat(index.put(key(0), location(0, 2))).isEqualTo(location(0, 1));
            assertThat(index.removeIfEqual(key(0), location(0, 2))).isTrue();
            full.set(false);
            for (int number = keys[0]; number < 30_000; number++) {
                index.put(key(number), location(number, 1));
            }
            assertThat(index.size()).isEqualTo(30_000 - 1);
            for (int number = 1; number < 30_000; number++) {
                assertThat(index.get(key(number))).isEqualTo(location(number, 1));
            }
        }
    }

    private static String[] names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toArray(String[]::new);
        }
    }
}
