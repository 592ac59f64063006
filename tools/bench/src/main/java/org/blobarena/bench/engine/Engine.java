package org.blobarena.bench.engine;

import java.io.IOException;

/** An open store of blobs, for use by several threads. The arrays that it is given belong to the caller again at return. */
public interface Engine extends AutoCloseable {

    /** Puts a blob, in the place of the one that the key may have. */
    void put(byte[] key, byte[] blob) throws IOException;

    /** @return a new array, or null if there is no such key */
    byte[] get(byte[] key) throws IOException;

    /** The store's cheapest way of saying so. */
    default boolean contains(byte[] key) throws IOException {
        return get(key) != null;
    }

    /** Deletes a key, which may be absent. */
    void delete(byte[] key) throws IOException;

    @Override
    void close() throws IOException;
}
