package org.blobarena.store.api;

import java.io.IOException;

/**
 * Thrown if a file in the store's directory belongs to another store. The file was neither read further nor changed.
 */
public final class ForeignFileException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what happened, and to which file or directory
     */
    public ForeignFileException(String message) {
        super(message);
    }
}
