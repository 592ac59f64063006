/**
 * When something is to happen: one thread for all stores of a process, which only wakes others.
 *
 * <p>Its one job is to wait. It knows nothing of stores; the threads of a store, which do the work, stand above it.
 *
 * <p>Threads: safe from any.
 */
@NullMarked
package org.blobarena.store.internal.core.timer;

import org.jspecify.annotations.NullMarked;
