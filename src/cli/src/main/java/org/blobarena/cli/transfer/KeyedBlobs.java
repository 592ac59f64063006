package org.blobarena.cli.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.blobarena.cli.text.Key;
import org.jspecify.annotations.Nullable;

/** The blobs of a store by their keys, whether it has one for each or keeps the same content once. */
public interface KeyedBlobs extends Closeable {

    /** That a store of this kind has no such keys. */
    final class KeyException extends IOException {

        private static final long serialVersionUID = 1L;

        KeyException(String message) {
            super(message);
        }
    }

    /** In no particular order. To be closed. */
    Stream<Key> keys();

    boolean contains(Key key) throws IOException;

    /** The length of a blob, or empty when there is none. */
    OptionalLong sizeOf(Key key) throws IOException;

    /** A blob, to be closed, or null when there is none. */
    @Nullable InputStream openStream(Key key) throws IOException;

    /**
     * Puts a blob.
     *
     * @param content read to its end
     * @throws KeyException if there cannot be such a key
     */
    void put(Key key, InputStream content) throws IOException;

    /** Whether there was one. */
    boolean remove(Key key) throws IOException;

    /** How many bytes the blobs have, or 0 when that is not known: for progress. */
    long bytes();

    /** What else a command that put them may tell. */
    String summary();
}
