package org.blobarena.store;

import java.io.IOException;

/** Thrown if the directory holds no store and none may be created there. Nothing was changed. */
public final class NotAStoreException extends IOException {

    private static final long serialVersionUID = 1L;

    NotAStoreException(String message) {
        super(message);
    }
}
