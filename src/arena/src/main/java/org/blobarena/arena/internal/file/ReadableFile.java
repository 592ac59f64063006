package org.blobarena.arena.internal.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.FileReader;
import org.jspecify.annotations.Nullable;

/**
 * One file as its readers see it: an index, a length, and bytes that never change once they are there.
 *
 * <p>While it is appended to it grows; what stands in a buffer only is read from there. After {@link AppendFile#finish}
 * the length is final.
 *
 * <p>Safe from any thread; reads take no lock, except for bytes still in a buffer.
 */
public final class ReadableFile implements Closeable {

    private final long index;
    private final FileReader reader;

    /** What appends to it, or null. */
    private final @Nullable AppendFile appended;

    /** Bytes that can be read; those beyond {@code flushedBytes} stand in a buffer of what appends. */
    private volatile long length;

    private volatile long flushedBytes;

    ReadableFile(long index, FileReader reader, @Nullable AppendFile appended, long flushedBytes) {
        this.index = index;
        this.reader = reader;
        this.appended = appended;
        this.flushedBytes = flushedBytes;
        this.length = flushedBytes;
    }

    /**
     * Returns a file that is there already and will not change.
     *
     * @param index of the file, 0 to 2^32 - 1
     * @param directory where it is
     * @param name the file
     * @param length its length in bytes
     * @param channels what its open descriptors count against
     * @return the file; nothing is opened before it is read
     */
    public static ReadableFile existing(
            long index, Directory directory, String name, long length, ChannelCache channels) {
        return new ReadableFile(index, new FileReader(directory, name, channels), null, length);
    }

    /**
     * Returns a file to which somebody else may append, and whose name may go.
     *
     * @param index of the file, 0 to 2^32 - 1
     * @param directory where it is
     * @param name the file, for messages
     * @param held a handle at it, which is closed with the file
     * @param channels what the handle counts against
     * @return the file, of no bytes before {@link #extendTo}
     */
    public static ReadableFile held(
            long index, Directory directory, String name, FileHandle held, ChannelCache channels) {
        return new ReadableFile(index, new FileReader(directory, name, held, channels), null, 0);
    }

    /**
     * More of a file can be read that somebody else appends to.
     *
     * @param bytes its length, which the file on disk has by now; nothing happens if it is no more than is known
     */
    public void extendTo(long bytes) {
        if (bytes > length) {
            flushedBytes = bytes;
            length = bytes;
        }
    }

    /**
     * Returns what tells this file from others.
     *
     * @return 0 to 2^32 - 1
     */
    public long index() {
        return index;
    }

    /**
     * Returns where the file is, for messages.
     *
     * @return its path; that of a temporary file leads nowhere
     */
    public String path() {
        return reader.toString();
    }

    /**
     * Returns the number of bytes that can be read.
     *
     * @return 0 to 2^32
     */
    public long length() {
        return length;
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
                count = appended == null ? 0 : appended.readUnflushed(target, position);
            }
            position += count;
        }
    }

    /** Reads the file through a mapping from now on, where that can be had. For a file that nobody appends to. */
    public void map() {
        reader.map(length);
    }

    /**
     * Makes the file readable from now on without its name, until it is closed. For a file that nobody appends to.
     *
     * @throws java.nio.file.NoSuchFileException if the name is gone already
     * @throws IOException if that cannot be done; the file can be read by its name as before
     */
    public void outliveName() throws IOException {
        reader.outliveName();
    }

    /** Refuses reads from now on; those in flight finish first. A temporary file is gone then. */
    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** Returns the path and the index, for messages. */
    @Override
    public String toString() {
        return "arena file " + index + " (" + reader + ")";
    }

    /**
     * Refuses bytes that do not all lie inside the file. Also refuses a closed file, for the sake of reads of no bytes,
     * which get no further than here.
     *
     * @param offset offset of the first byte in the file
     * @param length how many there are
     * @throws IndexOutOfBoundsException if they do not
     * @throws IllegalStateException if the file is closed
     */
    public void requireInside(long offset, long length) {
        reader.requireOpen();
        long end = length();
        if (offset < 0 || offset > end - length) {
            throw new IndexOutOfBoundsException(
                    length + " bytes from byte " + offset + " do not lie in " + this + " of " + end + " bytes");
        }
    }

    /** Only what appends to the file calls this: so many bytes stand in the file or in its buffer now. */
    void appendedTo(long bytes) {
        length = bytes;
    }

    long flushedBytes() {
        return flushedBytes;
    }

    /** Only what appends to the file calls this, after the bytes have reached it. */
    void flushedTo(long bytes) {
        flushedBytes = bytes;
    }
}
