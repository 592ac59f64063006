package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a blob in the buffer that it was read into; see {@link BlobStore#read}.
 *
 * @param <R> the result
 */
@FunctionalInterface
public interface BlobFunction<R> {

    /**
     * Uses a blob.
     *
     * @param blob the blob from position to limit, big-endian, not to be written to, and not to be used once this
     *     method has returned
     * @return whatever the caller wants
     * @throws IOException if the function does I/O of its own that fails
     */
    @Nullable R apply(ByteBuffer blob) throws IOException;
}
