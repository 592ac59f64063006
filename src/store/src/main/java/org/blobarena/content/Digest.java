package org.blobarena.content;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.blobarena.store.api.CorruptBlobException;
import org.jspecify.annotations.Nullable;

/** The SHA-256 digest of some content: 32 bytes, written as 64 hexadecimal digits. Immutable. */
public final class Digest implements Comparable<Digest> {

    /** The length of a digest in bytes. */
    public static final int BYTES = 32;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    private Digest(byte[] bytes) {
        first = (long) LONGS.get(bytes, 0);
        second = (long) LONGS.get(bytes, 8);
        third = (long) LONGS.get(bytes, 16);
        fourth = (long) LONGS.get(bytes, 24);
    }

    /**
     * Computes the digest of some content.
     *
     * @param content the content
     * @return its digest
     */
    public static Digest of(byte[] content) {
        return of(ByteBuffer.wrap(content));
    }

    /**
     * Computes the digest of some content.
     *
     * @param content the content, from position to limit; the position is unchanged
     * @return its digest
     */
    public static Digest of(ByteBuffer content) {
        MessageDigest sha256 = sha256();
        sha256.update(content.duplicate());
        return of(sha256);
    }

    /** Returns the digest of what was given to a computation, which starts again. */
    static Digest of(MessageDigest sha256) {
        return new Digest(sha256.digest());
    }

    /** Returns a new computation of a digest. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Returns the digest that some bytes are.
     *
     * @param bytes the 32 bytes that {@link #toBytes} returns
     * @return the digest
     * @throws IllegalArgumentException if there are more or fewer
     */
    public static Digest ofBytes(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a digest has " + BYTES + " bytes, not " + bytes.length);
        }
        return new Digest(bytes);
    }

    /**
     * Returns the digest that a name is bound to.
     *
     * @param value what the store of the names has for the name
     * @throws CorruptBlobException if that is no digest: whoever wrote it used that store directly
     */
    static Digest ofName(String name, byte[] value) throws CorruptBlobException {
        if (value.length != BYTES) {
            throw new CorruptBlobException(
                    "names", 0, "\"" + name + "\" is bound to " + value.length + " bytes, which are no digest");
        }
        return new Digest(value);
    }

    /**
     * Parses a digest.
     *
     * @param text the 64 hexadecimal digits that {@link #toString} returns, in lower or upper case
     * @return the digest
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Digest parse(CharSequence text) {
        if (text.length() != 2 * BYTES) {
            throw new IllegalArgumentException("a digest has " + 2 * BYTES + " hexadecimal digits, not " + text.length()
                    + " characters: \"" + text + "\"");
        }
        for (int i = 0; i < text.length(); i++) {
            if (!HexFormat.isHexDigit(text.charAt(i))) {
                throw new IllegalArgumentException(
                        "character " + i + " of the digest \"" + text + "\" is no hexadecimal digit");
            }
        }
        return new Digest(HexFormat.of().parseHex(text));
    }

    /**
     * Returns the digest as bytes.
     *
     * @return a new array of 32 bytes
     */
    public byte[] toBytes() {
        byte[] bytes = new byte[BYTES];
        LONGS.set(bytes, 0, first);
        LONGS.set(bytes, 8, second);
        LONGS.set(bytes, 16, third);
        LONGS.set(bytes, 24, fourth);
        return bytes;
    }

    /** Returns the first eight bytes. */
    long prefix() {
        return first;
    }

    /** Compares two digests byte by byte, as unsigned values. */
    @Override
    public int compareTo(Digest other) {
        int order = Long.compareUnsigned(first, other.first);
        order = order == 0 ? Long.compareUnsigned(second, other.second) : order;
        order = order == 0 ? Long.compareUnsigned(third, other.third) : order;
        return order == 0 ? Long.compareUnsigned(fourth, other.fourth) : order;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Digest digest
                && first == digest.first
                && second == digest.second
                && third == digest.third
                && fourth == digest.fourth;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first); // Any eight bytes of a digest are as good as random.
    }

    /** Returns 64 hexadecimal digits in lower case, which {@link #parse} reads. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(toBytes());
    }
}
