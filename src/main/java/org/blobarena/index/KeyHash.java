package org.blobarena.index;

/**
 * The index key: a 128-bit hash of a user's key, seeded with the secret of one store.
 *
 * @param high the first eight bytes of the hash
 * @param low the last eight bytes of the hash
 */
public record KeyHash(long high, long low) {

    /** Bytes of an encoded hash: {@code high} then {@code low}, each little-endian. */
    public static final int ENCODED_BYTES = 16;
}
