/**
 * The index: from the hash of a key to the {@link org.blobarena.arena.Location} of its newest record.
 *
 * <p>Its one job is to find a location in memory that the garbage collector never sees, in a file that grows by itself.
 * Below it is Chronicle Map, which no other package knows; above it the store, which rebuilds an index from the arena
 * files whenever it was not closed cleanly. It does no I/O on arena files and keeps no truth of its own.
 *
 * <p>Threads: an index is safe from any thread; opening and closing one is not. A cursor belongs to one thread at a time.
 * Reads hold no lock of ours; changes of one key exclude each other.
 */
@NullMarked
package org.blobarena.index;

import org.jspecify.annotations.NullMarked;
