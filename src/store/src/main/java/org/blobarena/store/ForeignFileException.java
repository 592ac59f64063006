package org.blobarena.store;

import java.io.IOException;

/** A file in the store's directory belongs to another store. It was neither read nor changed. */
public final class ForeignFileException extends IOException {

    private static final long serialVersionUID = 1L;

    ForeignFileException(String message) {
        super(message);
    }
}
