package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A function of a blob in the buffer that it was read into; see {@link BlobStore#read}.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface BlobFunction<R> {

    /**
     * Applies this function to a blob.
     *
     * @param blob the blob, from position to limit, big-endian; it must not be written to, nor used after this method
     *     returns
     * @return the result
     * @throws IOException if I/O of this function fails
     */
    @Nullable R apply(ByteBuffer blob) throws IOException;
}
