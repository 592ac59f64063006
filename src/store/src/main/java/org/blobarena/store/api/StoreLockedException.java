package org.blobarena.store.api;

import java.io.IOException;

/** Thrown if the store is open already, in this or another process, which the message names. */
public final class StoreLockedException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what happened, and to which file or directory
     */
    public StoreLockedException(String message) {
        super(message);
    }
}
