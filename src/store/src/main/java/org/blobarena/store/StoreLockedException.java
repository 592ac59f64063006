package org.blobarena.store;

import java.io.IOException;

/** The store is open already, in this process or another, which the message names. */
public final class StoreLockedException extends IOException {

    private static final long serialVersionUID = 1L;

    StoreLockedException(String message) {
        super(message);
    }
}
