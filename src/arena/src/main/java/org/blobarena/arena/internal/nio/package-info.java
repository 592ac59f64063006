/**
 * Directories of the file system that the JDK sees, behind the seam of {@code arena.internal.io}.
 *
 * <p>Stands over {@code arena.internal.channel} and {@code arena.internal.lock}. The arena, the store and its index make
 * their directories here.
 *
 * <p>Thread rule: directories and handles are safe from any thread.
 */
@NullMarked
package org.blobarena.arena.internal.nio;

import org.jspecify.annotations.NullMarked;
