package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import org.blobarena.cli.text.Key;
import org.blobarena.store.api.Expiry;

/** The blobs of a store by their keys, whether it has one for each or keeps the same content once. */
public interface KeyedBlobs extends ReadableBlobs {

    /** That a store of this kind has no such keys. */
    final class KeyException extends IOException {

        private static final long serialVersionUID = 1L;

        KeyException(String message) {
            super(message);
        }
    }

    /**
     * Puts a blob.
     *
     * @param content read to its end
     * @throws KeyException if there cannot be such a key
     */
    void put(Key key, InputStream content) throws IOException;

    /**
     * Puts a blob that expires.
     *
     * @param content read to its end
     * @throws KeyException if there cannot be such a key, or it cannot expire
     */
    void put(Key key, InputStream content, Expiry expiry) throws IOException;

    /** Whether there was one. */
    boolean remove(Key key) throws IOException;

    /** What else a command that put them may tell. */
    String summary();
}
