/**
 * The index as a table of this library's own, in one mapped file, on the JDK alone: no flags, no opened packages, and nothing
 * that a later JDK takes away.
 *
 * <p>Its one job is to be a {@link org.blobarena.index.LocationIndex} where Chronicle Map cannot run or is not there. Below it
 * stand the files of {@code arena.internal.nio}; above it the store, through {@link
 * org.blobarena.index.table.TableIndexFactory}.
 *
 * <h2>The table</h2>
 *
 * <p>Extendible hashing: the first bits of a key's hash choose a segment in the {@code SegmentDirectory}, and other bits a
 * group in its {@code Slots}, in which or soon after which the key stands. A segment that is full moves into more blocks, or becomes
 * two with one bit more; no other segment is touched. So no put pays for more than a few thousand entries that move, and the
 * file is never far from what its keys need.
 *
 * <h2>Why a reader never sees a location that was never there</h2>
 *
 * <p>Readers take no lock. What protects them is the version of the segment, an even number while nothing changes. A writer
 * holds the segment's lock, and does this: (w1) it makes the version odd; (w2) it changes slots; (w3) it makes the version the next
 * even number. A reader does this: (r1) it reads the version and goes on if that is even; (r2) it reads slots; (r3) it reads the
 * version again and keeps what it found if that is the number of r1.
 *
 * <ul>
 *   <li>A fence keeps w1 before w2 for whoever sees w2, and w3 is a release: who sees w3 sees all of w2. r1 is an acquire, and a
 *       fence keeps r2 before r3.
 *   <li>If r2 saw any part of a change, r3 sees its w1 or what came after, which is no longer the number of r1. If r1 saw the w3 of a
 *       change, r2 sees that change whole. So what is kept is what stood there between two changes. The version repeats
 *       after 2<sup>30</sup> changes of one segment, in the time of one look-up; that is the one thing left to luck.
 *   <li>A location of 12 bytes, or a hash of 16, may be read in two halves of different age. It is then thrown away with all else of
 *       that r2, and so is whatever was computed from it: the reader follows nothing that it reads but the
 *       fingerprints, by which it decides whether to look at an entry, to go on or to stop. It stops after as many groups as there
 *       are in any case, and every slot is in mapped memory.
 *   <li>Which blocks a segment has is one reference to an object whose fields are final, so that a reader has either all of the old ones or
 *       all of the new ones. It is exchanged while the version is odd, by one that has the same entries.
 *   <li>A split fills two new segments that nobody knows, enters them in the directory while it holds their locks, and
 *       then marks the old one as retired, which is an odd version for ever. Until then both say the same, because nobody can
 *       change either; from then on a reader of the old one is sent back to the directory, where the new ones are. Nobody sees an
 *       old location after a newer one was acknowledged.
 *   <li>The blocks of the old segment go to others only after that mark, and those of a shorter row after that change. A reader that is still among them may see what others write
 *       there, but then it sees the mark or the change as well, by the same two fences.
 *   <li>Memory is not unmapped while a reader can reach it: it stays mapped as long as the buffer is reachable, and the reader
 *       reaches it.
 * </ul>
 *
 * <p>A reader that finds a version odd too often takes the lock, and so waits for its turn. A writer that an Error ends in the
 * middle leaves the version odd: the segment is damaged then, and says so to everybody. It needs neither memory nor a wait
 * between w1 and w3, and has made sure of its stack before.
 *
 * <h2>What a crash leaves</h2>
 *
 * <p>Nothing that is believed. The file counts for nothing unless it has a seal: a header and a list of the segments with their checksums
 * (see {@code TableSeal}). A close writes it last. An opening reads it and overwrites the header before it changes anything
 * else; that is in the page cache, which the death of a process leaves as it is.
 *
 * <ul>
 *   <li>A process that dies with the table open leaves a header of zeros, at whatever moment: while it puts, grows or splits, and
 *       before or after it has written the list.
 *   <li>Where the power fails, the device may have written any of the pages and not others, in any order. The store has removed its mark
 *       of a clean close, durably, before the first write after an opening, and writes it after the table was forced; so a file
 *       without the mark is not even looked at. And were it looked at: a header without its list, a list without its blocks, or a
 *       page that is missing, has another checksum.
 *   <li>Damage of the header or the list is found by the opening; damage of a block before its segment is first used, since nobody
 *       reads all of a table to open it. Whoever needs that segment gets a {@link org.blobarena.index.DamagedIndexException}, and the
 *       table is not sealed again. The store then refuses writes before it appends anything, and leaves no mark; the next opening
 *       makes a new table from the arena files.
 *   <li>A file that was sealed earlier, or in another store, is not taken for the last: each seal has a fresh random number of 64
 *       bits, which stands in the header, in the file's name from then on, and so in the store's mark. It says the store and the
 *       close in one.
 *   <li>Somebody who forges a file can compute checksums as well. So every number is compared with what it counts, and a segment is used
 *       only if its entries stand in order, each key once, where they are looked for, and as many as the list says. What remains is a wrong location of a
 *       right form, which the store finds when it reads the record, since that has its key.
 * </ul>
 *
 * <h2>Space</h2>
 *
 * <p>A write to a mapped page for which there is no space would end the JVM. So the file is made longer by writing zeros, which
 * fails with an exception, before the new part is mapped. An index that cannot grow goes on with what it has. A file that was closed
 * in this JVM may be mapped still, and would keep its space when it is deleted; the next table takes it over (see {@code
 * ClosedFiles}).
 *
 * <p>What stands in a file is read through its channel before it is first used where it is mapped, so that a file which was cut,
 * or a page that cannot be read, is found there. Two limits remain, and both end the JVM: somebody who cuts the file, or a device
 * that breaks, while it is in use; and a full disk where the copy of a file has holes, since the JDK does not tell how much of a file is allocated.
 *
 * <p>Threads: an index is safe from any thread; opening and closing one is not. A cursor belongs to one thread at a time. The order in
 * which locks are taken is: a segment, the two that it becomes, the directory; or a segment, the file.
 */
@NullMarked
package org.blobarena.index.table;

import org.jspecify.annotations.NullMarked;
