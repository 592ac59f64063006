package org.blobarena.jcache;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.cache.CacheException;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries on disk: keys and values as bytes, and back.
 *
 * <p>A value that cannot be read back counts as absent. It may be of a class that has changed since, or that a filter
 * refuses: a cache that fails for ever on such a key would be worth less than one that loads it anew.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class Records<K, V> implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Records.class);

    private final BlobCache<byte[]> blobs;
    private final KeyCodec<K> keys;
    private final ValueCodec<V> values;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    /** What failed in the store, as JCache says it. */
    @FunctionalInterface
    private interface Step<T> {

        T run() throws IOException;
    }

    Records(BlobCache<byte[]> blobs, KeyCodec<K> keys, ValueCodec<V> values) {
        this.blobs = blobs;
        this.keys = keys;
        this.values = values;
    }

    // ---- codecs

    /** Returns the bytes of a key, which never change. */
    byte[] encode(K key) {
        byte[] bytes = keys.encode(Objects.requireNonNull(key, "key"));
        return keys.returnsStableKeys() ? bytes : bytes.clone();
    }

    /** Returns a key; null if it cannot be read back. */
    @Nullable K decodeKey(byte[] bytes) {
        try {
            return keys.decode(bytes.clone());
        } catch (IllegalArgumentException e) {
            unreadable(e);
            return null;
        }
    }

    byte[] encodeValue(V value) {
        return values.encode(Objects.requireNonNull(value, "value"));
    }

    /** Returns a value; null if it cannot be read back. */
    @Nullable V decode(StoredValue stored) {
        try {
            return values.decode(stored.value());
        } catch (IllegalArgumentException e) {
            unreadable(e);
            return null;
        }
    }

    private void unreadable(IllegalArgumentException failure) {
        if (hasFailed.compareAndSet(false, true)) {
            LOG.warn(
                    "an entry of a cache cannot be read back, and counts as absent; of others nothing is said",
                    failure);
        }
    }

    // ---- entries

    /** Returns what is stored for a key, expired or not; null if there is nothing. */
    @Nullable StoredValue read(byte[] key) {
        byte[] blob = blobs.getIfPresent(key);
        return blob == null ? null : StoredValue.of(blob);
    }

    /**
     * Stores a value. If that fails, the key is absent: what it had is outdated.
     *
     * @throws CacheException if the value is too large, or cannot be written
     */
    void write(byte[] key, StoredValue value) {
        try {
            blobs.put(key, value.blob());
        } catch (IOException | BlobTooLargeException e) {
            CacheException failure = new CacheException("an entry cannot be stored: " + e.getMessage(), e);
            try {
                boolean unused = blobs.invalidate(key);
            } catch (IOException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    void remove(byte[] key) {
        boolean unused = unchecked(() -> blobs.invalidate(key));
    }

    void clear() {
        Object unused = unchecked(() -> {
            blobs.invalidateAll();
            return this;
        });
    }

    Iterator<byte[]> keys() {
        return blobs.asMap().keySet().iterator();
    }

    Iterator<Map.Entry<byte[], byte[]>> entries() {
        return blobs.asMap().entrySet().iterator();
    }

    /** How many were evicted since the opening. */
    long evictions() {
        return blobs.stats().evictions();
    }

    @Override
    public void close() {
        Object unused = unchecked(() -> {
            blobs.close();
            return this;
        });
    }

    private static <T> T unchecked(Step<T> step) {
        try {
            return step.run();
        } catch (IOException e) {
            throw new CacheException(e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw new CacheException(e.getMessage(), e.getCause());
        }
    }
}
