/**
 * File channels that no interrupt closes.
 *
 * <p>Stands over {@code arena.internal.io}, whose file handles it makes of channels. The lock and the directories of the file
 * system use it.
 *
 * <p>Thread rule: a handle is safe from any thread.
 */
@NullMarked
package org.blobarena.arena.internal.channel;

import org.jspecify.annotations.NullMarked;
