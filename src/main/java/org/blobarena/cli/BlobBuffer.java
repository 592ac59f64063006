package org.blobarena.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds one blob at a time outside of the heap: a small one in a buffer, a large one in an unnamed temporary file
 * that is mapped.
 *
 * <p>A large file is copied there rather than mapped itself, because the JVM dies when a mapped file is cut by
 * somebody else while a checksum runs over it. The temporary file is written before it is mapped, so that a full
 * disk is an exception rather than the same death.
 *
 * <p>For one thread. What a method returns is valid until the next call.
 */
final class BlobBuffer implements Closeable {

    /** The largest blob that fits one buffer of the JDK, with the margin that virtual machines ask for. */
    static final int BLOB_BYTES_MAX = Integer.MAX_VALUE - 7;

    static final int SMALL_BYTES = 1 << 20;

    private static final Set<OpenOption> READ_NO_LINKS = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    private final ByteBuffer small = ByteBuffer.allocateDirect(SMALL_BYTES);
    private @Nullable FileChannel spool;
    private @Nullable ByteBuffer mapped;
    private long spoolBytes;

    /**
     * Reads a file, whatever its length becomes meanwhile.
     *
     * @throws IOException also if it is a symbolic link, or too large
     */
    ByteBuffer read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, READ_NO_LINKS)) {
            requireFits(file.toString(), channel.size());
            return read(channel, file.toString());
        }
    }

    /**
     * Reads a source to its end.
     *
     * @param name how to call it in an error
     */
    ByteBuffer read(ReadableByteChannel source, String name) throws IOException {
        if (fillSmall(source)) {
            return small.flip();
        }
        long bytes = 0;
        boolean ended = false;
        while (!ended || small.position() > 0) {
            bytes += small.position();
            requireFits(name, bytes);
            spool(bytes - small.position());
            small.clear();
            ended = ended || fillSmall(source);
        }
        return map(bytes);
    }

    /** A buffer with room for exactly so many bytes. */
    ByteBuffer room(String name, long bytes) throws IOException {
        if (bytes <= SMALL_BYTES) {
            return small.clear().limit((int) bytes);
        }
        requireFits(name, bytes);
        while (spoolBytes < bytes) {
            small.clear().position((int) Math.min(SMALL_BYTES, bytes - spoolBytes));
            spool(spoolBytes);
        }
        return map(bytes);
    }

    @Override
    public void close() throws IOException {
        if (spool != null) {
            spool.close();
        }
    }

    /** @throws IOException if nothing so large can be stored */
    static void requireFits(String name, long bytes) throws IOException {
        if (bytes > BLOB_BYTES_MAX) {
            throw new IOException(name + " is too large: a blob has at most " + BLOB_BYTES_MAX + " bytes");
        }
    }

    /** Reads until the small buffer is full or the source has ended, and says whether it has. */
    private boolean fillSmall(ReadableByteChannel source) throws IOException {
        small.clear();
        while (small.hasRemaining()) {
            if (source.read(small) < 0) {
                return true;
            }
        }
        return false;
    }

    /** Writes what the small buffer has before its position. */
    private void spool(long position) throws IOException {
        FileChannel file = spoolFile();
        small.flip();
        long next = position;
        while (small.hasRemaining()) {
            next += file.write(small, next);
        }
        spoolBytes = Math.max(spoolBytes, next);
    }

    private FileChannel spoolFile() throws IOException {
        if (spool == null) {
            Path path = Files.createTempFile("blobarena-", ".spool");
            // Where the system allows it, its name is gone from here on.
            spool = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        }
        return spool;
    }

    /** Doubled each time, since a mapping that is not needed any longer stays until it is collected. */
    private ByteBuffer map(long bytes) throws IOException {
        if (mapped == null || mapped.capacity() < bytes) {
            long capacity = Math.min(Long.highestOneBit(bytes) << 1, Integer.MAX_VALUE);
            mapped = spoolFile().map(FileChannel.MapMode.READ_WRITE, 0, capacity);
        }
        return mapped.duplicate().clear().limit((int) bytes);
    }
}
