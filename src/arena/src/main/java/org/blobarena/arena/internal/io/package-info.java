/**
 * The seam to the file system: everything that arena and store do with files goes through {@link
 * org.blobarena.arena.internal.io.Directory} and {@link org.blobarena.arena.internal.io.FileHandle}, so that a test can fail,
 * tear, reorder and freeze every operation.
 *
 * <p>Not for users of the library: it may change with any release. Its neighbours are {@code arena}, which
 * reads and writes through it, and {@code store}, which also lists, renames and deletes.
 *
 * <p>Thread rule: directories and handles are safe from any thread.
 */
@NullMarked
package org.blobarena.arena.internal.io;

import org.jspecify.annotations.NullMarked;
