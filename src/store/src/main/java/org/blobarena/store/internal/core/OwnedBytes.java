package org.blobarena.store.internal.core;

import java.util.Objects;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;

/**
 * Bytes of keys and blobs that do not change while the store uses them. The array that a codec of a user's gives may be the
 * user's, who changes it, or be given again for the next key; the codec says so.
 */
public final class OwnedBytes {

    private OwnedBytes() {}

    /** Returns the bytes of a key, which never change. */
    public static <K> byte[] of(KeyCodec<K> codec, K key) {
        byte[] bytes = codec.encode(Objects.requireNonNull(key, "key"));
        return codec.returnsStableKeys() ? bytes : bytes.clone();
    }

    /** Returns a blob that does not change while a call runs. */
    public static <V> byte[] of(ValueCodec<V> codec, V value) {
        byte[] blob = codec.encode(Objects.requireNonNull(value, "value"));
        return codec.returnsStableBlobs() ? blob : blob.clone();
    }
}
