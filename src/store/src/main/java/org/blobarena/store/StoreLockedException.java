package org.blobarena.store;

import java.io.IOException;

/** Thrown if the store is open already, in this or another process, which the message names. */
public final class StoreLockedException extends IOException {

    private static final long serialVersionUID = 1L;

    StoreLockedException(String message) {
        super(message);
    }
}
