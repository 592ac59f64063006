package org.blobarena.store.api;

import org.blobarena.store.BlobStoreBuilder;

/**
 * Thrown by writes if a key or a blob is larger than the store can hold, and by reads if a blob is longer than {@link
 * BlobStoreBuilder#maxBlobBytes}. The message contains the limit. A write that throws it stores nothing of the blob.
 */
public final class BlobTooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what happened, and to which file or directory
     */
    public BlobTooLargeException(String message) {
        super(message);
    }
}
