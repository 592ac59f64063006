/**
 * An open store: look-ups, reads, writes, iteration, snapshots and closing.
 *
 * <p>Its one job is to make one store of the stages below: {@link org.blobarena.store.internal.engine.StoreReads} and {@link
 * org.blobarena.store.internal.engine.StoreWrites} are where operations begin. The public classes stand on it.
 *
 * <p>Threads: everything is safe from any thread unless its class says otherwise.
 */
@NullMarked
package org.blobarena.store.internal.engine;

import org.jspecify.annotations.NullMarked;
