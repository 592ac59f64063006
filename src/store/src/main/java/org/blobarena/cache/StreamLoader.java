package org.blobarena.cache;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Loads a blob that a cache lacks as a stream; see {@link BlobCache#openStream(Object, StreamLoader)}.
 *
 * @param <K> the type of keys
 */
@FunctionalInterface
public interface StreamLoader<K> {

    /**
     * Opens a stream of the blob. Runs in the thread of the caller that misses the blob, with no lock held.
     *
     * @param key the key
     * @return a new stream, which the cache reads and closes, or hands to its caller; null if there is no blob
     * @throws Exception if it cannot be loaded, which is not cached; every caller that waits gets a {@link
     *     CacheLoadException} with this cause
     */
    @Nullable InputStream open(K key) throws Exception;
}
