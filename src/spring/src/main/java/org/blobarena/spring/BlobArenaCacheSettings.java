package org.blobarena.spring;

import java.io.ObjectInputFilter;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.blobarena.cache.BlobCacheBuilder;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.objects.ObjectCodecs;
import org.jspecify.annotations.Nullable;

/**
 * What caches of a {@link BlobArenaCacheManager} are like.
 *
 * <p><b>Codecs.</b> Two keys are the same if their codec gives the same bytes for both. By default keys and values are what
 * {@link ObjectCodecs} takes: any {@link java.io.Serializable}, as the keys are that Spring makes of several arguments. Whoever
 * can write to the directory decides what is read, so a {@link #serialFilter} is advised. An entry that cannot be read back,
 * because its class has changed or was refused, counts as absent.
 *
 * <p>For use by one thread. A builder copies what it is given.
 */
public final class BlobArenaCacheSettings {

    /** How much a cache may take on disk by default: 1 GiB. */
    public static final long DEFAULT_MAXIMUM_BYTES = 1L << 30;

    private long maximumBytes = DEFAULT_MAXIMUM_BYTES;
    private boolean allowNullValues = true;
    private @Nullable KeyCodec<?> keyCodec;
    private @Nullable ValueCodec<?> valueCodec;
    private @Nullable ClassLoader classLoader;
    private @Nullable ObjectInputFilter serialFilter;
    private UnaryOperator<BlobCacheBuilder<byte[]>> options = UnaryOperator.identity();
    private Executor executor = new CompletableFuture<>().defaultExecutor();

    /** Makes settings with the defaults. */
    public BlobArenaCacheSettings() {}

    BlobArenaCacheSettings(BlobArenaCacheSettings other) {
        maximumBytes = other.maximumBytes;
        allowNullValues = other.allowNullValues;
        keyCodec = other.keyCodec;
        valueCodec = other.valueCodec;
        classLoader = other.classLoader;
        serialFilter = other.serialFilter;
        options = other.options;
        executor = other.executor;
    }

    /**
     * Sets how much each cache may take on disk with everything that is in its folder. A value fits a 64th of that.
     *
     * @param bytes {@value BlobCacheBuilder#MAXIMUM_BYTES_MIN} or more; {@value #DEFAULT_MAXIMUM_BYTES} by default
     * @return this
     * @throws IllegalArgumentException if it is less than that
     */
    public BlobArenaCacheSettings maximumBytes(long bytes) {
        if (bytes < BlobCacheBuilder.MAXIMUM_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "a maximum of " + bytes + " bytes is less than " + BlobCacheBuilder.MAXIMUM_BYTES_MIN);
        }
        maximumBytes = bytes;
        return this;
    }

    /**
     * Sets whether null is a value that is cached.
     *
     * @param allow whether it is; otherwise it is refused with an {@link IllegalArgumentException}; true by default
     * @return this
     */
    public BlobArenaCacheSettings allowNullValues(boolean allow) {
        allowNullValues = allow;
        return this;
    }

    /**
     * Sets the codec of keys.
     *
     * @param codec the codec, the same for the life of the folder; a key that it cannot encode, as one of another class, is
     *     refused with an {@link IllegalArgumentException}
     * @return this
     */
    public BlobArenaCacheSettings keyCodec(KeyCodec<?> codec) {
        keyCodec = Objects.requireNonNull(codec, "codec");
        return this;
    }

    /**
     * Sets the codec of values. Null values do not reach it.
     *
     * @param codec the codec, the same for the life of the folder; a value that it cannot encode, as one of another class, is
     *     refused with an {@link IllegalArgumentException}
     * @return this
     */
    public BlobArenaCacheSettings valueCodec(ValueCodec<?> codec) {
        valueCodec = Objects.requireNonNull(codec, "codec");
        return this;
    }

    /**
     * Sets where the classes of objects that are serialized are found.
     *
     * @param loader the class loader; by default the context class loader of the thread that opens the manager
     * @return this
     */
    public BlobArenaCacheSettings classLoader(ClassLoader loader) {
        classLoader = Objects.requireNonNull(loader, "loader");
        return this;
    }

    /**
     * Sets which classes keys and values may be of that are serialized. The filters of the JVM apply besides.
     *
     * @param pattern as for {@link ObjectInputFilter.Config#createFilter}, such as {@code com.example.*;java.base/*;!*};
     *     by default only the filters of the JVM apply
     * @return this
     * @throws IllegalArgumentException if it is not a pattern
     */
    public BlobArenaCacheSettings serialFilter(String pattern) {
        serialFilter = ObjectInputFilter.Config.createFilter(pattern);
        return this;
    }

    /**
     * Sets options of the {@link org.blobarena.cache.BlobCache} itself, such as {@code builder ->
     * builder.timeToIdle(Duration.ofDays(1))}.
     *
     * @param value sets the options each time that a cache is opened; by default they are as {@link BlobCacheBuilder} says
     * @return this
     */
    public BlobArenaCacheSettings options(UnaryOperator<BlobCacheBuilder<byte[]>> value) {
        options = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Sets where the disk is read and written for {@code retrieve}, which itself returns without waiting.
     *
     * @param value the executor, which stays the caller's; by default that of {@link CompletableFuture#defaultExecutor}
     * @return this
     */
    public BlobArenaCacheSettings executor(Executor value) {
        executor = Objects.requireNonNull(value, "value");
        return this;
    }

    boolean allowsNullValues() {
        return allowNullValues;
    }

    Executor executor() {
        return executor;
    }

    BlobCacheBuilder<byte[]> apply(BlobCacheBuilder<byte[]> builder) {
        return options.apply(builder.maximumBytes(maximumBytes));
    }

    /** The codecs are unchecked casts of the user's, whose classes are found out when they are used. */
    @SuppressWarnings("unchecked")
    StoredValues stored(String name, ClassLoader byDefault) {
        ClassLoader loader = classLoader == null ? byDefault : classLoader;
        KeyCodec<?> keys = keyCodec == null ? ObjectCodecs.keys(loader, serialFilter) : keyCodec;
        ValueCodec<?> values = valueCodec == null ? ObjectCodecs.values(loader, serialFilter) : valueCodec;
        return new StoredValues(name, (KeyCodec<Object>) keys, (ValueCodec<Object>) values, allowNullValues);
    }
}
