package org.blobarena.store.internal.core;

import java.util.List;
import java.util.Objects;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;

/**
 * Bytes of keys and blobs that nobody else has. The array that a codec of a user's gives may be the user's, who changes it,
 * or be given again for the next key.
 */
public final class OwnedBytes {

    private static final List<Object> COPYING =
            List.of(KeyCodec.bytes(), KeyCodec.utf8(), KeyCodec.longs(), KeyCodec.uuids());

    /** Those whose arrays do not change while a call runs. */
    private static final List<Object> STEADY = List.of(ValueCodec.bytes(), ValueCodec.utf8());

    private OwnedBytes() {}

    /** The bytes of a key. */
    public static <K> byte[] of(KeyCodec<K> codec, K key) {
        byte[] bytes = codec.encode(Objects.requireNonNull(key, "key"));
        return isOneOf(COPYING, codec) ? bytes : bytes.clone();
    }

    /** A blob that does not change while a call runs. */
    public static <V> byte[] of(ValueCodec<V> codec, V value) {
        byte[] blob = codec.encode(Objects.requireNonNull(value, "value"));
        return isOneOf(STEADY, codec) ? blob : blob.clone();
    }

    private static boolean isOneOf(List<Object> codecs, Object codec) {
        for (int i = 0; i < codecs.size(); i++) {
            if (codecs.get(i) == codec) {
                return true;
            }
        }
        return false;
    }
}
