package org.blobarena.jcache;

import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.util.Objects;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Factory;
import javax.cache.configuration.MutableConfiguration;
import org.blobarena.cache.BlobCacheBuilder;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a cache on BlobArena: that of JCache, and what it has no words for. A cache that is created with
 * another configuration has the defaults.
 *
 * <p><b>Codecs.</b> Two keys are the same if their codec gives the same bytes for both. By default a key is text, a number, a
 * {@code byte[]} or a {@link java.util.UUID}, encoded as such, or any other {@link java.io.Serializable}, and values are
 * serialized. Equal texts and boxed numbers inside an object that is serialized as a key give the same bytes; other objects may
 * not, such as hash sets, and then want a codec. Objects are read back through the class loader of the manager, and through
 * {@link #setSerialFilter}; whoever can write to the directory of the cache decides what is read, as with all
 * serialization. An entry that cannot be read back, because its class has changed or was refused, counts as absent.
 *
 * <p>For use by one thread.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class BlobCacheConfiguration<K, V> extends MutableConfiguration<K, V> {

    private static final long serialVersionUID = 1;

    /** 0 for the default of the manager. */
    private long maximumBytes;

    /** As text, because paths cannot be serialized. */
    private @Nullable String directory;

    private @Nullable Factory<? extends KeyCodec<K>> keyCodec;
    private @Nullable Factory<? extends ValueCodec<V>> valueCodec;
    private @Nullable String serialFilter;
    private @Nullable BlobCacheOptions options;

    /** Makes a configuration with the defaults. */
    public BlobCacheConfiguration() {}

    /**
     * Copies a configuration.
     *
     * @param configuration the configuration; what it does not have is as by default
     */
    public BlobCacheConfiguration(CompleteConfiguration<K, V> configuration) {
        super(configuration);
        if (configuration instanceof BlobCacheConfiguration<K, V> other) {
            maximumBytes = other.maximumBytes;
            directory = other.directory;
            keyCodec = other.keyCodec;
            valueCodec = other.valueCodec;
            serialFilter = other.serialFilter;
            options = other.options;
        }
    }

    /**
     * Sets how much the cache may take on disk with everything that is in its directory.
     *
     * @param bytes {@value BlobCacheBuilder#MAXIMUM_BYTES_MIN} or more; by default as {@link
     *     BlobCachingProvider#MAXIMUM_BYTES} says
     * @return this
     * @throws IllegalArgumentException if it is less than that
     */
    public BlobCacheConfiguration<K, V> setMaximumBytes(long bytes) {
        if (bytes < BlobCacheBuilder.MAXIMUM_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "a maximum of " + bytes + " bytes is less than " + BlobCacheBuilder.MAXIMUM_BYTES_MIN);
        }
        maximumBytes = bytes;
        return this;
    }

    /**
     * Sets the directory of this cache alone.
     *
     * @param path a directory of the default file system, missing, empty, or that of such a cache; by default a folder in
     *     that of the manager, named for the cache
     * @return this
     */
    public BlobCacheConfiguration<K, V> setDirectory(Path path) {
        directory = path.toString();
        return this;
    }

    /**
     * Sets the codec of keys, such as {@code KeyCodec::utf8}.
     *
     * @param factory makes the codec when the cache is created; the same for the life of the directory
     * @return this
     */
    public BlobCacheConfiguration<K, V> setKeyCodec(Factory<? extends KeyCodec<K>> factory) {
        keyCodec = Objects.requireNonNull(factory, "factory");
        return this;
    }

    /**
     * Sets the codec of values, such as {@code ValueCodec::bytes}.
     *
     * @param factory makes the codec when the cache is created; the same for the life of the directory
     * @return this
     */
    public BlobCacheConfiguration<K, V> setValueCodec(Factory<? extends ValueCodec<V>> factory) {
        valueCodec = Objects.requireNonNull(factory, "factory");
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
    public BlobCacheConfiguration<K, V> setSerialFilter(String pattern) {
        ObjectInputFilter unused = ObjectInputFilter.Config.createFilter(pattern);
        serialFilter = pattern;
        return this;
    }

    /**
     * Sets options of the {@link org.blobarena.cache.BlobCache} itself, such as {@code builder ->
     * builder.timeToIdle(Duration.ofDays(1))}.
     *
     * @param value sets the options; by default they are as {@link BlobCacheBuilder} says
     * @return this
     */
    public BlobCacheConfiguration<K, V> setOptions(BlobCacheOptions value) {
        options = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Returns how much the cache may take on disk.
     *
     * @return the bytes; 0 if nothing was set
     */
    public long getMaximumBytes() {
        return maximumBytes;
    }

    /**
     * Returns the directory of the cache.
     *
     * @return the directory; null if none was set
     */
    public @Nullable Path getDirectory() {
        return directory == null ? null : Path.of(directory);
    }

    @Nullable KeyCodec<K> keyCodec() {
        return keyCodec == null ? null : keyCodec.create();
    }

    @Nullable ValueCodec<V> valueCodec() {
        return valueCodec == null ? null : valueCodec.create();
    }

    @Nullable ObjectInputFilter serialFilter() {
        return serialFilter == null ? null : ObjectInputFilter.Config.createFilter(serialFilter);
    }

    @Nullable BlobCacheOptions options() {
        return options;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof BlobCacheConfiguration<?, ?> that
                && maximumBytes == that.maximumBytes
                && Objects.equals(directory, that.directory)
                && Objects.equals(keyCodec, that.keyCodec)
                && Objects.equals(valueCodec, that.valueCodec)
                && Objects.equals(serialFilter, that.serialFilter)
                && Objects.equals(options, that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), maximumBytes, directory, serialFilter);
    }
}
