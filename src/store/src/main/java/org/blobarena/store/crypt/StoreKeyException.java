package org.blobarena.store.crypt;

import java.io.IOException;

/**
 * A key is missing or wrong, or there is one where none is needed. The message names the store and the id. Nothing was
 * changed, and nothing was read with a wrong key.
 */
public final class StoreKeyException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception.
     *
     * @param message which key of which store, and what is wrong with it
     */
    public StoreKeyException(String message) {
        super(message);
    }
}
