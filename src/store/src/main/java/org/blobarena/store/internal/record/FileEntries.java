package org.blobarena.store.internal.record;

import java.io.IOException;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.api.CorruptBlobException;
import org.jspecify.annotations.Nullable;

/** What the records of a file are, one after the other in the order of the file. For one thread. */
public interface FileEntries {

    /**
     * The next entry, or null after the last.
     *
     * @throws CorruptBlobException if the file is damaged
     * @throws IOException if it cannot be read
     */
    IndexBlock.@Nullable Entry next() throws IOException;
}
