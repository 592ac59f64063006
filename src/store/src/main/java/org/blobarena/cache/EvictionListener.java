package org.blobarena.cache;

/**
 * Is told what a cache evicts.
 *
 * @param <K> the type of keys
 */
@FunctionalInterface
public interface EvictionListener<K> {

    /**
     * Takes note of a blob that was evicted. It is gone already, and by now the key may have a new one. Runs in a thread of
     * the cache or in that of a writer, with no lock held; eviction waits for it. What it throws is logged and has no other
     * effect. Not called for what is invalidated or replaced.
     *
     * @param key the key
     * @param bytes what the blob took on disk, with its key
     */
    void evicted(K key, long bytes);
}
