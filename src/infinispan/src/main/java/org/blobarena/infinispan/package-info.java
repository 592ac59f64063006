/**
 * A store of Infinispan on {@link org.blobarena.store.BlobStore}: a cache's entries on the disk of each node that owns them.
 *
 * <p>{@link org.blobarena.infinispan.BlobArenaStoreConfigurationBuilder} configures it. Behind it, from the top to the
 * bottom: {@code BlobArenaStore} is what Infinispan calls, {@code Entries} knows how an entry stands in a blob, {@code
 * SegmentedBlobs} does one step on a key, and {@code SegmentKeys} knows the keys of each segment.
 *
 * <p>Threads: everything is safe for use by multiple threads, but for builders. What blocks runs in Infinispan's threads
 * for that.
 */
@NullMarked
package org.blobarena.infinispan;

import org.jspecify.annotations.NullMarked;
