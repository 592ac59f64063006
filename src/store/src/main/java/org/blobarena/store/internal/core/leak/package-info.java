/**
 * What is not closed by who opened it: it is closed once nobody can reach it any more.
 *
 * <p>Its one job is to notice that, with one thread for all stores of a process, which is there while something is open and
 * sleeps until something is collected. It knows nothing of stores.
 *
 * <p>Threads: safe from any.
 */
@NullMarked
package org.blobarena.store.internal.core.leak;

import org.jspecify.annotations.NullMarked;
