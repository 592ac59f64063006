package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.Location;

/** Neighbouring records of one file, fetched in one read. For one thread. */
final class ReadWindow implements ByteSource {

    /** The most that is fetched at once. */
    static final int BYTES = 256 * 1024;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    private long start;

    /** Fetches a part of a file, of at most {@value #BYTES} bytes. */
    void fill(StoreFile file, Location span) throws IOException {
        start = span.offset();
        file.read(buffer.clear().limit((int) span.length()), start);
        buffer.flip();
    }

    @Override
    public void read(ByteBuffer target, long offset) {
        int at = Math.toIntExact(offset - start);
        int length = target.remaining();
        target.put(target.position(), buffer, at, length).position(target.position() + length);
    }
}
