package org.blobarena.arena.internal.file;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Direct buffers of writers that have ended, for the next ones: the collector frees a direct buffer late, and so files
 * that come and go fast would take hundreds of megabytes. At most {@value #BYTES_MAX} bytes stay, of the buffers that
 * were given back last. Safe from any thread.
 */
final class BufferPool {

    /** The most that stays with the process. */
    static final int BYTES_MAX = 16 << 20;

    static final BufferPool SHARED = new BufferPool();

    private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();
    private long bytes;

    /** Returns an empty buffer of exactly this size, the caller's until it gives it back. */
    ByteBuffer take(int capacity) {
        synchronized (this) {
            for (Iterator<ByteBuffer> newestFirst = buffers.iterator(); newestFirst.hasNext(); ) {
                ByteBuffer buffer = newestFirst.next();
                if (buffer.capacity() == capacity) {
                    newestFirst.remove();
                    bytes -= capacity;
                    return buffer.clear();
                }
            }
        }
        return ByteBuffer.allocateDirect(capacity);
    }

    /** Takes a buffer that nobody uses any more. */
    synchronized void give(ByteBuffer buffer) {
        if (buffer.capacity() > BYTES_MAX) {
            return;
        }
        buffers.addFirst(buffer);
        bytes += buffer.capacity();
        while (bytes > BYTES_MAX) {
            bytes -= buffers.removeLast().capacity();
        }
    }
}
