package org.blobarena.store.internal.core.cache;

import org.blobarena.cache.BlobCacheBuilder;

/**
 * The options of eviction, documented at {@link BlobCacheBuilder}.
 *
 * @param maximumBytes on disk, of everything in the directory
 * @param filledBytes what an arena file is filled to, which may be less than a long record needs: that stands in a file alone
 * @param idleMillis how long a blob stays that nobody uses; 0 for ever
 */
public record EvictionSettings(long maximumBytes, long filledBytes, long idleMillis) {}
