package org.blobarena.arena.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/**
 * An open file with positional reads and writes. An interrupted thread neither fails in it nor closes it for
 * others; its interrupt flag stays set.
 */
public interface FileHandle extends Closeable {

    /**
     * Reads until the buffer is full or the file ends.
     *
     * @param target filled from its position, which moves; a direct buffer spares the JDK a copy
     * @param position offset of the first byte in the file
     * @return the number of bytes read; less than was asked for only at the end of the file, never negative
     * @throws IOException if the file cannot be read
     */
    int read(ByteBuffer target, long position) throws IOException;

    /**
     * Writes all of a buffer.
     *
     * @param source its remaining bytes are written; its position moves as far as they are
     * @param position offset of the first byte in the file
     * @throws NoSpaceException if the device is full; some may have been written
     * @throws IOException if not all could be written; some may have been
     */
    void write(ByteBuffer source, long position) throws IOException;

    /**
     * Makes all bytes written so far durable.
     *
     * @throws IOException if the device reports an error; what is durable is then unknown
     */
    void force() throws IOException;

    /**
     * Returns the present length.
     *
     * @return bytes
     * @throws IOException if it cannot be found
     */
    long size() throws IOException;

    /**
     * Shortens the file.
     *
     * @param size the new length in bytes, at most the present one
     * @throws IOException if it cannot be shortened
     */
    void truncate(long size) throws IOException;

    /**
     * Maps a part of the file into memory. What is changed there is changed in the file, in any order, and is durable after
     * {@link MappedByteBuffer#force()} and {@link #force}. The part stays mapped as long as the buffer is reachable, also when this handle is closed.
     *
     * @param position offset of the first byte in the file
     * @param bytes how many, all of which must have been written: there may be no space for others
     * @return the bytes
     * @throws UnsupportedOperationException if this is no file of the system
     * @throws IOException if the file is open for reading, has lost its name, or cannot be mapped
     */
    default MappedByteBuffer map(long position, int bytes) throws IOException {
        throw new UnsupportedOperationException(this + " cannot be mapped");
    }

    /** Closes the file; again does nothing. */
    @Override
    void close() throws IOException;
}
