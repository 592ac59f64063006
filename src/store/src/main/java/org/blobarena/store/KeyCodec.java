package org.blobarena.store;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * How keys become bytes. Two keys are the same when their bytes are.
 *
 * <p>An implementation must be safe from any thread and must give the same bytes for equal keys, for as long as
 * the store lives. It may give one array again and again, as long as it is not given to two threads: the store copies
 * what it needs once it has called other code.
 *
 * @param <K> the keys
 */
public interface KeyCodec<K> {

    /**
     * Encodes a key.
     *
     * @param key not null
     * @return 0 to 65,535 bytes, which the caller neither changes nor keeps
     */
    byte[] encode(K key);

    /**
     * Encodes a key into a buffer, so that reads need no array for it. An implementation need not do this; it then
     * makes one.
     *
     * @param key not null
     * @param target gets the same bytes as {@link #encode} gives at its position, which moves behind them
     * @return whether the bytes fit what remains in the buffer; else its position is where it was
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
     * Decodes a key that {@link #encode} made.
     *
     * @param bytes the bytes, which nobody else has; the codec may keep them
     * @return the key
     * @throws IllegalArgumentException if no key has these bytes
     */
    K decode(byte[] bytes);

    /**
     * Bytes as they are. The array given to the store is not kept, and may be changed once the method has returned to which
     * it was given.
     *
     * @return a codec
     */
    static KeyCodec<byte[]> bytes() {
        return KeyCodecs.BYTES;
    }

    /**
     * Text in UTF-8. Text with an unpaired surrogate is refused with an {@link IllegalArgumentException}.
     *
     * @return a codec
     */
    static KeyCodec<String> utf8() {
        return KeyCodecs.UTF_8;
    }

    /**
     * A {@code long} as eight bytes, big-endian.
     *
     * @return a codec
     */
    static KeyCodec<Long> longs() {
        return KeyCodecs.LONGS;
    }

    /**
     * A UUID as its 16 bytes, big-endian.
     *
     * @return a codec
     */
    static KeyCodec<UUID> uuids() {
        return KeyCodecs.UUIDS;
    }
}
