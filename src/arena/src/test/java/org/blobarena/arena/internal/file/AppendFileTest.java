package org.blobarena.arena.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.blobarena.arena.ArenaContent.assertReads;
import static org.blobarena.arena.ArenaContent.bytes;
import static org.blobarena.arena.ArenaContent.direct;
import static org.blobarena.arena.ArenaContent.push;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendFileTest {

    private static final int BUFFER = 512;
    private static final FileOptions OPTIONS =
            new FileOptions(BUFFER, FileOptions.FILE_BYTES_LIMIT, new ChannelCache(10), false);

    @TempDir
    Path directory;

    @Test
    void readAcrossTheFlushedBoundaryFindsBothSides() throws IOException {
        byte[] content = bytes(6, 400);
        try (AppendFile writer = create("a")) {
            writer.push(ByteBuffer.wrap(content, 0, 250));
            writer.flush();
            writer.push(ByteBuffer.wrap(content, 250, 150));

            assertThat(writer.file().flushedBytes()).isEqualTo(250);
            assertThat(directory.resolve("a")).hasSize(250);
            assertReads(writer.file(), new Location(0, 0, 400), content);
            ByteBuffer window = ByteBuffer.allocate(20).position(5).limit(15);
            writer.file().read(window, 245);
            assertThat(window.position()).isEqualTo(15);
            assertThat(window.slice(5, 10)).isEqualTo(ByteBuffer.wrap(content, 245, 10));
            assertThat(writer.file().flushedBytes()).isEqualTo(250);
        }
    }

    @Test
    void amendOverwritesBufferedAndFlushedBytesAndTheseCountAsForcedNoLonger() throws IOException {
        AppendFile writer = create("a");
        Location first = push(writer, new byte[] {1, 2, 3});
        Location second = push(writer, new byte[] {4, 5, 6});
        writer.amend(ByteBuffer.wrap(new byte[] {7, 8}), second.offset());
        assertReads(writer.file(), second, new byte[] {7, 8, 6});
        writer.force();
        assertThat(writer.forcedBytes()).isEqualTo(6);

        writer.amend(ByteBuffer.wrap(new byte[] {9}), 2);

        assertThat(writer.forcedBytes()).isEqualTo(2);
        assertReads(writer.file(), first, new byte[] {1, 2, 9});
        writer.force();
        assertThat(writer.forcedBytes()).isEqualTo(6);
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 2, 9, 7, 8, 6});
    }

    @Test
    void cutTakesBackBufferedAndFlushedBytesAndThePushesAfterItFollow() throws IOException {
        for (int flushes = 0; flushes < 8; flushes++) {
            Path path = directory.resolve("cut " + flushes);
            AppendFile writer = create(path.getFileName().toString());
            for (int i = 0; i < 3; i++) {
                push(writer, new byte[] {(byte) i, (byte) i});
                if ((flushes & 1 << i) != 0) {
                    writer.force();
                }
            }
            for (int kept : new int[] {6, 4, 3, 1}) {
                writer.cut(kept);
                assertThat(writer.length()).isEqualTo(kept);
                assertThat(writer.file().length()).isEqualTo(kept);
                assertThat(writer.file().flushedBytes()).isLessThanOrEqualTo(kept);
                assertThat(writer.forcedBytes())
                        .isLessThanOrEqualTo(writer.file().flushedBytes());
                assertThat(path.toFile().length()).isEqualTo(writer.file().flushedBytes());
            }
            Location next = push(writer, new byte[] {7, 7, 7});
            assertThat(next.offset()).isEqualTo(1);
            assertReads(writer.file(), next, new byte[] {7, 7, 7});
            writer.finish().close();
            assertThat(path).hasBinaryContent(new byte[] {0, 7, 7, 7});
        }
    }

    @Test
    void appendCutsWhatIsBehindTheKeptBytesAndGoesOnThere() throws IOException {
        Files.write(directory.resolve("a"), new byte[] {1, 2, 3, 4, 5});
        NioDirectory where = new NioDirectory(directory);

        AppendFile writer = AppendFiles.reopen(9, where, "a", 3, OPTIONS);

        assertThat(directory.resolve("a")).hasSize(3);
        assertThat(push(writer, new byte[] {6})).isEqualTo(new Location(9, 3, 1));
        assertReads(writer.file(), new Location(9, 1, 3), new byte[] {2, 3, 6});
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 2, 3, 6});
    }

    @Test
    void appendToAShorterFileIsRefusedWithBothLengths() throws IOException {
        Files.write(directory.resolve("a"), new byte[5]);
        NioDirectory where = new NioDirectory(directory);

        assertThatIOException()
                .isThrownBy(() -> AppendFiles.reopen(0, where, "a", 6, OPTIONS))
                .withMessageContainingAll("a has 5 bytes", "expected at least 6");
        assertThat(directory.resolve("a")).hasSize(5);
    }

    @Test
    void amendChangesWhatIsBufferedAndNothingThatIsFlushed() throws IOException {
        AppendFile writer = create("a");
        push(writer, new byte[] {1, 2, 3});
        writer.flush();
        push(writer, new byte[] {4, 5, 6});
        ByteBuffer replacement =
                ByteBuffer.wrap(new byte[] {0, 50, 60, 0}).position(1).limit(3);

        assertThat(writer.amendUnflushed(replacement, 4)).isTrue();
        assertThat(writer.amendUnflushed(replacement, 1)).isFalse();

        assertThat(replacement.position()).isEqualTo(1);
        assertReads(writer.file(), new Location(0, 0, 6), new byte[] {1, 2, 3, 4, 50, 60});
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> writer.amendUnflushed(replacement, 5));
        writer.finish().close();
        assertThat(directory.resolve("a")).hasBinaryContent(new byte[] {1, 2, 3, 4, 50, 60});
    }

    @Test
    void randomPushesFlushesAndReadsMatchAByteArray() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            byte[] model = bytes(seed, 60_000);
            int length = 0;
            try (AppendFile writer = create("model" + seed)) {
                while (length < 50_000) {
                    int size = random.nextInt(3) == 0 ? random.nextInt(4 * BUFFER) : random.nextInt(80);
                    ByteBuffer part = ByteBuffer.wrap(model, length, size);
                    assertThat(push(
                                    writer,
                                    random.nextBoolean()
                                            ? part
                                            : direct(model).position(length).limit(length + size)))
                            .isEqualTo(new Location(0, length, size));
                    length += size;
                    if (random.nextInt(8) == 0) {
                        writer.flushTo(random.nextInt(length + 1));
                    }
                    int from = random.nextInt(length + 1);
                    int to = from + random.nextInt(length - from + 1);
                    assertReads(writer.file(), new Location(0, from, to - from), Arrays.copyOfRange(model, from, to));
                }
                writer.finish().close();
            }
            assertThat(directory.resolve("model" + seed)).hasBinaryContent(Arrays.copyOf(model, length));
        }
    }

    @Test
    void finishedAndClosedFilesRefuseToBeAmended() throws IOException {
        AppendFile finished = create("finished");
        push(finished, new byte[] {1, 2, 3});
        try (ReadableFile file = finished.finish()) {
            assertThat(finished.amendUnflushed(ByteBuffer.wrap(new byte[1]), 0)).isFalse();
            assertReads(file, new Location(0, 0, 3), new byte[] {1, 2, 3});
        }
        AppendFile closed = create("closed");
        Location dropped = push(closed, new byte[] {4, 5});
        closed.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> closed.amendUnflushed(ByteBuffer.wrap(new byte[1]), dropped.offset()));
    }

    private AppendFile create(String name) throws IOException {
        return AppendFiles.create(0, new NioDirectory(directory), name, OPTIONS);
    }
}
