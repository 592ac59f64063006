package org.blobarena.bench.engine;

/**
 * What some engines must be told at their creation.
 *
 * @param keys the number of keys
 * @param blobBytes the length of each blob
 */
public record Scale(int keys, int blobBytes) {

    public static final int KEY_BYTES = 24;

    /** Keys and blobs without anything around them. */
    public long liveBytes() {
        return (long) keys * (KEY_BYTES + blobBytes);
    }
}
