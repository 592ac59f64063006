package org.blobarena.store.api;

import org.blobarena.store.BlobStore;

/**
 * An encoding of the values of a {@linkplain BlobStore#asMap(ValueCodec) map} as blobs.
 *
 * <p>An implementation must be safe for use by multiple threads. Equal values should decode to equal values; they need
 * not have the same bytes.
 *
 * @param <V> the type of values
 */
public interface ValueCodec<V> {

    /**
     * Encodes a value.
     *
     * @param value the value, not null
     * @return the blob, which the caller neither changes nor keeps; the same array may be returned to the same thread
     *     again
     * @throws IllegalArgumentException if the value has no encoding
     */
    byte[] encode(V value);

    /**
     * Returns whether nobody changes an array that {@link #encode} has returned until the method of the map that it was
     * encoded for returns, so that the store does not copy it. This implementation returns false, which is always safe.
     *
     * @return whether the arrays do not change for so long, the same at every call
     */
    default boolean returnsStableBlobs() {
        return false;
    }

    /**
     * Decodes a blob.
     *
     * @param blob a new array with the blob; the codec may keep it
     * @return the value, not null
     * @throws IllegalArgumentException if no value has these bytes
     */
    V decode(byte[] blob);

    /**
     * Returns a codec of byte arrays. An array must not change until the method that it was passed to has returned.
     *
     * @return the codec
     */
    static ValueCodec<byte[]> bytes() {
        return Codecs.BytesAsValues.CODEC;
    }

    /**
     * Returns a codec of text in UTF-8. It throws {@link IllegalArgumentException} for text with an unpaired surrogate
     * and for a blob that is not well-formed UTF-8.
     *
     * @return the codec
     */
    static ValueCodec<String> utf8() {
        return Codecs.TextAsValues.CODEC;
    }
}
