package org.blobarena.store;

import java.io.Closeable;
import org.blobarena.index.LocationIndex;

/**
 * What an opening gives to who runs the store, and closes it.
 *
 * @param lock the lock of the directory
 */
record OpenedStore(StoreContext context, LocationIndex index, RecordWriter writer, OpenReport report, Closeable lock) {}
