package org.blobarena.arena.internal.file;

import org.blobarena.arena.internal.io.ChannelCache;

/**
 * How a file is written and read.
 *
 * @param bufferBytes size of a writer's buffer
 * @param fileBytesMax the length that the file does not exceed, at most {@value #FILE_BYTES_LIMIT}
 * @param channels what its open descriptors count against
 * @param mapped whether it is read through a mapping once it is complete
 */
public record FileOptions(int bufferBytes, long fileBytesMax, ChannelCache channels, boolean mapped) {

    /** The most that a file can hold: every byte has an unsigned 32-bit offset. */
    public static final long FILE_BYTES_LIMIT = 1L << 32;

    /** Size of a writer's buffer where nobody asks for another. */
    public static final int BUFFER_BYTES = 64 * 1024;

    static final long UNSIGNED_MAX = 0xFFFF_FFFFL;
}
