/**
 * Opening a store, after a clean close or a crash; verification; repair.
 *
 * <p>Its one job is to find what a directory truly holds. {@link org.blobarena.store.internal.recovery.StoreOpener} returns
 * what it opened, for the engine. It stands on writes and records.
 *
 * <p>Threads: one at a time, before or beside the engine as each class says.
 */
@NullMarked
package org.blobarena.store.internal.recovery;

import org.jspecify.annotations.NullMarked;
