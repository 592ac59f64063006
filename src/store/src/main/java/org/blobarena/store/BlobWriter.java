package org.blobarena.store;

import java.io.IOException;
import java.io.OutputStream;

/** Writes a blob to a stream of the store's; see {@link BlobStore#put(Object, BlobWriter)}. */
@FunctionalInterface
public interface BlobWriter {

    /**
     * Writes the whole blob. What was written becomes the blob when this method returns, and is dropped when it throws.
     *
     * @param out takes the bytes, and nothing more once this method has returned. To close it, as streams around it do,
     *     ends the writing alone: only the return of this method stores the blob
     * @throws IOException if the blob cannot be written, or what it is made of not be had; nothing is then stored
     */
    void writeTo(OutputStream out) throws IOException;
}
