package org.blobarena.index;

import org.jspecify.annotations.Nullable;

/**
 * The index key: a 128-bit hash of a user's key, seeded with the secret of one store.
 *
 * @param high the first eight bytes of the hash
 * @param low the last eight bytes of the hash
 */
public record KeyHash(long high, long low) {

    /** Bytes of an encoded hash: {@code high} then {@code low}, each little-endian. */
    public static final int ENCODED_BYTES = 16;

    // Written out, since the JDK 17 keeps the class of the last record whose equality it has made itself, and so its
    // loader.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyHash key && key.high == high && key.low == low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high ^ Long.rotateLeft(low, 1));
    }
}
