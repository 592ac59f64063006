package org.blobarena.arena;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Arrays;

/**
 * A growing array of bytes that is appended to, as a {@link StringBuilder} is with characters. After {@link #clear} it
 * keeps its array, so that one builder used for many reads allocates nothing once it has grown. For one thread at a time.
 */
public final class ByteArrayBuilder {

    /** What a Java array can hold in every JVM. */
    static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

    private byte[] array;
    private int length;

    /** Makes an empty builder with a capacity of 256 bytes. */
    public ByteArrayBuilder() {
        this(256);
    }

    /**
     * Makes an empty builder.
     *
     * @param capacity the bytes that it holds before it grows, 0 or more
     * @throws IllegalArgumentException if the capacity is negative
     */
    public ByteArrayBuilder(int capacity) {
        if (capacity < 0) {
            throw new IllegalArgumentException("a capacity of " + capacity + " bytes is negative");
        }
        array = new byte[capacity];
    }

    /**
     * Returns the number of bytes.
     *
     * @return 0 or more
     */
    public int length() {
        return length;
    }

    /**
     * Returns the number of bytes that this builder holds before it grows.
     *
     * @return bytes, at least the length
     */
    public int capacity() {
        return array.length;
    }

    /**
     * Returns the array itself, without a copy. Its first {@link #length} bytes are those of this builder.
     *
     * @return the array, shared with this builder until it grows
     */
    public byte[] array() {
        return array;
    }

    /**
     * Returns the bytes as a buffer, without a copy.
     *
     * @return a new read-only buffer with the bytes from position 0 to the limit, shared with this builder until it grows
     */
    public ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(array, 0, length).slice().asReadOnlyBuffer();
    }

    /**
     * Copies the bytes.
     *
     * @return a new array
     */
    public byte[] toByteArray() {
        return Arrays.copyOf(array, length);
    }

    /**
     * Decodes the bytes; malformed ones become the replacement character.
     *
     * @param charset their encoding
     * @return the text
     */
    public String toString(Charset charset) {
        return new String(array, 0, length, charset);
    }

    /**
     * Appends bytes.
     *
     * @param bytes the bytes
     * @return this
     * @throws IllegalArgumentException if there would be more than an array can hold; nothing is appended
     */
    public ByteArrayBuilder append(byte[] bytes) {
        int start = reserve(bytes.length);
        System.arraycopy(bytes, 0, array, start, bytes.length);
        length = start + bytes.length;
        return this;
    }

    /**
     * Appends the remaining bytes of a buffer.
     *
     * @param bytes the buffer, whose position moves to its limit
     * @return this
     * @throws IllegalArgumentException if there would be more than an array can hold; nothing is appended
     */
    public ByteArrayBuilder append(ByteBuffer bytes) {
        int count = bytes.remaining();
        int start = reserve(count);
        bytes.get(array, start, count);
        length = start + count;
        return this;
    }

    /**
     * Drops the bytes behind a length.
     *
     * @param bytes the new length, 0 to {@link #length}
     * @throws IllegalArgumentException if it is out of range
     */
    public void truncate(int bytes) {
        if (bytes < 0 || bytes > length) {
            throw new IllegalArgumentException("a length of " + bytes + " bytes is not 0 to " + length);
        }
        length = bytes;
    }

    /** Drops all bytes and keeps the array. */
    public void clear() {
        length = 0;
    }

    /** Makes room behind the bytes, and returns where it starts; what is written there counts after {@link #extendTo}. */
    int reserve(int count) {
        if (count > ARRAY_BYTES_MAX - length) {
            throw new IllegalArgumentException(count + " bytes behind " + length + " are more than the "
                    + ARRAY_BYTES_MAX + " that an array can hold");
        }
        if (count > array.length - length) {
            long doubled = Math.min(ARRAY_BYTES_MAX, 2L * array.length);
            array = Arrays.copyOf(array, Math.max(length + count, (int) doubled));
        }
        return length;
    }

    /** Counts bytes that were written to the reserved room. */
    void extendTo(int bytes) {
        length = bytes;
    }
}
