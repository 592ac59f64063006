/**
 * The seam to the file system: everything that the library does with files goes through {@link
 * org.blobarena.arena.internal.io.Directory} and {@link org.blobarena.arena.internal.io.FileHandle}, so that a test can fail,
 * tear, reorder and freeze every operation.
 *
 * <p>Not for users of the library: it may change with any release. The arena, the index, the store and
 * the command line stand on it.
 *
 * <p>Thread rule: directories and handles are safe from any thread.
 */
@NullMarked
package org.blobarena.arena.internal.io;

import org.jspecify.annotations.NullMarked;
