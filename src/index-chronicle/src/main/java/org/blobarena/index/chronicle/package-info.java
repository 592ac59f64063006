/**
 * The index on Chronicle Map, in memory that the garbage collector never sees, in a file that grows by itself.
 *
 * <p>Its one job is to make, open, change and grow that file. Below it stand {@code map}, one map of fixed capacity and its
 * file, and {@code runtime}, what must be done before the first; above it the store, which finds it through {@link
 * org.blobarena.index.LocationIndexFactory}. Nobody else knows Chronicle Map.
 *
 * <p>Threads: an index is safe from any thread; opening and closing one is not. A cursor belongs to one thread at a time.
 * Reads hold no lock of ours; changes of one key exclude each other.
 */
@NullMarked
package org.blobarena.index.chronicle;

import org.jspecify.annotations.NullMarked;
