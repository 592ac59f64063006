package org.blobarena.jcache;

import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import javax.cache.Cache;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a cache, in the order of the disk, as they are when they are read; expired ones are left out.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
final class JCacheIterator<K, V> implements Iterator<Cache.Entry<K, V>> {

    private final JCache<K, V> cache;
    private final Records<K, V> records;
    private final Iterator<Map.Entry<byte[], byte[]>> blobs;
    private @Nullable Found<K, V> next;
    private @Nullable Found<K, V> last;

    /** An entry, and the bytes that its key has on disk. */
    private static final class Found<K, V> {

        final JCacheEntry<K, V> entry;
        final byte[] bytes;
        final StoredValue stored;

        Found(JCacheEntry<K, V> entry, byte[] bytes, StoredValue stored) {
            this.entry = entry;
            this.bytes = bytes;
            this.stored = stored;
        }
    }

    JCacheIterator(JCache<K, V> cache, Records<K, V> records) {
        this.cache = cache;
        this.records = records;
        this.blobs = records.entries();
    }

    @Override
    public boolean hasNext() {
        cache.requireOpen();
        while (next == null && blobs.hasNext()) {
            Map.Entry<byte[], byte[]> blob = blobs.next();
            next = found(blob.getKey(), StoredValue.of(blob.getValue()));
        }
        return next != null;
    }

    private @Nullable Found<K, V> found(byte[] bytes, @Nullable StoredValue stored) {
        K key = stored == null ? null : records.decodeKey(bytes);
        if (stored == null || key == null) {
            return null;
        }
        if (stored.hasExpired(cache.now())) {
            cache.expire(key, bytes);
            return null;
        }
        V value = records.decode(stored);
        return value == null ? null : new Found<>(new JCacheEntry<>(key, value), bytes, stored);
    }

    @Override
    public Cache.Entry<K, V> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Found<K, V> found = next;
        if (found == null) {
            throw new NoSuchElementException();
        }
        next = null;
        last = found;
        cache.iterated(found.entry.key(), found.bytes, found.stored);
        return found.entry;
    }

    @Override
    public void remove() {
        Found<K, V> removed = last;
        if (removed == null) {
            throw new IllegalStateException("there is no entry to remove");
        }
        last = null;
        cache.removeIterated(removed.entry.key(), removed.bytes);
    }
}
