/**
 * How work on a whole store goes, such as a verification or a snapshot: how fast, and who is told.
 *
 * <p>Threads: its objects are immutable.
 */
@NullMarked
package org.blobarena.store.upkeep;

import org.jspecify.annotations.NullMarked;
