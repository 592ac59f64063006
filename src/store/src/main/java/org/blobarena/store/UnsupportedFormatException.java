package org.blobarena.store;

import java.io.IOException;

/** Thrown if a file was written by a newer version of this library. The file was neither read further nor changed. */
public final class UnsupportedFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    UnsupportedFormatException(String message) {
        super(message);
    }
}
