/**
 * The cache abstraction of Spring on {@link org.blobarena.cache.BlobCache}: caches that stay on disk, bounded in bytes.
 *
 * <p>{@link org.blobarena.spring.BlobArenaCacheManager} is a bean; {@link org.blobarena.spring.BlobArenaCacheSettings} says what
 * its caches are like. Behind them, {@code BlobArenaCache} has the methods of a cache, {@code StoredValues} knows what stands on
 * disk, and {@code AsyncLoads} what is being loaded by futures.
 *
 * <p>Threads: everything is safe for use by multiple threads, but for the builder.
 */
@NullMarked
package org.blobarena.spring;

import org.jspecify.annotations.NullMarked;
