package org.blobarena.store.api;

import java.io.IOException;

/** Thrown if a file was written by a newer version of this library. The file was neither read further nor changed. */
public final class UnsupportedFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what happened, and to which file or directory
     */
    public UnsupportedFormatException(String message) {
        super(message);
    }
}
