/**
 * The lock that keeps other processes out of a directory, and the names in that directory while it is locked.
 *
 * <p>Stands over {@code arena.internal.io} and {@code arena.internal.channel}. The directories of {@code arena.internal.nio} use
 * it and nobody else.
 *
 * <p>Thread rule: a directory and its lock are safe from any thread, a locked file is not.
 */
@NullMarked
package org.blobarena.arena.internal.lock;

import org.jspecify.annotations.NullMarked;
