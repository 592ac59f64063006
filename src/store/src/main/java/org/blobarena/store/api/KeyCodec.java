package org.blobarena.store.api;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * An encoding of keys as bytes. Two keys are the same if their bytes are.
 *
 * <p>An implementation must be safe for use by multiple threads and must return the same bytes for equal keys as long
 * as the store exists. It may return the same array again to the same thread: the store copies it before it calls other
 * code, unless {@link #returnsStableKeys} says that no array changes.
 *
 * @param <K> the type of keys
 */
public interface KeyCodec<K> {

    /**
     * Encodes a key.
     *
     * @param key the key, not null
     * @return 0 to 65,535 bytes, which the caller neither changes nor keeps
     */
    byte[] encode(K key);

    /**
     * Returns whether nobody ever changes an array that {@link #encode} has returned, so that the store does not copy it.
     * An array that is new each time is one that nobody changes. This implementation returns false, which is always safe.
     *
     * @return whether the arrays do not change, the same at every call
     */
    default boolean returnsStableKeys() {
        return false;
    }

    /**
     * Encodes a key into a buffer, so that reads need no array for it. This implementation calls {@link #encode}.
     *
     * @param key the key, not null
     * @param target big-endian; receives the bytes that {@link #encode} returns; the position moves behind them. What stands
     *     there before is undefined
     * @return whether the bytes fit into what remains in the buffer; if not, the position is unchanged
     */
    default boolean encodeInto(K key, ByteBuffer target) {
        byte[] bytes = encode(key);
        boolean fits = bytes.length <= target.remaining();
        if (fits) {
            target.put(bytes);
        }
        return fits;
    }

    /**
     * Decodes a key.
     *
     * @param bytes a new array with the bytes that {@link #encode} returned; the codec may keep it
     * @return the key
     * @throws IllegalArgumentException if no key has these bytes
     */
    K decode(byte[] bytes);

    /**
     * Returns a codec of byte arrays. An array may change after the method that it was passed to has returned.
     *
     * @return the codec
     */
    static KeyCodec<byte[]> bytes() {
        return Codecs.BytesAsKeys.CODEC;
    }

    /**
     * Returns a codec of text in UTF-8. It throws {@link IllegalArgumentException} for text with an unpaired surrogate.
     *
     * @return the codec
     */
    static KeyCodec<String> utf8() {
        return Codecs.TextAsKeys.CODEC;
    }

    /**
     * Returns a codec of {@code long} values as eight bytes, big-endian.
     *
     * @return the codec
     */
    static KeyCodec<Long> longs() {
        return Codecs.LongsAsKeys.CODEC;
    }

    /**
     * Returns a codec of UUIDs as 16 bytes, big-endian.
     *
     * @return the codec
     */
    static KeyCodec<UUID> uuids() {
        return Codecs.UuidsAsKeys.CODEC;
    }
}
