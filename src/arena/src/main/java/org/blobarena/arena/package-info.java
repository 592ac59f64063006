/**
 * A file-backed allocator, usable alone: push bytes, get a {@link org.blobarena.arena.Location}, read by it
 * from any thread while the bytes stay on disk.
 *
 * <p>Needs the JDK alone. The store stands on it; it knows nothing of records, keys or indexes.
 *
 * <p>Thread rule: everything here is safe from any thread, but a {@link org.blobarena.arena.FileArenaBuilder} and a {@link
 * org.blobarena.arena.ByteArrayBuilder} are for one at a time.
 *
 * <p>The model is the Rust crate <i>farena</i> 0.3.1.
 */
@NullMarked
package org.blobarena.arena;

import org.jspecify.annotations.NullMarked;
