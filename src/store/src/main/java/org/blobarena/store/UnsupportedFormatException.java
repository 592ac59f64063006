package org.blobarena.store;

import java.io.IOException;

/** A file was written by a newer version of this library. It was neither read further nor changed. */
public final class UnsupportedFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    UnsupportedFormatException(String message) {
        super(message);
    }
}
