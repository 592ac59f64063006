/**
 * Records as they are read: decoded, checked and opened, one by one or file by file.
 *
 * <p>Its one job is to turn bytes of a file into a record or an exception; {@link
 * org.blobarena.store.internal.record.RecordFrame} is the one decoder. It stands on the core; it writes nothing.
 *
 * <p>Threads: what is open belongs to one thread at a time.
 */
@NullMarked
package org.blobarena.store.internal.record;

import org.jspecify.annotations.NullMarked;
