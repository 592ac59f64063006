package org.blobarena.jcache;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a blob of the cache: a version, the moment from which on the entry has expired, and the value.
 *
 * <pre>
 * offset  width  meaning
 *      0      1  version, 1
 *      1      8  milliseconds since 1970, big-endian; the greatest value for never
 *      9         the value, to the end
 * </pre>
 *
 * <p>The store has an expiry of records, but hides what has expired; JCache tells listeners of it, with its value.
 */
final class StoredValue {

    static final int HEADER_BYTES = 1 + Long.BYTES;

    private static final byte VERSION = 1;

    private final long expiresAt;
    private final byte[] blob;

    private StoredValue(long expiresAt, byte[] blob) {
        this.expiresAt = expiresAt;
        this.blob = blob;
    }

    /** Returns what a blob holds; null if it is of another version, or something else. */
    static @Nullable StoredValue of(byte[] blob) {
        return blob.length < HEADER_BYTES || blob[0] != VERSION
                ? null
                : new StoredValue(ByteBuffer.wrap(blob).getLong(1), blob);
    }

    static StoredValue of(long expiresAt, byte[] value) {
        byte[] blob = ByteBuffer.allocate(HEADER_BYTES + value.length)
                .put(VERSION)
                .putLong(expiresAt)
                .put(value)
                .array();
        return new StoredValue(expiresAt, blob);
    }

    long expiresAt() {
        return expiresAt;
    }

    /** All of it, which nobody changes. */
    byte[] blob() {
        return blob;
    }

    byte[] value() {
        return Arrays.copyOfRange(blob, HEADER_BYTES, blob.length);
    }

    StoredValue withExpiresAt(long moment) {
        byte[] changed = blob.clone();
        ByteBuffer.wrap(changed).putLong(1, moment);
        return new StoredValue(moment, changed);
    }

    boolean hasExpired(long now) {
        return expiresAt <= now;
    }
}
