package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.blobarena.arena.ArenaContent.bytes;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.blobarena.arena.internal.file.AppendFiles;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where 31 and 32 bits end. The files are sparse. */
class FileArenaLimitTest {

    private static final long FOUR_GIB = 1L << 32;
    private static final String NAME = "sparse";

    @TempDir
    Path directory;

    @Test
    void pushUpToExactly4GiBIsReadBack() throws IOException {
        byte[] last = bytes(1, 10);
        FileArenaWriter writer = writerAt(FOUR_GIB - last.length);

        Location location = writer.push(last);

        assertThat(location).isEqualTo(new Location(0, FOUR_GIB - last.length, last.length));
        assertThat(writer.length()).isEqualTo(FOUR_GIB);
        try (FileArena arena = writer.intoArena()) {
            assertThat(arena.totalBytes()).isEqualTo(FOUR_GIB);
            assertThat(arena.get(location)).isEqualTo(last);
            assertThat(arena.get(new Location(0, FOUR_GIB - 1, 1))).containsExactly(last[9]);
        }
    }

    @Test
    void oneByteBeyond4GiBIsRefusedAndTheWriterStaysUsable() throws IOException {
        try (FileArenaWriter writer = writerAt(FOUR_GIB - 3)) {
            assertThatExceptionOfType(ArenaFullException.class)
                    .isThrownBy(() -> writer.push(new byte[4]))
                    .withMessageContainingAll("4 bytes", Long.toString(FOUR_GIB - 3), Long.toString(FOUR_GIB), NAME);
            assertThat(writer.hasRoomFor(4)).isFalse();
            assertThat(writer.hasRoomFor(3)).isTrue();

            Location location = writer.push(new byte[] {7, 8, 9});

            assertThat(ArenaContent.read(writer.file(), location)).containsExactly(7, 8, 9);
            assertThatExceptionOfType(ArenaFullException.class).isThrownBy(() -> writer.push(new byte[1]));
        }
    }

    @Test
    void emptyPushAt4GiBIsRefusedBecauseNoLocationExpressesIt() throws IOException {
        try (FileArenaWriter writer = writerAt(FOUR_GIB - 1)) {
            Location beforeTheLast = writer.push(new byte[0]);
            writer.push(new byte[1]);

            assertThat(beforeTheLast).isEqualTo(new Location(0, FOUR_GIB - 1, 0));
            assertThat(writer.hasRoomFor(0)).isFalse();
            assertThatExceptionOfType(ArenaFullException.class).isThrownBy(() -> writer.push(new byte[0]));
            assertThat(writer.length()).isEqualTo(FOUR_GIB);
        }
    }

    @Test
    void pushThroughTheFileAcross4GiBIsRefusedBeforeAnythingIsWritten() throws IOException {
        int bytes = 200_000; // More than the buffer.
        try (FileArenaWriter writer = writerAt(FOUR_GIB - bytes)) {
            ByteBuffer tooLarge = ByteBuffer.allocate(bytes + 1);

            assertThatExceptionOfType(ArenaFullException.class).isThrownBy(() -> writer.push(tooLarge));

            assertThat(tooLarge.position()).isZero();
            assertThat(directory.resolve(NAME)).hasSize(FOUR_GIB - bytes);
            byte[] content = bytes(2, bytes);
            Location location = writer.push(content);
            ArenaContent.assertReads(writer.file(), location, content);
        }
    }

    @Test
    void pushOf4GiBAtOnceIsRefusedWithoutANewFile() throws IOException {
        Path zeros = directory.resolve("zeros");
        int part = 1 << 30;
        try (FileChannel channel = FileChannel.open(
                zeros, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer gibibyte = channel.map(FileChannel.MapMode.READ_WRITE, 0, part);
            ByteBuffer[] parts = {gibibyte, gibibyte.duplicate(), gibibyte.duplicate(), gibibyte.duplicate()};
            ArenaOptions options =
                    ArenaOptions.builder().temporaryDirectory(directory).build();
            try (FileArenaWriter writer = FileArenaWriter.temporary(0, options);
                    RollingArenaWriter rolling = new RollingArenaWriter(options)) {
                assertThatExceptionOfType(ArenaFullException.class).isThrownBy(() -> writer.push(parts));
                assertThatExceptionOfType(ArenaFullException.class).isThrownBy(() -> rolling.push(parts));

                assertThat(writer.length()).isZero();
                assertThat(rolling.fileCount()).isEqualTo(1);
            }
        }
    }

    @Test
    void bytesAcrossAndBehind2GiBAreReadBackRight() throws IOException {
        byte[] across = bytes(3, 1000);
        byte[] large = bytes(4, 150_000);
        String text = "behind two gibibytes: \u00e4\u20ac\ud83d\ude00";
        FileArenaWriter writer = writerAt((1L << 31) - 500);
        Location acrossLocation = writer.push(across);
        ArenaContent.assertReads(writer.file(), acrossLocation, across);
        Location largeLocation = writer.push(large);
        Location textLocation = writer.push(text);

        assertThat(textLocation.offset()).isGreaterThan(Integer.MAX_VALUE);
        try (FileArena arena = writer.intoArena()) {
            assertThat(arena.get(acrossLocation)).isEqualTo(across);
            assertThat(arena.get(largeLocation)).isEqualTo(large);
            ByteBuffer direct = ByteBuffer.allocateDirect(across.length);
            arena.get(acrossLocation, direct);
            assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(across));
            assertThat(arena.getString(textLocation)).isEqualTo(text);
            assertThat(arena.getStringUnchecked(textLocation)).isEqualTo(text);
            assertThat(textLocation.length()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        }
    }

    @Test
    void locationLongerThanAnArrayIsRefusedByName() throws IOException {
        makeSparse(FOUR_GIB - 1);
        Location whole = new Location(0, 0, FOUR_GIB - 1);
        FileArenaBuilder builder = new FileArenaBuilder()
                .add(new ArenaFile(ReadableFile.existing(
                        0, new NioDirectory(directory), NAME, whole.length(), new ChannelCache(2))));
        try (FileArena arena = builder.build()) {
            for (long length : new long[] {Integer.MAX_VALUE, 1L << 31, FOUR_GIB - 1}) {
                Location location = new Location(0, 0, length);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> arena.get(location))
                        .withMessageContaining(Long.toString(length));
                assertThatIllegalArgumentException().isThrownBy(() -> arena.getString(location));
                assertThatIllegalArgumentException().isThrownBy(() -> arena.getStringUnchecked(location));
                assertThatExceptionOfType(BufferOverflowException.class)
                        .isThrownBy(() -> arena.get(location, ByteBuffer.allocate(100)));
            }
        }
    }

    @Test
    void readNearTheLargestLongIsOutOfBounds() throws IOException {
        try (FileArenaWriter writer = writerAt(100)) {
            for (long offset : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 5, Long.MIN_VALUE, -1, FOUR_GIB, 91}) {
                ByteBuffer target = ByteBuffer.allocate(10);
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> writer.file().read(target, offset))
                        .withMessageContainingAll(Long.toString(offset), NAME);
                assertThat(target.position()).isZero();
            }
        }
    }

    private FileArenaWriter writerAt(long length) throws IOException {
        makeSparse(length);
        return new FileArenaWriter(AppendFiles.reopen(
                0,
                new NioDirectory(directory),
                NAME,
                length,
                ArenaOptions.defaults().ofFile()));
    }

    private void makeSparse(long length) throws IOException {
        try (FileHandle file = new NioDirectory(directory).create(NAME)) {
            file.write(ByteBuffer.wrap(new byte[1]), length - 1);
        }
    }
}
