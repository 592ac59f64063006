package org.blobarena.arena.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.CRC32C;

/**
 * A pooled direct buffer and checksum for one read at a time.
 *
 * <p>A read into a heap array makes the JDK keep a direct buffer as large as the largest read, for every
 * thread. Reading in pieces through these keeps that memory bounded: at most {@value #POOLED} buffers of
 * {@value #BYTES} bytes stay with the process; more threads at once allocate theirs and drop them.
 */
public final class Scratch implements AutoCloseable {

    /** Bytes of the buffer. */
    public static final int BYTES = 64 * 1024;

    private static final int POOLED = 32;
    private static final AtomicReferenceArray<Scratch> POOL = new AtomicReferenceArray<>(POOLED);

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C checksum = new CRC32C();
    private boolean taken = true;

    private Scratch() {}

    /**
     * Takes one out of the pool, to be closed by the same thread.
     *
     * @return a scratch that nobody else uses until it is closed
     */
    public static Scratch take() {
        int home = (int) Thread.currentThread().getId();
        for (int i = 0; i < POOLED; i++) {
            int slot = (home + i) & (POOLED - 1);
            if (POOL.getPlain(slot) != null) {
                Scratch pooled = POOL.getAndSet(slot, null);
                if (pooled != null) {
                    pooled.taken = true;
                    return pooled;
                }
            }
        }
        return new Scratch();
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
        int home = (int) Thread.currentThread().getId();
        for (int i = 0; i < POOLED; i++) {
            int slot = (home + i) & (POOLED - 1);
            if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, this)) {
                return;
            }
        }
    }
}
