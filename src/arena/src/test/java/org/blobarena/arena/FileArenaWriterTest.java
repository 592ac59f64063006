package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.assertReads;
import static org.blobarena.arena.ArenaContent.bytes;
import static org.blobarena.arena.ArenaContent.direct;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileArenaWriterTest {

    private static final int BUFFER = 512;

    @TempDir
    Path directory;

    private ArenaOptions options = ArenaOptions.defaults();

    @BeforeEach
    void useASmallBuffer() {
        options = ArenaOptions.builder()
                .bufferBytes(BUFFER)
                .temporaryDirectory(directory)
                .build();
    }

    @Test
    void emptyPushGivesALocationOfNoBytesThatReadsEmpty() throws IOException {
        FileArenaWriter writer = FileArenaWriter.temporary(0, options);
        Location first = writer.push(new byte[0]);
        writer.push(new byte[] {1, 2, 3});
        Location atEnd = writer.push(new byte[0]);
        Location noParts = writer.push(new ByteBuffer[0]);

        assertThat(first).isEqualTo(new Location(0, 0, 0));
        assertThat(atEnd).isEqualTo(new Location(0, 3, 0)).isEqualTo(noParts);
        try (FileArena arena = writer.intoArena()) {
            assertThat(arena.get(first)).isEmpty();
            assertThat(arena.get(atEnd)).isEmpty();
            assertThat(arena.getString(atEnd)).isEmpty();
        }
    }

    @Test
    void writerWithoutAPushFinishesIntoAnEmptyFile() throws IOException {
        try (FileArena arena = FileArenaWriter.temporary(0, options).intoArena()) {
            assertThat(arena.fileCount()).isEqualTo(1);
            assertThat(arena.totalBytes()).isZero();
            assertThat(arena.get(new Location(0, 0, 0))).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER, 10 * BUFFER + 7})
    void pushOfAnySizeAroundTheBufferIsReadBackBeforeAndAfterFinish(int size) throws IOException {
        byte[] content = bytes(size, size);
        FileArenaWriter writer = FileArenaWriter.temporary(0, options);
        List<Location> locations = new ArrayList<>();

        for (int i = 0; i < 3; i++) {
            locations.add(writer.push(content));
            locations.add(writer.push(direct(content)));
        }

        for (Location location : locations) {
            assertReads(writer.file(), location, content);
        }
        try (FileArena arena = writer.intoArena()) {
            for (Location location : locations) {
                assertThat(arena.get(location)).isEqualTo(content);
            }
        }
    }

    @Test
    void partsOnAndOffTheHeapBecomeOneRunAndMoveToTheirLimits() throws IOException {
        for (int unit : new int[] {3, 100, 1000}) { // In the buffer, filling it, through to the file.
            byte[] content = bytes(unit, 4 * unit);
            ByteBuffer[] parts = {
                ByteBuffer.wrap(content, 0, unit),
                direct(content).position(unit).limit(2 * unit),
                ByteBuffer.allocate(0),
                ByteBuffer.wrap(content).asReadOnlyBuffer().position(2 * unit).limit(4 * unit)
            };
            try (FileArenaWriter writer = FileArenaWriter.temporary(0, options)) {
                writer.push(new byte[] {42});

                Location location = writer.push(parts);

                assertThat(location).isEqualTo(new Location(0, 1, 4L * unit));
                assertReads(writer.file(), location, content);
                assertThat(parts).noneMatch(ByteBuffer::hasRemaining);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1000})
    void onePartGivenTwiceIsAppendedTwice(int size) throws IOException {
        byte[] content = bytes(5, size);
        try (FileArenaWriter writer = FileArenaWriter.temporary(0, options)) {
            ByteBuffer part = ByteBuffer.wrap(content);

            Location twice = writer.push(part, part);
            Location next = writer.push(new byte[] {42});

            assertThat(twice.length()).isEqualTo(2L * size);
            assertReads(writer.file(), new Location(0, 0, size), content);
            assertReads(writer.file(), new Location(0, size, size), content);
            assertReads(writer.file(), next, new byte[] {42});
        }
    }

    @Test
    void refusedPushLeavesThePositionsOfItsParts() throws IOException {
        ArenaOptions small = ArenaOptions.builder()
                .temporaryDirectory(directory)
                .fileBytesMax(10)
                .build();
        try (FileArenaWriter writer = FileArenaWriter.temporary(0, small)) {
            ByteBuffer[] parts = {ByteBuffer.wrap(new byte[6]).position(1), ByteBuffer.wrap(new byte[6])};

            assertThatExceptionOfType(ArenaFullException.class).isThrownBy(() -> writer.push(parts));

            assertThat(parts[0].position()).isEqualTo(1);
            assertThat(parts[1].position()).isZero();
            assertThat(writer.push(new byte[10])).isEqualTo(new Location(0, 0, 10));
            assertThat(writer.push(new byte[0])).isEqualTo(new Location(0, 10, 0));
        }
    }

    @Test
    void readPastTheEndOfAGrowingFileIsOutOfBounds() throws IOException {
        try (FileArenaWriter writer = FileArenaWriter.temporary(3, options)) {
            writer.push(new byte[10]);
            ByteBuffer target = ByteBuffer.allocate(4);

            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> writer.file().read(target, 7))
                    .withMessageContainingAll("4 bytes", "byte 7", "arena file 3", "10 bytes");

            assertThat(target.position()).isZero();
            writer.push(new byte[1]);
            writer.file().read(target, 7);
            assertThat(target.hasRemaining()).isFalse();
        }
    }

    @Test
    void finishedWriterRefusesEverythingThatWouldChangeTheFile() throws IOException {
        FileArenaWriter writer = FileArenaWriter.create(directory.resolve("a"), 0, options);
        Location location = writer.push(new byte[] {1, 2, 3});
        try (ArenaFile file = writer.finish()) {
            assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[1]));
            assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[0]));
            assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[10 * BUFFER]));
            assertThatIllegalStateException().isThrownBy(() -> writer.push("text"));
            assertThatIllegalStateException().isThrownBy(writer::finish).withMessageContaining("closed");
            assertThatIllegalStateException().isThrownBy(writer::intoArena);
            writer.flush();
            writer.close();

            assertReads(file, location, new byte[] {1, 2, 3});
            assertThat(file.length()).isEqualTo(3);
        }
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void closedWriterRefusesPushesAndReadsOfWhatItDropped() throws IOException {
        FileArenaWriter writer = FileArenaWriter.create(directory.resolve("a"), 0, options);
        writer.push(new byte[] {1, 2, 3});
        writer.flush();
        Location dropped = writer.push(new byte[] {4, 5});

        writer.close();
        writer.close();

        assertThatIllegalStateException().isThrownBy(() -> writer.push(new byte[1]));
        assertThatIllegalStateException().isThrownBy(writer::flush);
        assertThatIllegalStateException().isThrownBy(writer::force);
        assertThatIllegalStateException().isThrownBy(writer::finish);
        assertThatIllegalStateException().isThrownBy(() -> ArenaContent.read(writer.file(), dropped));
        assertThatIllegalStateException().isThrownBy(() -> ArenaContent.read(writer.file(), new Location(0, 0, 3)));
        assertThatIllegalStateException().isThrownBy(() -> ArenaContent.read(writer.file(), new Location(0, 0, 0)));
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void intoArenaOfAnIndexOtherThan0IsRefusedAndTheWriterUnchanged() throws IOException {
        try (FileArenaWriter writer = FileArenaWriter.temporary(5, options)) {
            assertThatIllegalStateException().isThrownBy(writer::intoArena).withMessageContaining("index 5");
            assertThat(writer.push(new byte[2])).isEqualTo(new Location(5, 0, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 32, Long.MIN_VALUE})
    void fileIndexOutOfRangeIsRefusedBeforeAFileIsMade(long index) throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileArenaWriter.temporary(index, options))
                .withMessageContaining(Long.toString(index));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileArenaWriter.create(directory.resolve("a"), index, options));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void largestFileIndexStandsInTheLocations() throws IOException {
        try (FileArenaWriter writer = FileArenaWriter.temporary(Location.UNSIGNED_MAX, options)) {
            assertThat(writer.push(new byte[1]).fileIndex()).isEqualTo(Location.UNSIGNED_MAX);
        }
    }

    @Test
    void createWhereSomethingIsLeavesItAsItIs() throws IOException {
        Path taken = Files.write(directory.resolve("taken"), new byte[] {1});

        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> FileArenaWriter.create(taken, 0, options));

        assertThat(taken).hasBinaryContent(new byte[] {1});
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "a\ude00b", "\ude00\ud83d"})
    void textWithAnUnpairedSurrogateIsRejectedAndNothingAppended(String text) throws IOException {
        try (FileArenaWriter writer = FileArenaWriter.temporary(0, options)) {
            assertThatExceptionOfType(CharacterCodingException.class).isThrownBy(() -> writer.push(text));
            assertThat(writer.length()).isZero();
        }
    }
}
