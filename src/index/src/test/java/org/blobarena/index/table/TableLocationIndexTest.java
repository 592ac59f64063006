package org.blobarena.index.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexContract;
import org.blobarena.index.LocationIndexFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableLocationIndexTest extends LocationIndexContract {

    private static final Comparator<KeyHash> AS_UNSIGNED = Comparator.comparing(
                    (KeyHash key) -> key.high() ^ Long.MIN_VALUE)
            .thenComparing(key -> key.low() ^ Long.MIN_VALUE);

    @TempDir
    Path files;

    @Override
    protected LocationIndexFactory factory() {
        return new TableIndexFactory();
    }

    @Test
    void createDeletesFilesOfTablesAndNothingElse() throws IOException {
        Files.createFile(files.resolve("index-0000000000000009.table"));
        String[] foreign = {
            "index-9.table",
            "index-000000000000000A.table",
            "index-0000000000000009.table.bak",
            "xindex-0000000000000009.table",
            "index-0000000000000009.map"
        };
        for (String name : foreign) {
            Files.createFile(files.resolve(name));
        }
        Files.createDirectory(files.resolve("index-0000000000000001.table"));
        String made = factory().create(files, 0).closeForReopening();
        assertThat(names())
                .contains(foreign)
                .contains("index-0000000000000001.table", made)
                .hasSize(foreign.length + 2);
    }

    @Test
    void noKeyMakesTheFileLongerThanWasSaid() throws IOException {
        try (LocationIndex index = factory().create(files, 0)) {
            long growthMax = 0;
            for (int number = 0; number < 400_000; number++) {
                long growth = index.growthBytes();
                long bytes = index.fileBytes();
                index.put(key(number), location(number, 1));
                assertThat(index.fileBytes() - bytes).isLessThanOrEqualTo(growth);
                growthMax = Math.max(growthMax, growth);
            }
            // What it says is no more than a share of what such an index has, however many keys come.
            assertThat(growthMax).isLessThan(index.fileBytes() / 5);
        }
    }

    @Test
    void openDeletesOtherFilesOfTables() throws IOException {
        String name = factory().create(files, 0).closeForReopening();
        Files.createFile(files.resolve("index-00000000000000ff.table"));
        factory().open(files, name, 0).close();
        assertThat(names()).containsExactly(name);
    }

    @Test
    void fileIsForItsOwnerOnly() throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            String name = factory().create(files, 0).closeForReopening();
            assertThat(Files.getPosixFilePermissions(files.resolve(name)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void hintedIndexTakesAllKeysWithoutGrowing() throws IOException {
        int keys = 150_000;
        try (LocationIndex index = factory().create(files, keys)) {
            long bytes = index.fileBytes();
            fill(index, 0, keys);
            assertThat(index.fileBytes())
                    .isEqualTo(bytes)
                    .isEqualTo(Files.size(files.resolve(names().get(0))))
                    .isLessThan(48L * keys);
        }
    }

    @Test
    void hintThatNoDiskHasRoomForIsRefusedAndLeavesNoFile() {
        assertThatThrownBy(() -> factory().create(files, Long.MAX_VALUE)).isInstanceOf(IOException.class);
        assertThat(files).isEmptyDirectory();
    }

    @Test
    void growingIndexTakesAtMost48BytesPerKeyAndFewerOnAverage() throws IOException {
        int keys = 1_000_000;
        int step = 5_000;
        double sum = 0;
        int samples = 0;
        try (LocationIndex index = factory().create(files, 0)) {
            for (int number = 0; number < keys; number += step) {
                fill(index, number, number + step);
                if (number >= keys / 4) {
                    double bytesPerKey = (double) index.fileBytes() / (number + step);
                    assertThat(bytesPerKey).isLessThan(48);
                    sum += bytesPerKey;
                    samples++;
                }
            }
        }
        assertThat(sum / samples).isLessThan(42);
    }

    @Test
    void cursorVisitsEveryKeyOnceInTheOrderOfTheHashesThroughAllGrowth() throws IOException {
        int staying = 5_000;
        try (LocationIndex index = factory().create(files, 0)) {
            fill(index, 0, staying);
            // Each is left alone from another moment on.
            List<LocationIndex.Cursor> cursors = new ArrayList<>();
            List<Set<KeyHash>> seen = new ArrayList<>();
            for (int number = staying; number < 40 * staying; number += staying) {
                fill(index, number, number + staying);
                cursors.add(index.cursor());
                seen.add(new LinkedHashSet<>());
                for (int i = 0; i < cursors.size(); i++) {
                    step(cursors.get(i), seen.get(i));
                }
            }
            for (int i = 0; i < cursors.size(); i++) {
                while (step(cursors.get(i), seen.get(i))) {
                    // Up to the end.
                }
                for (int number = 0; number < staying; number++) {
                    assertThat(seen.get(i).contains(key(number))).isTrue();
                }
                assertThat(new ArrayList<>(seen.get(i))).isSortedAccordingTo(AS_UNSIGNED);
            }
        }
    }

    @Test
    void callsOfAClosedIndexThatCouldChangeItsFileAreRefused() throws IOException {
        LocationIndex index = factory().create(files, 0);
        index.put(key(1), location(1, 1));
        LocationIndex.Cursor cursor = index.cursor();
        index.close();
        assertThatThrownBy(() -> cursor.next((key, location) -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> index.put(key(2), location(2, 1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(index::closeForReopening).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hashesThatBelongToTheEndOfTheirSegmentsAreTaken() throws IOException {
        Random random = new Random(3);
        Map<KeyHash, Location> model = new HashMap<>();
        try (LocationIndex index = factory().create(files, 0)) {
            for (int number = 0; number < 1_500; number++) {
                KeyHash key = new KeyHash(random.nextLong() | Integer.MAX_VALUE, number);
                index.put(key, location(number, 1));
                model.put(key, location(number, 1));
            }
            model.forEach((key, location) -> assertThat(index.get(key)).isEqualTo(location));
            assertThat(index.size()).isEqualTo(model.size());
        }
    }

    @Test
    void hashesThatNoSplitTellsApartAreRefusedAndTheOthersStay() throws IOException {
        try (LocationIndex index = factory().create(files, 0)) {
            int[] number = {0};
            assertThatThrownBy(() -> {
                        while (number[0] < 10_000) {
                            index.put(new KeyHash(Integer.MAX_VALUE, number[0]), location(number[0], 1));
                            number[0]++;
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("begin with the same bits");
            assertThat(number[0]).isPositive();
            for (int i = 0; i < number[0]; i++) {
                assertThat(index.get(new KeyHash(Integer.MAX_VALUE, i))).isEqualTo(location(i, 1));
            }
            index.put(key(1), location(1, 1));
            assertThat(index.size()).isEqualTo(number[0] + 1);
        }
    }

    @Test
    void listThatBecomesShorterLeavesNothingOfTheLongerOne() throws IOException {
        int keys = 100_000;
        LocationIndex index = factory().create(files, 0);
        fill(index, 0, keys);
        String name = index.closeForReopening();
        try (RandomAccessFile file = new RandomAccessFile(files.resolve(name).toFile(), "rw")) {
            long length = file.length();
            index = factory().open(files, name, keys);
            // As if the list had been longer.
            file.setLength(length + 1_000);
            name = index.closeForReopening();
            assertThat(file.length()).isEqualTo(length);
        }
        factory().open(files, name, keys).close();
    }

    private static void fill(LocationIndex index, int from, int to) throws IOException {
        for (int number = from; number < to; number++) {
            index.put(key(number), location(number, 1));
        }
    }

    private static boolean step(LocationIndex.Cursor cursor, Set<KeyHash> seen) {
        return cursor.next((key, location) -> assertThat(seen.add(key)).isTrue());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(files)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
