/**
 * Eviction: which files leave a store that has no more room, and which of their records stay for all that.
 *
 * <p>Its one job is to keep what a store takes on disk within a maximum. {@link
 * org.blobarena.store.internal.evict.Reinsertion} is the policy. It stands on writes, and shares with compaction what deletes files
 * and what tells which tombstones are needed.
 *
 * <p>Threads: one file at a time, in a background thread or in that of a writer.
 */
@NullMarked
package org.blobarena.store.internal.evict;

import org.jspecify.annotations.NullMarked;
