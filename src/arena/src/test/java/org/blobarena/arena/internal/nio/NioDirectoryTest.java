package org.blobarena.arena.internal.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.arena.internal.io.FileHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NioDirectoryTest {

    @TempDir
    Path path;

    @Test
    void mappedBytesAreTheFilesAndInterruptsDoNotMatter() throws IOException {
        NioDirectory directory = new NioDirectory(path);
        try (FileHandle file = directory.create("file")) {
            file.write(ByteBuffer.allocate(10_000), 0);
            Thread.currentThread().interrupt();
            MappedByteBuffer mapped = file.map(4_096, 5_000);
            MappedByteBuffer again = file.map(0, 10_000);
            assertThat(Thread.interrupted()).isTrue();
            mapped.put(1, (byte) 7);
            assertThat(again.get(4_097)).isEqualTo((byte) 7);
            ByteBuffer read = ByteBuffer.allocate(1);
            file.read(read, 4_097);
            assertThat(read.get(0)).isEqualTo((byte) 7);
        }
    }

    /** What is not written yet may have no space: a write to it in memory would end the JVM. */
    @Test
    void nothingIsMappedBehindTheEnd() throws IOException {
        NioDirectory directory = new NioDirectory(path);
        try (FileHandle file = directory.create("file")) {
            file.write(ByteBuffer.allocate(100), 0);
            assertThatIOException().isThrownBy(() -> file.map(0, 101));
            assertThat(file.size()).isEqualTo(100);
        }
    }

    @Test
    void handleReadsUntilTheBufferIsFullOrTheFileEnds() throws IOException {
        try (FileHandle file = new NioDirectory(path).create("a")) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}), 0);
            ByteBuffer target = ByteBuffer.allocate(3);

            assertThat(file.read(target, 1)).isEqualTo(3);
            assertThat(target.array()).containsExactly(2, 3, 4);
            assertThat(file.read(target.clear(), 4)).isEqualTo(1);
            assertThat(target.position()).isEqualTo(1);
            assertThat(file.read(target.clear(), 5)).isZero();
            assertThat(file.read(target.clear(), 1L << 40)).isZero();
            assertThat(file.read(ByteBuffer.allocate(0), 0)).isZero();
            assertThat(file.size()).isEqualTo(5);
        }
    }

    @Test
    void truncateShortensAndNeverLengthens() throws IOException {
        try (FileHandle file = new NioDirectory(path).create("a")) {
            file.write(ByteBuffer.wrap(new byte[5]), 0);

            file.truncate(10);
            assertThat(file.size()).isEqualTo(5);
            file.truncate(2);
            assertThat(file.size()).isEqualTo(2);
            file.truncate(0);
            assertThat(path.resolve("a")).hasSize(0);
        }
    }

    @Test
    void closedHandleFailsInEverythingAndClosesAgain() throws IOException {
        FileHandle file = new NioDirectory(path).create("a");
        FileHandle anonymous = new NioDirectory(path).createAnonymous();
        FileHandle reading = new NioDirectory(path).openRead("a");
        for (FileHandle handle : new FileHandle[] {file, anonymous, reading}) {
            handle.close();
            handle.close();

            assertThatIOException().isThrownBy(() -> handle.read(ByteBuffer.allocate(1), 0));
            assertThatIOException().isThrownBy(() -> handle.write(ByteBuffer.allocate(1), 0));
            assertThatIOException().isThrownBy(handle::force);
            assertThatIOException().isThrownBy(handle::size);
            assertThatIOException().isThrownBy(() -> handle.truncate(0));
        }
    }

    @Test
    void handleForReadingRefusesWrites() throws IOException {
        Files.write(path.resolve("a"), new byte[3]);
        try (FileHandle file = new NioDirectory(path).openRead("a")) {
            assertThatExceptionOfType(NonWritableChannelException.class)
                    .isThrownBy(() -> file.write(ByteBuffer.allocate(1), 0));
            assertThatExceptionOfType(NonWritableChannelException.class).isThrownBy(() -> file.truncate(0));
            assertThat(file.size()).isEqualTo(3);
            file.force();
        }
    }

    @Test
    void createOfAnExistingFileAndOpenOfAMissingOneAreNamed() throws IOException {
        Files.write(path.resolve("there"), new byte[3]);
        NioDirectory directory = new NioDirectory(path);

        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> directory.create("there"))
                .withMessageContaining("there");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> directory.openRead("missing"))
                .withMessageContaining("missing");
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> directory.openWrite("missing"));
        assertThat(path.resolve("there")).hasSize(3);
        assertThat(path.resolve("missing")).doesNotExist();
    }

    @Test
    void whatIsCreatedIsItsOwnersAlone() throws IOException {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        NioDirectory directory = NioDirectory.createAt(path.resolve("new").resolve("nested"));
        directory.create("a").close();

        assertThat(permissions("new")).isEqualTo("rwx------");
        assertThat(permissions("new/nested")).isEqualTo("rwx------");
        assertThat(permissions("new/nested/a")).isEqualTo("rw-------");
    }

    @Test
    void directoryMadeBySeveralAtOnceIsThereForAll() throws Exception {
        int count = 4;
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            for (int round = 0; round < 50; round++) {
                Path wanted = path.resolve("round" + round).resolve("nested");
                CyclicBarrier start = new CyclicBarrier(count);
                Future<?>[] running = new Future<?>[count];
                for (int i = 0; i < count; i++) {
                    running[i] = threads.submit(() -> {
                        start.await();
                        return NioDirectory.createAt(wanted);
                    });
                }
                for (Future<?> one : running) {
                    one.get();
                }
                assertThat(wanted).isDirectory();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void fileInThePlaceOfADirectoryIsRefusedAndKept() throws IOException {
        Path file = Files.write(path.resolve("file"), new byte[3]);

        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> NioDirectory.createAt(file));
        assertThatIOException().isThrownBy(() -> NioDirectory.createAt(file.resolve("nested")));

        assertThat(file).hasSize(3);
    }

    @Test
    void listNamesRegularFilesOnly() throws IOException {
        NioDirectory directory = new NioDirectory(path);
        directory.create("a").close();
        directory.create("b").close();
        Files.createDirectory(path.resolve("directory"));

        assertThat(directory.list()).containsExactlyInAnyOrder("a", "b");
        directory.force();
    }

    @Test
    void renameReplacesAndDeleteOfNothingDoesNothing() throws IOException {
        NioDirectory directory = new NioDirectory(path);
        Files.write(path.resolve("from"), new byte[] {1});
        Files.write(path.resolve("to"), new byte[] {2, 2});

        directory.rename("from", "to");
        directory.delete("from");

        assertThat(directory.list()).containsExactly("to");
        assertThat(path.resolve("to")).hasBinaryContent(new byte[] {1});
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> directory.rename("from", "to"));
    }

    @Test
    void handleOfADeletedFileStaysUsable() throws IOException {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        NioDirectory directory = new NioDirectory(path);
        try (FileHandle file = directory.create("a")) {
            directory.delete("a");

            file.write(ByteBuffer.wrap(new byte[] {1, 2}), 0);
            file.force();

            assertThat(file.read(ByteBuffer.allocate(5), 0)).isEqualTo(2);
            assertThat(directory.list()).isEmpty();
        }
    }

    @Test
    void whatIsNoFileIsListedApartAndNeverOpened() throws Exception {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        NioDirectory directory = new NioDirectory(path);
        directory.create("file").close();
        Files.createSymbolicLink(path.resolve("link"), path.resolve("file"));
        Files.createDirectory(path.resolve("directory"));
        int made = new ProcessBuilder("mkfifo", path.resolve("pipe").toString())
                .start()
                .waitFor();

        assertThat(directory.list()).containsExactly("file");
        assertThat(directory.listOthers()).contains("link", "directory").hasSize(made == 0 ? 3 : 2);
        for (String name : directory.listOthers()) {
            assertThatIOException().isThrownBy(() -> directory.openRead(name)).withMessageContaining(name);
            assertThatIOException().isThrownBy(() -> directory.openWrite(name)).withMessageContaining(name);
        }
        assertThatIOException().isThrownBy(() -> directory.delete("directory"));
        assertThat(path.resolve("directory")).isDirectory();
    }

    @Test
    void directoryThatWasReplacedIsNotTakenForTheSame() throws IOException {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        Path before = Files.createDirectory(path.resolve("before"));
        NioDirectory directory = new NioDirectory(before);
        directory.create("a").close();
        Files.move(before, path.resolve("after"));
        Files.createDirectory(before);
        Files.createFile(before.resolve("a"));

        assertThatExceptionOfType(DirectoryLostException.class).isThrownBy(() -> directory.delete("a"));
        assertThatExceptionOfType(DirectoryLostException.class).isThrownBy(() -> directory.rename("a", "b"));
        assertThatExceptionOfType(DirectoryLostException.class).isThrownBy(() -> directory.create("b"));
        assertThatExceptionOfType(DirectoryLostException.class).isThrownBy(() -> directory.openRead("a"));
        assertThatExceptionOfType(DirectoryLostException.class).isThrownBy(directory::force);
        assertThat(before.resolve("a")).exists();
    }

    @Test
    void forceOfADirectoryThatTheFileSystemCannotForceDoesNothing() throws IOException {
        Path unforceable = Path.of("/proc/self/fdinfo"); // The system answers EINVAL there.
        assumeThat(unforceable).isDirectory();

        new NioDirectory(unforceable).force();
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path.resolve(name)));
    }
}
