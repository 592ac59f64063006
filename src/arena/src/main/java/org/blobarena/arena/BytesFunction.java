package org.blobarena.arena;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A function of bytes in the buffer that they were read into; see {@link ReadableArena#read}.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface BytesFunction<R> {

    /**
     * Applies this function to bytes.
     *
     * @param bytes a read-only buffer with the bytes from position to limit, big-endian; it must not be used after this
     *     method returns
     * @return the result
     * @throws IOException if I/O of this function fails
     */
    @Nullable R apply(ByteBuffer bytes) throws IOException;
}
