package org.blobarena.cache;

import org.jspecify.annotations.Nullable;

/**
 * Loads a blob that a cache lacks; see {@link BlobCache#get(Object, BlobLoader)}.
 *
 * @param <K> the type of keys
 */
@FunctionalInterface
public interface BlobLoader<K> {

    /**
     * Loads a blob. Runs in the thread of the caller that misses the blob, with no lock held. It may use the cache, but not
     * load the same key.
     *
     * @param key the key
     * @return the blob, which the cache does not change; null if there is none, which is not cached
     * @throws Exception if it cannot be loaded, which is not cached; every caller that waits gets a {@link
     *     CacheLoadException} with this cause
     */
    byte @Nullable [] load(K key) throws Exception;
}
