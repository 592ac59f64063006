package org.blobarena.index.chronicle.map;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import net.openhft.chronicle.hash.impl.util.CanonicalRandomAccessFiles;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.index.chronicle.runtime.ModuleAccess;
import org.jspecify.annotations.Nullable;

/**
 * The file under a map, made safe before Chronicle Map gets hold of it.
 *
 * <p>A write to a mapped page that has no block on the disk kills the JVM (SIGBUS) when the disk is full. Chronicle
 * Map extends a file by {@link #setLength} and then calls {@code posix_fallocate} through a native library that unpacks
 * itself into the temporary directory, or does nothing where that library is missing. So {@link #allocate} writes zeros
 * to all of the file before there is a map, and a full disk is an {@code IOException} there. This holds for file systems that
 * overwrite in place; those that copy on write promise it for no file.
 *
 * <p>The channel is made uninterruptible: otherwise an interrupted thread would close it for everyone.
 *
 * <p>Chronicle Map takes its files from a table of open files by name, with a count of users. This one is entered
 * there first and stays until {@link #release}.
 */
public final class IndexFile extends RandomAccessFile {

    private static final int CHUNK_BYTES = 1 << 20;

    private final File canonical;
    private final @Nullable Object key;
    private boolean fresh;

    private IndexFile(File canonical) throws IOException {
        super(canonical, "rw");
        this.canonical = canonical;
        this.key = keyAtPath();
    }

    /** Makes a file for its owner only, and enters it where Chronicle Map looks for it. */
    static IndexFile create(Path path) throws IOException {
        Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
        new NioDirectory(directory).create(path.getFileName().toString()).close();
        return acquire(path);
    }

    /**
     * Opens a file and enters it where Chronicle Map looks for it.
     *
     * @throws IOException if it is anything but a file, also a link to one
     */
    static IndexFile open(Path path) throws IOException {
        requireRegular(path);
        return acquire(path);
    }

    /**
     * Refuses to go on when its path leads to another file: its directory was moved, and what stands there by now is
     * somebody else's.
     */
    void requireAtItsPath() throws IOException {
        if (!Objects.equals(key, keyAtPath())) {
            throw new IOException(canonical + " was moved or replaced while it was in use");
        }
    }

    private @Nullable Object keyAtPath() throws IOException {
        return Files.readAttributes(canonical.toPath(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Removes its name, if that is its own still. */
    void deleteName() throws IOException {
        try {
            requireAtItsPath();
        } catch (NoSuchFileException e) {
            return;
        }
        Files.deleteIfExists(canonical.toPath());
    }

    /** Refuses whatever would be opened in the place of a file: links, devices, pipes. */
    public static void requireRegular(Path path) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new IOException(path + " is no regular file");
        }
    }

    private static IndexFile acquire(Path path) throws IOException {
        File canonical = path.toFile().getCanonicalFile();
        IndexFile file = new IndexFile(canonical);
        try {
            makeUninterruptible(file.getChannel());
            enter(canonical, file);
            return file;
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /** Reads as many bytes as there are from an offset on, up to a limit. */
    byte[] read(long offset, int bytesMax) throws IOException {
        byte[] bytes = new byte[(int) Math.max(0, Math.min(bytesMax, super.length() - offset))];
        seek(offset);
        readFully(bytes);
        return bytes;
    }

    /** Gives the file up; it is closed when Chronicle Map has done so too. */
    void release() {
        CanonicalRandomAccessFiles.release(canonical);
    }

    /**
     * Gives an empty file its blocks, more of them than the map needs.
     *
     * @throws NoSpaceException if the disk is full
     * @throws IOException if it cannot be written or the progress says so
     */
    void allocate(long bytes, Progress progress) throws IOException {
        fresh = true;
        // Or an attempt in vain would take for a while the last space of those who write.
        NoSpaceException.requireUsable(
                new NioDirectory(Objects.requireNonNull(canonical.toPath().getParent())), canonical.getName(), bytes);
        byte[] zeros = new byte[(int) Math.min(CHUNK_BYTES, bytes)];
        seek(0);
        for (long at = 0; at < bytes; ) {
            int count = (int) Math.min(zeros.length, bytes - at);
            try {
                write(zeros, 0, count);
            } catch (IOException e) {
                throw NoSpaceException.translate(e, canonical.toPath(), bytes - at);
            }
            at += count;
            progress.allocated(at, bytes);
        }
    }

    /** Gives back the blocks that the map turned out not to need. */
    void trim(long bytes) throws IOException {
        fresh = false;
        super.setLength(bytes);
    }

    /**
     * Returns the length, or 0 for a file that has its blocks but no map yet: Chronicle Map starts a map in an empty
     * file only.
     */
    @Override
    public long length() throws IOException {
        return fresh ? 0 : super.length();
    }

    /** Never needed, because all space is allocated before; Chronicle Map would leave a hole in the file. */
    @Override
    public void setLength(long newLength) throws IOException {
        throw new IOException("Chronicle Map wants " + newLength + " bytes in " + canonical + ", more than the "
                + super.length() + " that were allocated for it");
    }

    /** Keeps an interrupt of one thread from closing the channel for all. */
    public static void makeUninterruptible(FileChannel channel) {
        ModuleAccess.ensureOpen();
        try {
            var method = channel.getClass().getMethod("setUninterruptible");
            method.setAccessible(true);
            method.invoke(channel);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this JVM's " + channel.getClass().getName() + " cannot be made uninterruptible", e);
        }
    }

    private static void enter(File canonical, IndexFile file) throws IOException {
        try {
            Class<?> reference = Class.forName(CanonicalRandomAccessFiles.class.getName() + "$RafReference");
            Constructor<?> constructor = reference.getDeclaredConstructor(RandomAccessFile.class);
            constructor.setAccessible(true);
            Field table = CanonicalRandomAccessFiles.class.getDeclaredField("CANONICAL_RAFS");
            table.setAccessible(true);
            @SuppressWarnings("unchecked") // a private map of Chronicle Map from files to references
            Map<File, Object> files = (Map<File, Object>) table.get(null);
            if (files.putIfAbsent(canonical, constructor.newInstance(file)) != null) {
                throw new IOException(canonical + " is in use by another index of this JVM");
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of Chronicle Map is not one that BlobArena knows", e);
        }
    }

    /** Told how far the allocation is; may stop it by throwing. */
    @FunctionalInterface
    public interface Progress {

        /** Ignores everything. */
        Progress NONE = (bytes, bytesTotal) -> {};

        /**
         * Reports progress.
         *
         * @param bytes of the file that are allocated by now
         * @param bytesTotal of the file when it is done
         */
        void allocated(long bytes, long bytesTotal) throws IOException;
    }
}
