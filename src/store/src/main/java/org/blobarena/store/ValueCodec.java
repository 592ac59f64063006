package org.blobarena.store;

/**
 * How the values of a {@linkplain BlobStore#asMap(ValueCodec) map} become blobs.
 *
 * <p>An implementation must be safe from any thread. Equal values should have equal decodings; they need not have
 * the same bytes.
 *
 * @param <V> the values
 */
public interface ValueCodec<V> {

    /**
     * Encodes a value.
     *
     * @param value not null
     * @return the blob, which the caller neither changes nor keeps; it may be given again to the same thread
     * @throws IllegalArgumentException if the value has no encoding
     */
    byte[] encode(V value);

    /**
     * Decodes a blob.
     *
     * @param blob the blob, which nobody else has; the codec may keep it
     * @return the value, not null
     * @throws IllegalArgumentException if no value has these bytes
     */
    V decode(byte[] blob);

    /**
     * Bytes as they are. An array given to the map must not change before the method has returned to which it was given.
     *
     * @return a codec
     */
    static ValueCodec<byte[]> bytes() {
        return ValueCodecs.BYTES;
    }

    /**
     * Text in UTF-8. Text with an unpaired surrogate, and a blob that is not well-formed UTF-8, are refused with an
     * {@link IllegalArgumentException}.
     *
     * @return a codec
     */
    static ValueCodec<String> utf8() {
        return ValueCodecs.UTF_8;
    }
}
