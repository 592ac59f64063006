package org.blobarena.store;

/**
 * Thrown by writes if a key or a blob is larger than the store can hold, and by reads if a blob is longer than {@link
 * BlobStoreBuilder#maxBlobBytes}. The message contains the limit. A write that throws it stores nothing of the blob.
 */
public final class BlobTooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    BlobTooLargeException(String message) {
        super(message);
    }
}
