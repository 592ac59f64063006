package org.blobarena.store;

/** The store was used after it was closed. */
public final class StoreClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    StoreClosedException(String message) {
        super(message);
    }
}
