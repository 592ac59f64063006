package org.blobarena.store.internal.core;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of a file come from. */
@FunctionalInterface
public interface ByteSource {

    /** Fills a buffer from an offset of the file, as {@link org.blobarena.arena.internal.file.ReadableFile#read} does. */
    void read(ByteBuffer target, long offset) throws IOException;
}
