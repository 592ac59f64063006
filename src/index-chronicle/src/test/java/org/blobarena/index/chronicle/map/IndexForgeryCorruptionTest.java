package org.blobarena.index.chronicle.map;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import net.openhft.chronicle.hash.impl.HashSplitting;
import net.openhft.chronicle.map.ChronicleMap;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexSamples;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.chronicle.ChronicleLocationIndexFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of an index that somebody has changed who can compute checksums. Shows invariant 10 of store-format.md. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IndexForgeryCorruptionTest {

    @TempDir
    Path directory;

    @Test
    void fileThatNamesAClassIsRefusedBeforeTheClassIsTouched() throws IOException {
        int touched = IndexForgery.TOUCHED.get();
        String text = new String(IndexFuzz.original(), ISO_8859_1);
        for (Class<?> named : new Class<?>[] {
            KeyHashMarshaller.class, LocationMarshaller.class, HashSplitting.ForPowerOf2Segments.class
        }) {
            int spaces = named.getName().length() - IndexForgery.class.getName().length();
            String forged = IndexForgery.class.getName() + " ".repeat(spaces);
            int at = text.indexOf(named.getName());
            assertThat(at).isPositive();
            String whole = text.substring(0, at) + forged + text.substring(at + forged.length());
            assertThat(IndexFuzz.isOpened(IndexFuzz.seal(whole.getBytes(ISO_8859_1))))
                    .isFalse();
        }
        assertThat(IndexForgery.TOUCHED).hasValue(touched);
    }

    @Test
    void unchangedFileIsOpened() throws IOException {
        assertThat(IndexFuzz.check(new byte[0])).isTrue();
    }

    @Test
    void inputsOfTheFuzzerAreRefused() throws IOException {
        try (Stream<Path> inputs = Files.list(Path.of("src/index-chronicle/src/test/resources/fuzz/IndexFuzz"))) {
            for (Path input : inputs.toList()) {
                assertThat(IndexFuzz.check(Files.readAllBytes(input))).isFalse();
            }
        }
    }

    @Test
    void fileChangedUnderRightChecksumsIsRefusedOrWorks() throws IOException {
        int opened = 0;
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            byte[] input = new byte[8 + random.nextInt(40)];
            random.nextBytes(input);
            opened += IndexFuzz.check(input) ? 1 : 0;
        }
        // Locations may say what they like, and so may the bytes that mean nothing.
        assertThat(opened).isBetween(1, 250);
    }

    @Test
    void segmentThatIsMiscountedIsRefused() throws IOException {
        MapLayout layout = MapHeader.of(MapGeneration.builder(IndexGeometry.forExpectedKeys(0)))
                .layout();
        byte[] forged = IndexFuzz.original();
        forged[(int) layout.headerOffset(0) + MapLayout.TAKEN_OFFSET] ^= 1;
        assertThat(IndexFuzz.isOpened(IndexFuzz.seal(forged))).isFalse();
    }

    @Test
    void linkOrDirectoryInThePlaceOfTheFileIsNotOpened() throws IOException {
        ChronicleLocationIndexFactory factory = new ChronicleLocationIndexFactory();
        String name = factory.create(directory, 0).closeForReopening();
        Path elsewhere = directory.resolve("elsewhere");
        Files.move(directory.resolve(name), elsewhere);
        byte[] before = Files.readAllBytes(elsewhere);
        Files.createSymbolicLink(directory.resolve(name), elsewhere);
        assertThatThrownBy(() -> factory.open(directory, name, 0)).isInstanceOf(IOException.class);
        factory.create(directory, 0).close();
        assertThat(elsewhere).hasBinaryContent(before);
        assertThat(directory.resolve(name)).isSymbolicLink();
    }

    @Test
    void closedIndexIsAMapThatChronicleMapReadsAndChanges() throws IOException {
        LocationIndex index = new ChronicleLocationIndexFactory().create(directory, 0);
        Random random = new Random(2);
        int keys = 9_000;
        for (int step = 0; step < 4 * keys; step++) {
            int number = random.nextInt(keys);
            if (step % 3 == 2) {
                index.removeIfEqual(IndexSamples.key(number), IndexSamples.location(number, 1));
            } else {
                index.put(IndexSamples.key(number), IndexSamples.location(number, 1));
            }
        }
        long size = index.size();
        boolean[] present = new boolean[keys];
        for (int number = 0; number < keys; number++) {
            present[number] = index.get(IndexSamples.key(number)) != null;
        }
        Path file = directory.resolve(index.closeForReopening());
        try (ChronicleMap<KeyHash, Location> map =
                MapGeneration.builder(IndexGeometry.forExpectedKeys(0)).createPersistedTo(file.toFile())) {
            assertThat(map.longSize()).isEqualTo(size);
            for (int number = 0; number < keys; number++) {
                Location expected = present[number] ? IndexSamples.location(number, 1) : null;
                assertThat(map.get(IndexSamples.key(number))).isEqualTo(expected);
                assertThat(map.remove(IndexSamples.key(number))).isEqualTo(expected);
            }
            assertThat(map.longSize()).isZero();
        }
    }
}
