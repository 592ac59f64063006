/**
 * Compaction: which files give their space back, how their live records move, and when a replaced file is deleted.
 *
 * <p>Its one job is to hold the bound on dead bytes. {@link org.blobarena.store.internal.compact.VictimChoice} is the policy.
 * It stands on writes, and on records for files that a crash has torn.
 *
 * <p>Threads: one round at a time, in a background thread or in the caller's.
 */
@NullMarked
package org.blobarena.store.internal.compact;

import org.jspecify.annotations.NullMarked;
