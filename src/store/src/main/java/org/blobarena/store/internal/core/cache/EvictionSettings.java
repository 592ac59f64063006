package org.blobarena.store.internal.core.cache;

import org.blobarena.cache.BlobCacheBuilder;

/**
 * The options of eviction, documented at {@link BlobCacheBuilder}.
 *
 * @param maximumBytes on disk, of everything in the directory
 */
public record EvictionSettings(long maximumBytes) {}
