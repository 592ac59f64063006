package org.blobarena.arena;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Where a run of bytes stands: in which arena file, from which offset, how many.
 *
 * <p>Each of the three is an unsigned 32-bit number, held here as a {@code long} so that no caller
 * has to think of signs. Encoded, a location takes {@value #ENCODED_BYTES} bytes, little-endian:
 * file index, offset, length. The end, {@code offset + length}, may be as large as 2^33 - 2; whether
 * it lies inside the file is known to the file alone and checked when the location is read.
 *
 * @param fileIndex index of the arena file, 0 to {@value #UNSIGNED_MAX}
 * @param offset first byte, counted from the start of the file, 0 to {@value #UNSIGNED_MAX}
 * @param length number of bytes, 0 to {@value #UNSIGNED_MAX}
 */
public record Location(long fileIndex, long offset, long length) implements Comparable<Location> {

    /** Bytes of an encoded location. */
    public static final int ENCODED_BYTES = 12;

    /** The largest value of each component: 2^32 - 1. */
    public static final long UNSIGNED_MAX = 0xFFFF_FFFFL;

    /**
     * Checks the three components.
     *
     * @param fileIndex index of the arena file
     * @param offset first byte
     * @param length number of bytes
     * @throws IllegalArgumentException if one is negative or above {@value #UNSIGNED_MAX}; the message
     *     names it
     */
    public Location {
        requireUnsigned("file index", fileIndex);
        requireUnsigned("offset", offset);
        requireUnsigned("length", length);
    }

    /**
     * Returns the first offset after the bytes.
     *
     * @return {@code offset + length}, 0 to 2^33 - 2
     */
    public long end() {
        return offset + length;
    }

    /**
     * Writes the {@value #ENCODED_BYTES} bytes of this location at the buffer's position and moves it.
     *
     * @param target where to write; its byte order does not matter and is not changed
     * @throws java.nio.BufferOverflowException if fewer than {@value #ENCODED_BYTES} bytes remain
     */
    public void encode(ByteBuffer target) {
        boolean swap = target.order() != ByteOrder.LITTLE_ENDIAN;
        target.putInt(encoded(fileIndex, swap));
        target.putInt(encoded(offset, swap));
        target.putInt(encoded(length, swap));
    }

    /**
     * Reads a location from the buffer's position and moves it by {@value #ENCODED_BYTES}.
     *
     * @param source where to read; its byte order does not matter and is not changed
     * @return the location; every 12 bytes are a valid one
     * @throws java.nio.BufferUnderflowException if fewer than {@value #ENCODED_BYTES} bytes remain
     */
    public static Location decode(ByteBuffer source) {
        boolean swap = source.order() != ByteOrder.LITTLE_ENDIAN;
        long fileIndex = decoded(source.getInt(), swap);
        long offset = decoded(source.getInt(), swap);
        long length = decoded(source.getInt(), swap);
        return new Location(fileIndex, offset, length);
    }

    /** Compares by file index, then offset, then length: the order in which a disk is read forward. */
    @Override
    public int compareTo(Location other) {
        int byFile = Long.compare(fileIndex, other.fileIndex);
        if (byFile != 0) {
            return byFile;
        }
        int byOffset = Long.compare(offset, other.offset);
        return byOffset != 0 ? byOffset : Long.compare(length, other.length);
    }

    // Written out, since the JDK 17 keeps the class of the last record whose equality it has made itself, and so its
    // loader.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Location location
                && location.fileIndex == fileIndex
                && location.offset == offset
                && location.length == length;
    }

    @Override
    public int hashCode() {
        return (Long.hashCode(fileIndex) * 31 + Long.hashCode(offset)) * 31 + Long.hashCode(length);
    }

    private static int encoded(long value, boolean swap) {
        return swap ? Integer.reverseBytes((int) value) : (int) value;
    }

    private static long decoded(int value, boolean swap) {
        return Integer.toUnsignedLong(swap ? Integer.reverseBytes(value) : value);
    }

    private static void requireUnsigned(String name, long value) {
        if (value < 0 || value > UNSIGNED_MAX) {
            throw new IllegalArgumentException(
                    name + " " + value + " is not an unsigned 32-bit number (0 to " + UNSIGNED_MAX + ")");
        }
    }
}
