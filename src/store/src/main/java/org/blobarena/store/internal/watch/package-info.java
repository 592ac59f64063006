/**
 * What the recorder of the JDK (JFR) is told of stores: an event class for each kind of happening.
 *
 * <p>Its one job is to keep that recorder optional: {@link org.blobarena.store.internal.watch.Recordings} is asked first, and no
 * event class is loaded before there was a recording, nor where the JDK has no recorder. All stages of a store stand on it.
 *
 * <p>Threads: an event belongs to the thread that began it.
 */
@NullMarked
package org.blobarena.store.internal.watch;

import org.jspecify.annotations.NullMarked;
