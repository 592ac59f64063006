package org.blobarena.infinispan;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.blobarena.store.api.StoreLockedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands in the directory of a cache, held by one store at a time:
 *
 * <ul>
 *   <li>{@code lock}, locked as long as the store runs, because {@link #discard} takes the store of blobs and its lock away;
 *   <li>{@code blobs}, the store of blobs, which alone is truth;
 *   <li>{@code keys}, the keys of each segment, see {@link SegmentKeys};
 *   <li>{@code end}, the mark of an orderly end, with which the keys are believed. It goes before anything is written;
 *   <li>{@code discarded-*}, blobs that have been cleared and are being deleted, or were when the process died.
 * </ul>
 */
final class StoreDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreDirectory.class);
    private static final String DISCARDED = "discarded-";

    private final Path root;
    private final RandomAccessFile lock;

    private StoreDirectory(Path root, RandomAccessFile lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Locks the directory, which is made if it is missing.
     *
     * @throws StoreLockedException if another store has it, in this process or another
     */
    static StoreDirectory open(Path root) throws IOException {
        Files.createDirectories(root);
        RandomAccessFile lock = new RandomAccessFile(root.resolve("lock").toFile(), "rw");
        try {
            if (!isLocked(lock)) {
                throw new StoreLockedException(root + " is used by another cache or process: each node and each cache"
                        + " needs a directory of its own");
            }
            StoreDirectory directory = new StoreDirectory(root, lock);
            directory.deleteDiscarded();
            return directory;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static boolean isLocked(RandomAccessFile lock) throws IOException {
        try {
            FileLock held = lock.getChannel().tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path blobs() {
        return root.resolve("blobs");
    }

    Path keys() {
        return root.resolve("keys");
    }

    private Path end() {
        return root.resolve("end");
    }

    /** Leaves the mark of an orderly end. */
    void writeEnd(ByteBuffer content) throws IOException {
        CRC32C checksum = new CRC32C();
        checksum.update(content.duplicate());
        ByteBuffer bytes = ByteBuffer.allocate(content.remaining() + Integer.BYTES)
                .put(content)
                .putInt((int) checksum.getValue());
        Path part = root.resolve("end.part");
        try (RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw")) {
            file.setLength(0);
            file.write(bytes.array());
            file.getFD().sync();
        }
        Files.move(part, end(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Takes the mark of an orderly end away, and returns what it says, or null if there is none that can be believed. */
    @Nullable ByteBuffer takeEnd() throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(end());
            Files.delete(end());
            force(root);
        } catch (NoSuchFileException e) {
            return null;
        }
        if (bytes.length < Integer.BYTES) {
            return null;
        }
        ByteBuffer content = ByteBuffer.wrap(bytes, 0, bytes.length - Integer.BYTES);
        CRC32C checksum = new CRC32C();
        checksum.update(content.duplicate());
        int expected = ByteBuffer.wrap(bytes).getInt(bytes.length - Integer.BYTES);
        return (int) checksum.getValue() == expected ? content.slice() : null;
    }

    /** Forces what names there are in a directory, where the system can. */
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (AccessDeniedException e) {
            LOG.debug("{} cannot be forced", directory, e); // Not on Windows, which has no such thing.
        }
    }

    /** Takes the closed store of blobs away in one step, so that a crash leaves all of it or nothing. */
    void discard() throws IOException {
        Path discarded = root.resolve(DISCARDED + System.nanoTime());
        try {
            Files.move(blobs(), discarded, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(blobs() + " cannot be cleared in one step", e);
        }
    }

    /** Deletes what has been discarded. */
    synchronized void deleteDiscarded() throws IOException {
        List<Path> discarded;
        try (Stream<Path> files = Files.list(root)) {
            discarded = files.filter(file -> file.getFileName().toString().startsWith(DISCARDED))
                    .toList();
        }
        for (Path directory : discarded) {
            deleteTree(directory);
        }
    }

    /** Gives the lock back and deletes everything, with the folder of the cache if nothing else is in it. */
    void delete() throws IOException {
        close();
        deleteTree(root);
        Path parent = root.toAbsolutePath().getParent();
        if (parent != null) {
            try {
                Files.delete(parent);
            } catch (DirectoryNotEmptyException e) {
                LOG.debug("{} holds something else", parent, e);
            }
        }
    }

    static void deleteTree(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder()).forEach(StoreDirectory::deleteOne);
        } catch (UncheckedIOException e) {
            throw new IOException(root + " cannot be deleted", e);
        }
    }

    private static void deleteOne(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
