/**
 * Eviction: which files leave a store that has no more room, and which of their records stay for all that.
 *
 * <p>Its one job is to keep what a store takes on disk within a maximum. {@link
 * org.blobarena.store.internal.evict.EvictionPolicy} is the policy. It stands on writes, and shares with compaction what deletes
 * files and what tells which tombstones are needed.
 *
 * <p><b>Why nothing comes back.</b> A round of eviction writes first, then deletes the file, then takes its records out of the
 * index, and each of these is complete before the next begins. So at any moment a key of the file has its record in the index,
 * or it has a tombstone, or the file is gone from the device for good. Whoever invalidates a key finds it in the index and
 * writes a tombstone, or finds it absent and makes the tombstone that there may be as durable as he asks; an invalidation of
 * everything deletes the file. A key that nobody has invalidated is another matter: while its tombstone is not forced, a crash
 * brings its newest blob back, though it was told as evicted. Once the file is deleted nothing does.
 *
 * <p>That holds for a file that is read as well. It loses its name all the same, and its readers keep it by a descriptor, which
 * ends with the process. (To keep the name until the last reader lets go, and to write tombstones meanwhile for keys that are
 * absent, would leave those that nobody names: an invalidation of everything, or a file whose index blocks are damaged.)
 *
 * <p><b>Why nothing older takes its place.</b> After a crash the index is rebuilt from the files, and of a key the record with the
 * greatest number wins. So what is to be shown is that no file that stays holds an older record of a key whose newest went with
 * its file. Mostly none can: files take records one after the other, and the older ones are gone. But files of long blobs and of
 * records that were written again take records beside others. So where a file that stays may hold a dead record that is older
 * than the newest of the victim, its index blocks say which keys that concerns, or the list that is kept of a file that takes
 * records still. Each of these gets a tombstone, and leaves the index in the same step, before the victim goes. The same holds
 * for tombstones of the victim: what was invalidated stays so. A blob that has expired counts as one of them. Then the order in
 * which files go does not matter.
 *
 * <p><b>Reinsertion</b> is a write like any other: the record gets a new number, and with the lock of its key held it is seen
 * that the index points at the old one still, so it does not replace a newer one, and no tombstone falls between. Its
 * expiry stays.
 *
 * <p><b>A crash at any step.</b> While records are written again, the victim is there: after a crash it counts in full, but for
 * the keys that have a tombstone or a newer record. Before it is deleted, what was written again is on the device, and where
 * other files may hold older records everything is: what made records of the victim dead must not be lost after them. The
 * deletion is one step. A crash after it finds what the index will have.
 *
 * <p><b>A failure at any step.</b> Until the victim is deleted nothing has happened that a removal or a put would not do, so a
 * round is given up and begun again, as where there is no space for a tombstone. From then on it is ended before anything else
 * is evicted, and before the store is closed: as long as that fails, no mark of a clean close tells of an index that points into
 * the file.
 *
 * <p><b>Damage.</b> Of a file whose index blocks cannot be read nobody knows the keys, and of a rotten record no tombstone can be
 * made. So the files that stay are asked instead: each key that is absent or has a record of the victim, and of which such a file
 * has an older value, gets its tombstone by that file. The victim's records are found in the index. (To evict first what it may
 * hide would have to wait for a stream that has a file, as long as that takes.) Only where both are damaged can an older blob
 * come back. What does not list its records goes before what is newer: as long as it is there everything that is evicted needs a
 * tombstone, and each of these another one when it is evicted itself.
 *
 * <p><b>Work.</b> For each file that is filled, one is evicted: its index blocks are read, its records are taken out of the index,
 * and a stated part of it at most is written again. Nothing depends on how much the store holds, but for what overlaps. Mostly
 * it asks the device for nothing either: a file that is sealed needs a force of the directory for its name, one that goes for the
 * loss of it, and who evicts waits for the file that is being sealed, so that the two share one. Meanwhile writers take the
 * room of the file, whose name is gone; should the force fail, nothing more is evicted before it has succeeded.
 *
 * <p>Threads: one file at a time, in a background thread or in that of a writer. What has no name any more is closed by another
 * thread, while the next file goes.
 */
@NullMarked
package org.blobarena.store.internal.evict;

import org.jspecify.annotations.NullMarked;
