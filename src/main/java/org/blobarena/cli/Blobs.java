package org.blobarena.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.blobarena.store.BlobStore;
import org.jspecify.annotations.Nullable;

/** Reads blobs of any size outside of the heap. */
final class Blobs {

    private Blobs() {}

    /**
     * Reads a blob into a buffer of its size.
     *
     * @return null when the key is absent; valid until the buffer is used again
     */
    static @Nullable ByteBuffer read(BlobStore<String> store, String key, BlobBuffer buffer) throws IOException {
        OptionalLong bytes = store.sizeOf(key);
        if (bytes.isEmpty()) {
            return null;
        }
        ByteBuffer content = buffer.room("the blob of key \"" + key + "\"", bytes.getAsLong());
        return store.get(key, content).isEmpty() ? null : content.flip();
    }
}
