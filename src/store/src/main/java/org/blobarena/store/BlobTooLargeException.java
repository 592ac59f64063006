package org.blobarena.store;

/**
 * A blob, or a key, is larger than the store can hold, and nothing was written; or a blob is longer than what is read into
 * memory as a whole, see {@link BlobStoreBuilder#maxBlobBytes}. The message says the limit.
 */
public final class BlobTooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    BlobTooLargeException(String message) {
        super(message);
    }
}
