package org.blobarena.jcache;

import java.io.Serializable;
import org.blobarena.cache.BlobCacheBuilder;

/** Sets options of the {@link org.blobarena.cache.BlobCache} behind a cache that JCache has no words for. */
@FunctionalInterface
public interface BlobCacheOptions extends Serializable {

    /**
     * Sets options.
     *
     * @param builder has the maximum of bytes, and else the defaults; keys are those of the cache as bytes
     * @return the builder
     */
    BlobCacheBuilder<byte[]> apply(BlobCacheBuilder<byte[]> builder);
}
