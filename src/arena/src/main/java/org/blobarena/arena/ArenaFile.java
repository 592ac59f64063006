package org.blobarena.arena;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.io.DescriptorBudget;
import org.blobarena.arena.io.Directory;
import org.blobarena.arena.io.FileReader;
import org.jspecify.annotations.Nullable;

/**
 * One arena file as its readers see it: an index, a length, and bytes that never change once they are there.
 *
 * <p>While its writer is open the file grows; what stands in the writer's buffer only is read from there.
 * After {@link FileArenaWriter#finish} the length is final.
 *
 * <p>Safe from any thread; reads take no lock, except for bytes still in a writer's buffer.
 */
@SuppressWarnings("exports")
public final class ArenaFile implements Closeable {

    private final long index;
    private final FileReader reader;
    private final @Nullable FileArenaWriter writer;
    private volatile long flushedBytes;

    ArenaFile(long index, FileReader reader, FileArenaWriter writer, long flushedBytes) {
        this.index = index;
        this.reader = reader;
        this.writer = writer;
        this.flushedBytes = flushedBytes;
    }

    private ArenaFile(long index, FileReader reader, long flushedBytes) {
        this.index = index;
        this.reader = reader;
        this.writer = null;
        this.flushedBytes = flushedBytes;
    }

    /**
     * A file that is there already and will not change.
     *
     * @param location its index, offset 0, and its length
     * @param directory where it is
     * @param name the file
     * @param budget what its open descriptors count against
     * @return the file; nothing is opened before it is read
     * @throws IllegalArgumentException if the offset of the location is not 0
     */
    public static ArenaFile existing(Location location, Directory directory, String name, DescriptorBudget budget) {
        requireWhole(location);
        return new ArenaFile(location.fileIndex(), new FileReader(directory, name, budget), location.length());
    }

    /**
     * The index that stands in every location of this file.
     *
     * @return 0 to 2^32 - 1
     */
    public long index() {
        return index;
    }

    /**
     * Where the file is, for messages.
     *
     * @return its path; that of a temporary file leads nowhere
     */
    public String path() {
        return reader.toString();
    }

    /**
     * The number of bytes that can be read.
     *
     * @return 0 to 2^32
     */
    public long length() {
        return writer == null ? flushedBytes : Math.max(flushedBytes, writer.length());
    }

    /**
     * Fills a buffer.
     *
     * @param target filled from its position to its limit, where its position is then; after an exception it may
     *     have moved only part of the way; a direct one spares the JDK a copy
     * @param offset offset of the first byte in the file
     * @throws IndexOutOfBoundsException if the bytes do not all lie inside the file; nothing is read
     * @throws IllegalStateException if the file is closed
     * @throws EOFException if the file on disk has become shorter than it was
     * @throws IOException if the file cannot be read
     */
    public void read(ByteBuffer target, long offset) throws IOException {
        requireInside(offset, target.remaining());
        long position = offset;
        while (target.hasRemaining()) {
            long onFile = flushedBytes - position;
            int count;
            if (onFile > 0) {
                int limit = target.limit();
                target.limit((int) Math.min(limit, target.position() + onFile));
                boolean complete;
                try {
                    count = reader.read(target, position);
                    complete = !target.hasRemaining();
                } finally {
                    target.limit(limit);
                }
                if (!complete) {
                    throw new EOFException(
                            this + " ends at byte " + (position + count) + ", expected at least " + flushedBytes);
                }
            } else {
                count = writer == null ? 0 : writer.readUnflushed(target, position);
            }
            position += count;
        }
    }

    /** Refuses reads from now on; those in flight finish first. A temporary file is gone then. */
    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** The path and the index, for messages. */
    @Override
    public String toString() {
        return "arena file " + index + " (" + reader + ")";
    }

    /** Also refuses a closed file, for the sake of reads of no bytes, which get no further than here. */
    void requireInside(long offset, long length) {
        reader.requireOpen();
        long end = length();
        if (offset < 0 || offset > end - length) {
            throw new IndexOutOfBoundsException(
                    length + " bytes from byte " + offset + " do not lie in " + this + " of " + end + " bytes");
        }
    }

    static void requireWhole(Location location) {
        if (location.offset() != 0) {
            throw new IllegalArgumentException(location + " is not of a whole file, which has offset 0");
        }
    }

    long flushedBytes() {
        return flushedBytes;
    }

    /** Only the writer calls this, after the bytes have reached the file. */
    void flushedTo(long bytes) {
        flushedBytes = bytes;
    }
}
