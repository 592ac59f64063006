package org.blobarena.store.objects;

import java.io.ObjectInputFilter;
import java.util.Objects;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.jspecify.annotations.Nullable;

/**
 * Codecs of objects whose class is not known beforehand, by Java serialization.
 *
 * <p><b>Trust.</b> Whoever can write to the directory decides which classes are read back from it. A filter says which may be;
 * the filters of the JVM apply besides. What cannot be read back, because its class has changed, is missing or is refused,
 * is an {@link IllegalArgumentException} of {@code decode}, whatever the class itself throws.
 */
public final class ObjectCodecs {

    private ObjectCodecs() {}

    /**
     * Returns a codec of keys. Text, {@code long}, {@code int}, UUIDs and {@code byte[]} are encoded as such, all else by
     * serialization. Equal texts and boxed numbers inside an object give the same bytes, whichever of them are one object; other
     * equal objects may not, such as hash sets, and then want a codec of their own.
     *
     * @param <K> the type of keys; keys of another type come back from {@code decode} if such were encoded
     * @param loader where classes are found
     * @param filter which classes may be read; null for those that the filters of the JVM let through
     * @return the codec; its {@code encode} throws {@link IllegalArgumentException} for what is not {@link
     *     java.io.Serializable}
     */
    public static <K> KeyCodec<K> keys(ClassLoader loader, @Nullable ObjectInputFilter filter) {
        return new ObjectKeys<>(new SerialCodec<>(Objects.requireNonNull(loader, "loader"), filter));
    }

    /**
     * Returns a codec of values.
     *
     * @param <V> the type of values; values of another type come back from {@code decode} if such were encoded
     * @param loader where classes are found
     * @param filter which classes may be read; null for those that the filters of the JVM let through
     * @return the codec; its {@code encode} throws {@link IllegalArgumentException} for what is not {@link
     *     java.io.Serializable}
     */
    public static <V> ValueCodec<V> values(ClassLoader loader, @Nullable ObjectInputFilter filter) {
        return new SerialCodec<>(Objects.requireNonNull(loader, "loader"), filter);
    }
}
