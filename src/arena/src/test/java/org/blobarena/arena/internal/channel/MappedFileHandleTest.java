package org.blobarena.arena.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.stream.Stream;
import org.blobarena.arena.internal.io.FileHandle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFileHandleTest {

    private static final Path MAPPINGS = Path.of("/proc/self/maps");
    private static final int BYTES = 100_001;
    private static final int PART_BYTES = 8192;
    private static final int READS = 20_000;

    @TempDir
    Path directory;

    private Path path;
    private final byte[] content = new byte[BYTES];

    @BeforeEach
    void makeAFile() throws IOException {
        assumeThat(System.getProperty("os.name"))
                .as("systems that let go what is mapped")
                .doesNotStartWith("Windows");
        path = directory.toRealPath().resolve("file");
        new Random(1).nextBytes(content);
        Files.write(path, content);
    }

    private FileHandle open() throws IOException {
        return MappedFileHandle.open(path, () -> FileChannel.open(path), BYTES, PART_BYTES);
    }

    private boolean isMapped() throws IOException {
        assumeThat(MAPPINGS).as("a list of mappings").exists();
        try (Stream<String> lines = Files.lines(MAPPINGS)) {
            return lines.anyMatch(line -> line.contains(path.toString()));
        }
    }

    @Test
    void readsGiveTheBytesOfTheFileOverTheEndsOfItsParts() throws IOException {
        Random random = new Random(2);
        try (FileHandle file = open()) {
            assertThat(file.size()).isEqualTo(BYTES);
            for (int i = 0; i < 2000; i++) {
                int from = random.nextInt(BYTES);
                int length = Math.min(BYTES - from, random.nextInt(3 * PART_BYTES));
                ByteBuffer target =
                        i % 2 == 0 ? ByteBuffer.allocate(length + 7) : ByteBuffer.allocateDirect(length + 7);
                target.position(3).limit(3 + length);

                assertThat(file.read(target, from)).isEqualTo(length);

                assertThat(target.position()).isEqualTo(3 + length);
                assertThat(target.flip().position(3)).isEqualTo(ByteBuffer.wrap(content, from, length));
            }
        }
    }

    @Test
    void readStopsAtTheEnd() throws IOException {
        try (FileHandle file = open()) {
            ByteBuffer target = ByteBuffer.allocate(10);
            assertThat(file.read(target, BYTES - 4)).isEqualTo(4);
            assertThat(file.read(target, BYTES)).isZero();
            assertThat(file.read(target, 1L << 40)).isZero();
            assertThat(target.position()).isEqualTo(4);
        }
    }

    @Test
    void closeGivesTheMemoryBackAtOnceAndMayBeCalledAgain() throws IOException {
        FileHandle file = open();
        assertThat(isMapped()).isTrue();
        file.close();
        file.close();
        assertThat(isMapped()).isFalse();
    }

    @Test
    void fileThatIsShorterThanWasSaidIsRefusedAndNotMapped() throws IOException {
        assertThatExceptionOfType(EOFException.class)
                .isThrownBy(() -> MappedFileHandle.open(path, () -> FileChannel.open(path), BYTES + 1L))
                .withMessage(path + " has 100001 bytes; expected 100002 to map");
        assertThat(isMapped()).isFalse();
    }

    /** The system raises a signal for what is not there any more. It does not end the JVM, which may be late to tell of it. */
    @Test
    void fileThatIsCutShortWhileItIsMappedIsAnExceptionToItsReaders() throws IOException {
        ByteBuffer heap = ByteBuffer.allocate(5000);
        ByteBuffer direct = ByteBuffer.allocateDirect(5000);
        int refused = 0;
        int late = 0;
        try (FileHandle file = open()) {
            try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
                other.truncate(PART_BYTES);
            }
            for (int i = 0; i < READS; i++) { // Also as compiled.
                try {
                    int unused = file.read(i % 2 == 0 ? heap.clear() : direct.clear(), 5L * PART_BYTES);
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining(path + " cannot be read at byte " + 5 * PART_BYTES);
                    refused++;
                } catch (InternalError e) {
                    late++;
                }
            }
        } catch (InternalError e) {
            late++;
        }
        assertThat(refused + late).isPositive();
    }

    @Test
    void interruptNeitherFailsItNorGetsLost() throws IOException {
        Thread.currentThread().interrupt();
        try (FileHandle file = open()) {
            assertThat(file.read(ByteBuffer.allocate(10), 0)).isEqualTo(10);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void nothingIsWrittenThroughIt() throws IOException {
        try (FileHandle file = open()) {
            assertThatExceptionOfType(NonWritableChannelException.class)
                    .isThrownBy(() -> file.write(ByteBuffer.allocate(1), 0));
            assertThatExceptionOfType(NonWritableChannelException.class).isThrownBy(() -> file.truncate(0));
            assertThatExceptionOfType(NonWritableChannelException.class).isThrownBy(file::force);
        }
        assertThat(path).hasBinaryContent(content);
    }
}
