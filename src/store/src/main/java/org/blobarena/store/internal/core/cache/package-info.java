/**
 * What the core knows of a cache: its options, which records of a file were used, and when.
 *
 * <p>It stands on the JDK alone.
 *
 * <p>Threads: everything is safe from any thread.
 */
@NullMarked
package org.blobarena.store.internal.core.cache;

import org.jspecify.annotations.NullMarked;
