/**
 * Records as they are written: the active file, the files of streams, sealing, forcing and copying.
 *
 * <p>Its one job is to append records in the order of their sequence numbers, as durable as asked. It stands on the core and
 * on records; who calls it holds the lock of the key.
 *
 * <p>Threads: {@link org.blobarena.store.internal.write.RecordWriter} is safe from any thread; the rest says who may call.
 */
@NullMarked
package org.blobarena.store.internal.write;

import org.jspecify.annotations.NullMarked;
