/**
 * Copies of a store as it is at one moment, by links or byte for byte, and the way back.
 *
 * <p>Its one job is to make another directory a whole store or none, whatever happens in between. What the bytes of an arena file
 * mean is not looked at but for the header. It stands on write and recovery; the engine and restorations use it.
 *
 * <p>Threads: each object is for one.
 */
@NullMarked
package org.blobarena.store.internal.snapshot;

import org.jspecify.annotations.NullMarked;
