/**
 * What the stages of a store share: its files and what counts of them, the index as the store uses it, the locks of keys, the
 * reserve, and background threads.
 *
 * <p>Its one job is to hold state that outlives an operation. It uses the format, the index and the arena's files; records,
 * writes, compaction, recovery and the engine stand on it.
 *
 * <p>Threads: everything is safe from any thread unless its class says otherwise.
 */
@NullMarked
package org.blobarena.store.internal.core;

import org.jspecify.annotations.NullMarked;
