package org.blobarena.arena.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelCacheTest {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @TempDir
    Path path;

    private FailingDirectory directory;

    @BeforeEach
    void useTheDirectory() throws IOException {
        directory = new FailingDirectory(new NioDirectory(path));
    }

    @Test
    void randomReadsOfTwoThousandFilesStayWithinTheBoundAndRight() throws Exception {
        int fileCount = 2000;
        int max = 64;
        int threadCount = 4;
        ChannelCache cache = new ChannelCache(max);
        List<FileReader> readers = readers(fileCount, cache);
        long before = openDescriptors();
        ExecutorService threads = Executors.newFixedThreadPool(threadCount);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < threadCount; thread++) {
                Random random = new Random(thread);
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 3000; i++) {
                        // Half of the reads are of a few hot files.
                        int file = random.nextInt(random.nextBoolean() ? 20 : fileCount);
                        assertReads(readers.get(file), file);
                        assertThat(cache.open()).isLessThanOrEqualTo(max + threadCount);
                        if (i % 100 == 0) {
                            assertThat(openDescriptors()).isLessThanOrEqualTo(before + max + threadCount + 10);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(cache.open()).isBetween(1, max + threadCount).isEqualTo(directory.openHandles());

        for (FileReader reader : readers) {
            reader.close();
        }

        assertThat(cache.open()).isZero();
        assertThat(directory.openHandles()).isZero();
    }

    @Test
    void boundOfOneServesManyThreadsAndFiles() throws Exception {
        ChannelCache cache = new ChannelCache(1);
        List<FileReader> readers = readers(5, cache);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread;
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 500; i++) {
                        assertReads(readers.get((first + i) % 5), (first + i) % 5);
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertReads(readers.get(0), 0);
        assertThat(cache.open()).isEqualTo(1);
        for (FileReader reader : readers) {
            reader.close();
        }
        assertThat(cache.open()).isZero();
    }

    @Test
    void fileThatOutlivesItsNameIsReadableWhateverElseIsRead() throws IOException {
        ChannelCache cache = new ChannelCache(2);
        List<FileReader> readers = readers(5, cache);
        assertReads(readers.get(0), 0);
        readers.get(0).outliveName();
        readers.get(0).outliveName();
        assertThat(cache.open()).isEqualTo(1).isEqualTo(directory.openHandles());
        Files.delete(path.resolve("0"));
        for (int i = 1; i < 5; i++) {
            assertReads(readers.get(i), i);
            assertReads(readers.get(0), 0);
        }
        assertThat(cache.open()).isEqualTo(2);
        readers.get(0).close();
        assertThatIllegalStateException().isThrownBy(() -> assertReads(readers.get(0), 0));
        for (FileReader reader : readers) {
            reader.close();
        }
        assertThat(cache.open()).isZero();
        assertThat(directory.openHandles()).isZero();
    }

    @Test
    void fileThatHasLostItsNameCannotOutliveIt() throws IOException {
        ChannelCache cache = new ChannelCache(2);
        FileReader reader = readers(1, cache).get(0);
        Files.delete(path.resolve("0"));
        assertThatThrownBy(reader::outliveName).isInstanceOf(NoSuchFileException.class);
        assertThat(cache.open()).isZero();
        reader.close();
    }

    @Test
    void fileReadLatelyIsSparedAndTheOtherClosed() throws IOException {
        ChannelCache cache = new ChannelCache(3);
        List<FileReader> readers = readers(4, cache);
        assertReads(readers.get(0), 0);
        assertReads(readers.get(1), 1);
        assertReads(readers.get(2), 2);
        assertReads(readers.get(3), 3); // All had been read, so the hand has come around once and closed the first.
        assertReads(readers.get(1), 1);
        Files.delete(path.resolve("0"));
        Files.delete(path.resolve("1"));
        Files.delete(path.resolve("2"));
        Path another = Files.write(path.resolve("another"), new byte[8]);
        FileReader fifth = new FileReader(directory, another.getFileName().toString(), cache);
        fifth.read(ByteBuffer.allocate(8), 0);

        assertReads(readers.get(1), 1); // Still open, or it would be missed now.
        Assertions.assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> assertReads(readers.get(0), 0));
        Assertions.assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> assertReads(readers.get(2), 2));
        assertThat(cache.open()).isEqualTo(3);
    }

    @Test
    void descriptorThatFailsToCloseFailsNoReadOfAnotherFile() throws IOException {
        ChannelCache cache = new ChannelCache(1);
        List<FileReader> readers = readers(3, cache);
        assertReads(readers.get(0), 0);
        directory.setClosesFail(true);

        assertReads(readers.get(1), 1);
        assertReads(readers.get(2), 2);

        assertThat(cache.open()).isEqualTo(1);
        assertThat(directory.openHandles()).isEqualTo(1);
    }

    @Test
    void fileThatCannotBeOpenedTakesNoPlace() throws IOException {
        ChannelCache cache = new ChannelCache(2);
        FileReader missing = new FileReader(directory, "missing", cache);

        Assertions.assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> missing.read(ByteBuffer.allocate(1), 0));

        assertThat(cache.open()).isZero();
        Files.write(path.resolve("missing"), new byte[] {7});
        assertThat(missing.read(ByteBuffer.allocate(10), 0)).isEqualTo(1);
    }

    @Test
    void closedReaderRefusesReadsAndReturnsItsDescriptors() throws IOException {
        ChannelCache cache = new ChannelCache(2);
        FileReader reader = readers(1, cache).get(0);
        assertReads(reader, 0);

        reader.close();
        reader.close();

        assertThat(cache.open()).isZero();
        assertThat(directory.openHandles()).isZero();
        assertThatIllegalStateException()
                .isThrownBy(() -> reader.read(ByteBuffer.allocate(1), 0))
                .withMessageContainingAll(path.resolve("0").toString(), "closed");
    }

    private List<FileReader> readers(int count, ChannelCache cache) throws IOException {
        List<FileReader> readers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = Integer.toString(i);
            Files.write(path.resolve(name), ByteBuffer.allocate(8).putLong(i).array());
            readers.add(new FileReader(directory, name, cache));
        }
        return readers;
    }

    private static void assertReads(FileReader reader, long expected) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(8);
        assertThat(reader.read(target, 0)).isEqualTo(8);
        assertThat(target.getLong(0)).isEqualTo(expected);
    }

    /** Of the process; 0 where there is no such directory. */
    private static long openDescriptors() throws IOException {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            return descriptors.count();
        }
    }
}
