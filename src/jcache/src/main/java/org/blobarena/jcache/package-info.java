/**
 * JCache (JSR 107) on {@link org.blobarena.cache.BlobCache}: caches that stay on disk, bounded in bytes.
 *
 * <p>{@link org.blobarena.jcache.BlobCachingProvider} is found by {@code Caching.getCachingProvider()}; {@link
 * org.blobarena.jcache.BlobCacheConfiguration} says what JCache has no words for. Behind them, from the top to the bottom:
 * {@code JCache} has the methods of a cache, {@code KeyAccess} does one step on one key whose lock is held, and {@code
 * Records} knows what stands on disk.
 *
 * <p>Threads: everything is safe for use by multiple threads, but for configurations.
 */
@NullMarked
package org.blobarena.jcache;

import org.jspecify.annotations.NullMarked;
