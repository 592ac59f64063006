package org.blobarena.store;

import java.io.IOException;

/**
 * Thrown if a file in the store's directory belongs to another store. The file was neither read further nor changed.
 */
public final class ForeignFileException extends IOException {

    private static final long serialVersionUID = 1L;

    ForeignFileException(String message) {
        super(message);
    }
}
