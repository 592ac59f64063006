package org.blobarena.jcache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Factory;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/**
 * Where entries come from and go to besides: the loader and the writer of a configuration. What they fail with is wrapped as
 * JCache asks for.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class Loading<K, V> {

    private final @Nullable CacheLoader<K, V> loader;
    private final @Nullable CacheWriter<K, V> writer;
    private final boolean readThrough;
    private final boolean writeThrough;

    @SuppressWarnings("unchecked") // A writer only takes keys and values.
    Loading(CompleteConfiguration<K, V> configuration) {
        this.loader = created(configuration.getCacheLoaderFactory());
        this.writer = (CacheWriter<K, V>) created(configuration.getCacheWriterFactory());
        this.readThrough = configuration.isReadThrough() && loader != null;
        this.writeThrough = configuration.isWriteThrough() && writer != null;
    }

    private static <T> @Nullable T created(@Nullable Factory<? extends T> factory) {
        return factory == null ? null : factory.create();
    }

    boolean hasLoader() {
        return loader != null;
    }

    boolean isReadThrough() {
        return readThrough;
    }

    @Nullable V load(K key) {
        return loaded(() -> Objects.requireNonNull(loader).load(key));
    }

    /** Loads some keys, and leaves out those for which there is nothing. */
    Map<K, V> loadAll(Set<K> keys) {
        Map<K, V> loaded = loaded(() -> Objects.requireNonNull(loader).loadAll(keys));
        Map<K, V> present = new HashMap<>();
        if (loaded != null) {
            loaded.forEach((key, value) -> {
                if (key != null && value != null) {
                    present.put(key, value);
                }
            });
        }
        return present;
    }

    private static <T> @Nullable T loaded(Supplier<@Nullable T> load) {
        try {
            return load.get();
        } catch (CacheLoaderException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheLoaderException(e);
        }
    }

    void write(K key, V value) {
        if (writeThrough) {
            written(() -> Objects.requireNonNull(writer).write(new JCacheEntry<>(key, value)));
        }
    }

    void delete(K key) {
        if (writeThrough) {
            written(() -> Objects.requireNonNull(writer).delete(key));
        }
    }

    /**
     * Writes some entries.
     *
     * @param entries the entries; after a failure, those are taken out that were not written
     * @return what the writer failed with; null if all were written
     */
    @Nullable CacheWriterException writeAll(Map<K, V> entries) {
        if (!writeThrough || entries.isEmpty()) {
            return null;
        }
        List<Cache.Entry<? extends K, ? extends V>> left = new ArrayList<>();
        entries.forEach((key, value) -> left.add(new JCacheEntry<>(key, value)));
        try {
            written(() -> Objects.requireNonNull(writer).writeAll(left));
        } catch (CacheWriterException e) {
            left.forEach(entry -> entries.remove(entry.getKey()));
            return e;
        }
        return null;
    }

    /** Deletes some keys, as {@link #writeAll} writes them. */
    @Nullable CacheWriterException deleteAll(Collection<K> keys) {
        if (!writeThrough || keys.isEmpty()) {
            return null;
        }
        List<K> left = new ArrayList<>(keys);
        try {
            written(() -> Objects.requireNonNull(writer).deleteAll(left));
        } catch (CacheWriterException e) {
            keys.removeAll(left);
            return e;
        }
        return null;
    }

    private static void written(Runnable write) {
        try {
            write.run();
        } catch (CacheWriterException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CacheWriterException(e);
        }
    }

    void close() {
        Closing.quietly(loader);
        Closing.quietly(writer);
    }
}
