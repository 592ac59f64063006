package org.blobarena.arena.internal.channel;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.FileHandle;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read through a mapping into memory. Its bytes do not change, and it holds no descriptor.
 *
 * <p>Where the device fails, or the file has been cut short, the system raises a signal, which the JVM reports as an {@link
 * InternalError} in the thread that copies, or has copied: compiled code looks for one at its next safepoint only.
 *
 * <p>Reads are safe from any thread. Whoever closes it makes sure that no read is in flight: the memory is another's then.
 */
public final class MappedFileHandle implements FileHandle {

    /** One buffer has less than 2 GiB. */
    static final int PART_BYTES = 1 << 30;

    private static final boolean CAN_DELETE_MAPPED =
            !System.getProperty("os.name", "").startsWith("Windows");

    private final Path path;
    private final long bytes;
    private final int partBytes;
    private final Mapping mapping;

    private MappedFileHandle(Path path, long bytes, int partBytes, Mapping mapping) {
        this.path = path;
        this.bytes = bytes;
        this.partBytes = partBytes;
        this.mapping = mapping;
    }

    /**
     * Maps a file.
     *
     * @param path of the file, for messages
     * @param opener opens it for reading; the channel is closed before this method returns
     * @param bytes how many of its bytes to map
     * @return a handle that refuses writes; null where files are not mapped, or the system has no room for another mapping
     * @throws EOFException if the file is shorter
     * @throws IOException if it cannot be opened
     */
    public static @Nullable MappedFileHandle open(Path path, ChannelFileHandle.Opener<FileChannel> opener, long bytes)
            throws IOException {
        return CAN_DELETE_MAPPED ? open(path, opener, bytes, PART_BYTES) : null;
    }

    static @Nullable MappedFileHandle open(
            Path path, ChannelFileHandle.Opener<FileChannel> opener, long bytes, int partBytes) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = opener.open()) {
                    if (channel.size() < bytes) {
                        throw new EOFException(
                                path + " has " + channel.size() + " bytes; expected " + bytes + " to map");
                    }
                    return new MappedFileHandle(path, bytes, partBytes, Mapping.of(channel, bytes, partBytes));
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                } catch (IOException e) {
                    if (e.getCause() instanceof OutOfMemoryError) { // Of addresses or of mappings, not of the heap.
                        return null;
                    }
                    throw e;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        long from = position;
        try {
            while (target.hasRemaining() && from < bytes) {
                ByteBuffer part = mapping.part((int) (from / partBytes));
                int offset = (int) (from % partBytes);
                int count = Math.min(target.remaining(), part.capacity() - offset);
                target.put(target.position(), part, offset, count);
                target.position(target.position() + count);
                from += count;
            }
        } catch (InternalError e) {
            throw new IOException(
                    path + " cannot be read at byte " + position + ": the device failed, or the file became shorter",
                    e);
        }
        return target.position() - start;
    }

    @Override
    public void write(ByteBuffer source, long position) {
        throw new NonWritableChannelException();
    }

    @Override
    public void force() {
        throw new NonWritableChannelException();
    }

    @Override
    public long size() {
        return bytes;
    }

    @Override
    public void truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public void close() throws IOException {
        mapping.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
