package org.blobarena.store.internal.recovery;

import java.io.Closeable;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.write.RecordWriter;

/**
 * What an opening gives to who runs the store, and closes it.
 *
 * @param indexes the kind of its index
 * @param lock the lock of the directory
 * @param isTemporary whether nothing of it is wanted once it is closed
 */
public record OpenedStore(
        StoreContext context,
        LocationIndex index,
        LocationIndexFactory indexes,
        RecordWriter writer,
        OpenReport report,
        Closeable lock,
        boolean isTemporary) {}
