/**
 * The way of the store to the channels behind a budget of descriptors, which users do not see.
 *
 * <p>Stands over {@code arena}, which does not know it.
 *
 * <p>Thread rule: safe from any thread.
 */
@NullMarked
package org.blobarena.arena.internal.budget;

import org.jspecify.annotations.NullMarked;
