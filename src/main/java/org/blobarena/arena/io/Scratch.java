package org.blobarena.arena.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A pooled direct buffer and checksum for one read at a time.
 *
 * <p>A read into a heap array makes the JDK keep a direct buffer as large as the largest read, for every
 * thread. Reading in pieces through these keeps that memory bounded: at most {@value Pool#SIZE} buffers of
 * {@value #BYTES} bytes stay with the process; more threads at once allocate theirs and drop them.
 */
public final class Scratch implements AutoCloseable {

    /** Bytes of the buffer. */
    public static final int BYTES = 64 * 1024;

    private static final Pool<Scratch> POOL = new Pool<>(Scratch::new);

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer readOnly = buffer.asReadOnlyBuffer();
    private boolean taken;

    private Scratch() {}

    /**
     * Takes one out of the pool, to be closed by the same thread.
     *
     * @return a scratch that nobody else uses until it is closed
     */
    public static Scratch take() {
        Scratch scratch = POOL.take();
        scratch.taken = true;
        return scratch;
    }

    /**
     * The buffer, emptied.
     *
     * @return a little-endian direct buffer with position 0 and limit {@value #BYTES}; it is the caller's until
     *     {@link #close}
     */
    public ByteBuffer buffer() {
        return buffer.clear();
    }

    /**
     * The buffer, emptied, with room for a piece of something larger.
     *
     * @param wanted how many bytes are still to come, 0 or more
     * @return the buffer with position 0 and a limit of {@code wanted} or {@value #BYTES}, whichever is less
     */
    public ByteBuffer buffer(long wanted) {
        return buffer.clear().limit((int) Math.min(BYTES, wanted));
    }

    /**
     * A part of what stands in the buffer, for those who must not change it.
     *
     * @param part a buffer of this scratch, whose position and limit say which part
     * @return a read-only, big-endian buffer with the same position and limit, again the same object
     */
    public ByteBuffer readOnly(ByteBuffer part) {
        return readOnly.order(ByteOrder.BIG_ENDIAN).limit(part.limit()).position(part.position());
    }

    /**
     * The checksum, reset.
     *
     * @return a CRC-32C of nothing
     */
    public CRC32C checksum() {
        checksum.reset();
        return checksum;
    }

    /** Puts it back; again does nothing, lest two threads get it. */
    @Override
    public void close() {
        if (!taken) {
            return;
        }
        taken = false;
        POOL.give(this);
    }
}
