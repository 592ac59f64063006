/**
 * The index as the store sees it: from the hash of a key to the {@link org.blobarena.arena.Location} of its newest record.
 *
 * <p>Its one job is to say what an index is and to find one that is there, through
 * {@link org.blobarena.index.IndexFactories}. One implementation stands in the package {@code table}, another in a module of
 * its own; above is the store, which rebuilds an index from the arena files whenever it was not closed cleanly. An index does
 * no I/O on arena
 * files and keeps no truth of its own.
 *
 * <p>Threads: an index is safe from any thread; opening and closing one is not. A cursor belongs to one thread at a time.
 */
@NullMarked
package org.blobarena.index;

import org.jspecify.annotations.NullMarked;
