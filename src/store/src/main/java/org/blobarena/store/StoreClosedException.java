package org.blobarena.store;

import java.io.IOException;

/** The store was used after it was closed. Its streams say so by an {@link IOException} with this one as the cause. */
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
