package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.bytes;

import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileArenaTest {

    @TempDir
    Path directory;

    private ArenaOptions options = ArenaOptions.defaults();

    @BeforeEach
    void stayInTheDirectory() {
        options = ArenaOptions.builder().temporaryDirectory(directory).build();
    }

    @Test
    void filesOfSeveralWritersInAnyOrderAreReadByTheirIndex() throws IOException {
        FileArenaWriter[] writers = new FileArenaWriter[3];
        Location[] locations = new Location[3];
        for (int i = 0; i < 3; i++) {
            writers[i] = FileArenaWriter.temporary(i, options);
            locations[i] = writers[i].push(bytes(i, 100 + i));
        }

        try (FileArenaBuilder builder = new FileArenaBuilder();
                FileArena arena = builder.add(writers[2])
                        .add(writers[0].finish())
                        .add(writers[1])
                        .build()) {
            assertThat(arena.fileCount()).isEqualTo(3);
            assertThat(arena.totalBytes()).isEqualTo(303);
            for (int i = 0; i < 3; i++) {
                assertThat(arena.get(locations[i])).isEqualTo(bytes(i, 100 + i));
            }
        }
    }

    @Test
    void missingIndexIsNamedAndTheFilesStayTheBuilders() throws IOException {
        try (FileArenaBuilder builder = new FileArenaBuilder()) {
            builder.add(FileArenaWriter.temporary(0, options)).add(FileArenaWriter.temporary(2, options));

            assertThatIllegalArgumentException()
                    .isThrownBy(builder::build)
                    .withMessageContainingAll("index 2 is foreign", "2 files", "index 1 is missing");

            try (FileArena arena =
                    builder.add(FileArenaWriter.temporary(1, options)).build()) {
                assertThat(arena.fileCount()).isEqualTo(3);
            }
        }
    }

    @Test
    void duplicateIndexIsNamedAndTheSecondWriterUnchanged() throws IOException {
        try (FileArenaBuilder builder = new FileArenaBuilder();
                FileArenaWriter second = FileArenaWriter.temporary(0, options)) {
            builder.add(FileArenaWriter.temporary(0, options));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.add(second))
                    .withMessageContaining("index 0 is a duplicate");

            assertThat(second.push(new byte[1])).isEqualTo(new Location(0, 0, 1));
            try (ArenaFile file = second.finish()) {
                assertThatIllegalArgumentException().isThrownBy(() -> builder.add(file));
            }
        }
    }

    @Test
    void listWithADuplicateNamesItAndWhatIsMissing() throws IOException {
        try (ArenaFile one = FileArenaWriter.temporary(1, options).finish();
                ArenaFile other = FileArenaWriter.temporary(1, options).finish()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new FileArena(List.of(one, other)))
                    .withMessageContainingAll("index 1 is a duplicate", "index 0 is missing");
        }
    }

    @Test
    void largestIndexIsForeignToASmallArena() throws IOException {
        try (ArenaFile file =
                FileArenaWriter.temporary(Location.UNSIGNED_MAX, options).finish()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new FileArena(List.of(file)))
                    .withMessageContaining("index 4294967295 is foreign");
        }
    }

    @Test
    void arenaOfNoFilesHasNoLocations() throws IOException {
        try (FileArena arena = new FileArenaBuilder().build()) {
            assertThat(arena.fileCount()).isZero();
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> arena.get(new Location(0, 0, 0)));
        }
    }

    @Test
    void locationOfAnotherArenaIsRefusedWhenTheFileIsMissingOrTooShort() throws IOException {
        try (FileArena arena = arenaOf(new byte[10])) {
            for (Location foreign : new Location[] {
                new Location(1, 0, 1),
                new Location(Location.UNSIGNED_MAX, 0, 0),
                new Location(0, 0, 11),
                new Location(0, 10, 1),
                new Location(0, 11, 0),
                new Location(0, Location.UNSIGNED_MAX, Location.UNSIGNED_MAX)
            }) {
                ByteBuffer target = ByteBuffer.allocate(100);
                StringBuilder text = new StringBuilder("before");
                assertOutOfBounds(() -> arena.get(foreign));
                assertOutOfBounds(() -> arena.get(foreign, target));
                assertOutOfBounds(() -> arena.appendTo(foreign, text));
                assertOutOfBounds(() -> arena.getString(foreign));
                assertOutOfBounds(() -> arena.getStringUnchecked(foreign));
                assertThat(target.position()).isZero();
                assertThat(text).hasToString("before");
            }
        }
    }

    @Test
    void readsAreAppendedBehindThePositionOfABufferOfEitherKind() throws IOException {
        byte[] content = bytes(1, 200_000);
        try (FileArena arena = arenaOf(content)) {
            for (ByteBuffer target :
                    new ByteBuffer[] {ByteBuffer.allocate(250_000), ByteBuffer.allocateDirect(250_000)}) {
                target.put((byte) 42).limit(249_000);

                arena.get(new Location(0, 5, 150_000), target);
                arena.get(new Location(0, 0, 0), target);
                arena.get(new Location(0, 199_990, 10), target);

                assertThat(target.position()).isEqualTo(150_011);
                assertThat(target.limit()).isEqualTo(249_000);
                assertThat(target.get(0)).isEqualTo((byte) 42);
                assertThat(target.slice(1, 150_000)).isEqualTo(ByteBuffer.wrap(content, 5, 150_000));
                assertThat(target.slice(150_001, 10)).isEqualTo(ByteBuffer.wrap(content, 199_990, 10));
            }
        }
    }

    @Test
    void bufferOneByteTooSmallIsUnchanged() throws IOException {
        try (FileArena arena = arenaOf(bytes(2, 100))) {
            for (ByteBuffer target : new ByteBuffer[] {ByteBuffer.allocate(99), ByteBuffer.allocateDirect(99)}) {
                assertThatExceptionOfType(BufferOverflowException.class)
                        .isThrownBy(() -> arena.get(new Location(0, 0, 100), target));
                assertThat(target.position()).isZero();
                assertThat(target.get(0)).isZero();
            }
        }
    }

    @Test
    void fileThatBecameShorterIsAnErrorAndTheBufferKeepsItsPositionAndLimit() throws IOException {
        Files.write(directory.resolve("a"), new byte[50]);
        ArenaFile file = existing(100);
        try (FileArena arena = new FileArena(List.of(file))) {
            for (ByteBuffer target : new ByteBuffer[] {ByteBuffer.allocate(120), ByteBuffer.allocateDirect(120)}) {
                target.position(7).limit(110);
                assertThatExceptionOfType(EOFException.class)
                        .isThrownBy(() -> arena.get(new Location(0, 0, 100), target))
                        .withMessageContainingAll("arena file 0", "ends at byte 50", "at least 100");
                assertThat(target.position()).isEqualTo(7);
                assertThat(target.limit()).isEqualTo(110);
            }
            ByteBuffer whole = ByteBuffer.allocate(100);
            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> file.read(whole, 0));
            assertThat(whole.limit()).isEqualTo(100);
            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> arena.get(new Location(0, 0, 100)));
            assertThat(arena.get(new Location(0, 0, 50))).hasSize(50);
        }
    }

    @Test
    void everyReadOfAClosedArenaIsRefusedAlsoOfNoBytes() throws IOException {
        FileArena named = new FileArena(List.of(existing(0)));
        FileArena temporary = arenaOf(new byte[10]);
        for (FileArena arena : List.of(named, temporary)) {
            arena.close();
            arena.close();
        }

        Location nothing = new Location(0, 0, 0);
        for (FileArena arena : List.of(named, temporary)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> arena.get(nothing))
                    .withMessageContaining("closed");
            assertThatIllegalStateException().isThrownBy(() -> arena.get(nothing, ByteBuffer.allocate(1)));
            assertThatIllegalStateException().isThrownBy(() -> arena.getString(nothing));
            assertThatIllegalStateException().isThrownBy(() -> arena.getStringUnchecked(nothing));
        }
        assertThatIllegalStateException().isThrownBy(() -> temporary.get(new Location(0, 1, 5)));
    }

    @Test
    void closedBuilderClosesTheFilesThatWentIntoNoArena() throws IOException {
        ArenaFile file = FileArenaWriter.temporary(0, options).finish();
        FileArenaBuilder builder = new FileArenaBuilder().add(file);

        builder.close();
        builder.close();

        assertThatIllegalStateException().isThrownBy(() -> file.read(ByteBuffer.allocate(0), 0));
    }

    @Test
    void builderIsEmptyAfterBuildAndItsCloseLeavesTheArenaOpen() throws IOException {
        FileArenaBuilder builder = new FileArenaBuilder();
        FileArenaWriter writer = FileArenaWriter.temporary(0, options);
        Location location = writer.push(new byte[] {1});
        try (FileArena arena = builder.add(writer).build()) {
            builder.close();

            assertThat(arena.get(location)).containsExactly(1);
            assertThat(builder.build().fileCount()).isZero();
        }
    }

    @Test
    void failedCloseOfOneDescriptorStillClosesTheOthers() throws IOException {
        Files.write(directory.resolve("a"), bytes(3, 10));
        FailingDirectory failing = new FailingDirectory(new NioDirectory(directory));
        FileArena arena = new FileArena(List.of(
                new ArenaFile(ReadableFile.existing(0, failing, "a", 10, new ChannelCache(10))),
                new ArenaFile(ReadableFile.existing(1, failing, "a", 10, new ChannelCache(10)))));
        arena.get(new Location(0, 0, 10));
        arena.get(new Location(1, 0, 10));
        assertThat(failing.openHandles()).isEqualTo(2);
        failing.setClosesFail(true);

        assertThatExceptionOfType(IOException.class).isThrownBy(arena::close);

        assertThat(failing.openHandles()).isZero();
    }

    private FileArena arenaOf(byte[] content) throws IOException {
        FileArenaWriter writer = FileArenaWriter.temporary(0, options);
        writer.push(content);
        return writer.intoArena();
    }

    private ArenaFile existing(int length) throws IOException {
        return new ArenaFile(ReadableFile.existing(0, new NioDirectory(directory), "a", length, new ChannelCache(1)));
    }

    private static void assertOutOfBounds(ThrowingCallable read) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(read);
    }
}
