package org.blobarena.store;

import java.io.IOException;
import java.io.OutputStream;

/** A function that writes a blob to a stream; see {@link BlobStore#put(Object, BlobWriter)}. */
@FunctionalInterface
public interface BlobWriter {

    /**
     * Writes the whole blob. It is stored when this method returns, and discarded if this method throws.
     *
     * @param out the stream, which accepts bytes until this method returns. Closing it ends the writing but does not
     *     store the blob
     * @throws IOException if the blob cannot be written or its source cannot be read; nothing is stored
     */
    void writeTo(OutputStream out) throws IOException;
}
