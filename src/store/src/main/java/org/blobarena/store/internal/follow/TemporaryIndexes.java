package org.blobarena.store.internal.follow;

import java.io.Closeable;
import java.io.IOException;
import org.blobarena.index.LocationIndex;

/** Makes the indexes of a view, outside of the store's directory. To be closed behind them. */
public interface TemporaryIndexes extends Closeable {

    /** Makes an empty index for a number of keys, beyond which it grows. */
    LocationIndex create(long expectedKeys) throws IOException;

    @Override
    void close() throws IOException;
}
