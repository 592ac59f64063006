/**
 * Files that are appended to and read: buffers, flushes, forces and cuts, by offsets alone.
 *
 * <p>Stands over {@code arena.internal.io} and {@code arena.internal.nio}. The arena is a face of it that knows locations; the
 * store writes and reads its records through it. It knows nothing of either.
 *
 * <p>Thread rule: files are safe from any thread.
 */
@NullMarked
package org.blobarena.arena.internal.file;

import org.jspecify.annotations.NullMarked;
