package org.blobarena.store.api;

import java.io.IOException;

/** Thrown if the directory holds no store and none may be created there. Nothing was changed. */
public final class NotAStoreException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what happened, and to which file or directory
     */
    public NotAStoreException(String message) {
        super(message);
    }
}
