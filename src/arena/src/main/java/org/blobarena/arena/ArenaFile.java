package org.blobarena.arena;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.internal.file.ReadableFile;

/**
 * One arena file as its readers see it: an index, a length, and bytes that never change once they are there.
 *
 * <p>While its writer is open the file grows; what stands in the writer's buffer only is read from there.
 * After {@link FileArenaWriter#finish} the length is final.
 *
 * <p>Safe from any thread; reads take no lock, except for bytes still in a writer's buffer.
 */
public final class ArenaFile implements Closeable {

    private final ReadableFile file;

    ArenaFile(ReadableFile file) {
        this.file = file;
    }

    /** Returns what an arena reads, without this object between. */
    ReadableFile readable() {
        return file;
    }

    /**
     * Returns the index of this file, which is in each of its locations.
     *
     * @return 0 to 2^32 - 1
     */
    public long index() {
        return file.index();
    }

    /**
     * Returns the path of the file, for messages.
     *
     * @return the path; that of a temporary file leads nowhere
     */
    public String path() {
        return file.path();
    }

    /**
     * Returns the number of bytes that can be read.
     *
     * @return 0 to 2^32
     */
    public long length() {
        return file.length();
    }

    /**
     * Reads bytes into a buffer until it is full.
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
        file.read(target, offset);
    }

    /** Closes the file. Reads in flight finish first; later ones are refused. A temporary file is deleted. */
    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Returns the path and the index, for messages. */
    @Override
    public String toString() {
        return file.toString();
    }
}
