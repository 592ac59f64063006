/**
 * A cache of blobs on disk, bounded in bytes.
 *
 * <p>{@link org.blobarena.cache.BlobCache} is a store of the package {@code org.blobarena.store} that evicts rather than
 * compacts: when there is no more room, the oldest arena file goes as a whole, and what was used lately is written again.
 *
 * <p>Threads: everything is safe for use by multiple threads, but for builders.
 */
@NullMarked
package org.blobarena.cache;

import org.jspecify.annotations.NullMarked;
