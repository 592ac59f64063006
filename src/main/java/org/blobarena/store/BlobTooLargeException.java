package org.blobarena.store;

/** A blob, or a key, is larger than the store can hold. Nothing was written. The message says the limit. */
public final class BlobTooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    BlobTooLargeException(String message) {
        super(message);
    }
}
