/**
 * Metrics of stores and caches for Micrometer: {@link org.blobarena.micrometer.BlobStoreMetrics} and {@link
 * org.blobarena.micrometer.BlobCacheMetrics} bind what {@code stats()} tells to a registry.
 *
 * <p>Threads: everything is safe for use by multiple threads.
 */
@NullMarked
package org.blobarena.micrometer;

import org.jspecify.annotations.NullMarked;
