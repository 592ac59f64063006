package org.blobarena.store;

import java.io.IOException;

/**
 * Thrown if a store is used after it was closed. Its streams throw an {@link IOException} with this exception as the
 * cause.
 */
public final class StoreClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    StoreClosedException(String message) {
        super(message);
    }

    /** The same as a stream says it, whose users expect nothing else. */
    IOException ofStream() {
        return new IOException(getMessage(), this);
    }

    /** Throws what a stream of the store's has wrapped; else returns the failure of a stream as it is. */
    static IOException orSame(IOException failure) {
        if (failure.getCause() instanceof StoreClosedException closed) {
            throw closed;
        }
        return failure;
    }
}
