/**
 * Eviction: which files leave a store that has no more room, and which of their records stay for all that.
 *
 * <p>Its one job is to keep what a store takes on disk within a maximum. {@link
 * org.blobarena.store.internal.evict.EvictionPolicy} is the policy. It stands on writes, and shares with compaction what deletes
 * files and what tells which tombstones are needed.
 *
 * <p><b>Why nothing old comes back.</b> A record that is evicted is taken out of the index, which a crash forgets. It is
 * rebuilt from the files, and of a key the record with the greatest number wins. So what is to be shown is that no file that
 * stays holds an older record of a key whose newest went with its file. Mostly none can: files take records one after the
 * other, and the older ones are gone. But files of long blobs and of records that were written again take records beside
 * others. So where a file that stays may hold a dead record that is older than the newest of the victim, its index blocks say
 * which keys that concerns, and each of these gets a tombstone, before the victim goes. The same holds for tombstones of the
 * victim: what was invalidated stays so. A blob that has expired counts as one of them. Then the order in which files go does not matter.
 *
 * <p><b>Reinsertion</b> is a write like any other: the record gets a new number, and with the lock of its key held it is seen
 * that the index points at the old one still, so it does not replace a newer one, and no tombstone falls between. Its
 * expiry stays.
 *
 * <p><b>A crash at any step.</b> While records are written again or taken out of the index, the victim is there: after a crash
 * it counts in full, and what was evicted of it is a key's newest blob all the same. Before it is deleted, what was written
 * again is on the device, and where other files may hold older records everything is: what made records of the victim dead must
 * not be lost after them. The deletion is one step. A victim that a reader holds is deleted later, and counts as one of the
 * files that stay until then.
 *
 * <p><b>Damage.</b> Of a file whose index blocks cannot be read nobody knows the keys. It is evicted after the files that it
 * could hide something of; its records are found in the index.
 *
 * <p><b>Work.</b> For each file that is filled, one is evicted: its index blocks are read, its records are taken out of the index,
 * and a stated part of it at most is written again. Nothing depends on how much the store holds, but for what overlaps.
 *
 * <p>Threads: one file at a time, in a background thread or in that of a writer.
 */
@NullMarked
package org.blobarena.store.internal.evict;

import org.jspecify.annotations.NullMarked;
