package org.blobarena.store.internal.core;

import java.util.Objects;
import org.blobarena.store.api.ValueCodec;

/**
 * Bytes of blobs that do not change while the store uses them. The array that a codec of a user's gives may be the user's, who
 * changes it, or be given again for the next blob; the codec says so. See {@link EncodedKey#bytesOf} for keys.
 */
public final class OwnedBytes {

    private OwnedBytes() {}

    /** Returns a blob that does not change while a call runs. */
    public static <V> byte[] of(ValueCodec<V> codec, V value) {
        byte[] blob = codec.encode(Objects.requireNonNull(value, "value"));
        return codec.returnsStableBlobs() ? blob : blob.clone();
    }
}
