package org.blobarena.store.api;

import java.io.IOException;

/**
 * Thrown if a store is used after it was closed. Its streams throw an {@link IOException} with this exception as the
 * cause.
 */
public final class StoreClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message which store was closed
     */
    public StoreClosedException(String message) {
        super(message);
    }
}
