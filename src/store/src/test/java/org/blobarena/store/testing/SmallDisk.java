package org.blobarena.store.testing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.jspecify.annotations.Nullable;

/** A device that a test can fill: a file system in memory where one can be mounted, or a simulated one. */
public interface SmallDisk extends Closeable {

    /** A store on the device, which has room for some megabytes. */
    BlobStore<String> open() throws IOException;

    /** Takes all space but so many bytes. */
    void fillBut(int bytes) throws IOException;

    /** Gives back what was taken. */
    void empty() throws IOException;

    /** Whether the store holds its space for removals. */
    boolean hasReserve();

    /** A device whose files stand in a directory that exists; writes that do not fit are failed on their way. */
    static SmallDisk simulated(Path directory) throws IOException {
        return new Simulated(directory);
    }

    /** A file system of its own on a directory that exists; null where that needs another user or system. */
    static @Nullable Mounted mounted(Path directory, int bytes) throws IOException, InterruptedException {
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", directory.toString());
        return mounted ? new Mounted(directory) : null;
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false; // There is no such program.
        }
    }

    /** Counts what is written. */
    final class Simulated implements SmallDisk {

        private static final long BYTES = 8 << 20;

        private final FailingDirectory directory;

        private Simulated(Path path) throws IOException {
            directory = new FailingDirectory(NioDirectory.createAt(path));
            directory.setFreeBytes(BYTES);
        }

        @Override
        public BlobStore<String> open() throws IOException {
            return TestStores.onHeap(directory).arenaBytesMax(1 << 20).open(directory.path());
        }

        @Override
        public void fillBut(int bytes) {
            directory.setFreeBytes(bytes);
        }

        @Override
        public void empty() {
            directory.setFreeBytes(BYTES);
        }

        @Override
        public boolean hasReserve() {
            return Files.exists(directory.path().resolve("RESERVE"));
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return "simulated";
        }
    }

    /** A file fills it. */
    final class Mounted implements SmallDisk {

        private final Path directory;
        private final Path filler;

        private Mounted(Path directory) {
            this.directory = directory;
            this.filler = directory.resolve("filler");
        }

        public Path store() {
            return directory.resolve("store");
        }

        @Override
        public BlobStore<String> open() throws IOException {
            return BlobStore.builder(KeyCodec.utf8())
                    .arenaBytesMax(1 << 20)
                    .bufferBytes(4096)
                    .open(store());
        }

        @Override
        public void fillBut(int bytes) throws IOException {
            ByteBuffer page = ByteBuffer.allocateDirect(4096);
            try (FileChannel channel = FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (Files.getFileStore(directory).getUsableSpace() > bytes) {
                    channel.write(page.clear());
                }
            }
        }

        @Override
        public void empty() throws IOException {
            Files.deleteIfExists(filler);
        }

        @Override
        public boolean hasReserve() {
            return Files.exists(store().resolve("RESERVE"));
        }

        @Override
        public void close() throws IOException {
            try {
                if (!run("umount", "--lazy", directory.toString())) {
                    throw new IOException(directory + " is still mounted");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public String toString() {
            return "mounted";
        }
    }
}
