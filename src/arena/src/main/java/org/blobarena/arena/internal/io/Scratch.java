package org.blobarena.arena.internal.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A pooled direct buffer and checksum for one read at a time.
 *
 * <p>A read into a heap array makes the JDK keep a direct buffer as large as the largest read, for every
 * thread. Reading in pieces through these keeps that memory bounded, whatever the number of threads: there are {@value
 * #COUNT} buffers of {@value #BYTES} bytes for reads, {@value #COUNT} for what reads need a second one for, and {@value
 * #LENT_COUNT} to be lent to code that may take its time. A thread that finds none waits for one, as {@link Pool} says,
 * or is lent none.
 */
public final class Scratch implements AutoCloseable {

    /** Bytes of the buffer. */
    public static final int BYTES = 64 * 1024;

    /** How many there are for reads, and again as second ones. */
    public static final int COUNT = 64;

    /** How many there are to be lent. */
    public static final int LENT_COUNT = 32;

    private static final Pool<Scratch> FIRST = Pool.bounded(COUNT, () -> new Scratch(Scratch.FIRST));
    private static final Pool<Scratch> SECOND = Pool.bounded(COUNT, () -> new Scratch(Scratch.SECOND));
    private static final Pool<Scratch> LENT = Pool.bounded(LENT_COUNT, () -> new Scratch(Scratch.LENT));

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer readOnly = buffer.asReadOnlyBuffer();
    private final Pool<Scratch> pool;
    private boolean taken;

    private Scratch(Pool<Scratch> pool) {
        this.pool = pool;
    }

    /**
     * Takes one for a read, to be closed by the same thread when that is done: before it calls code of the user's, waits for a
     * peer, or takes another in this way.
     *
     * @return a scratch that nobody else uses until it is closed
     */
    public static Scratch take() {
        return FIRST.take().taken();
    }

    /**
     * Takes another one, for a thread that has one of {@link #take} and takes no third.
     *
     * @return a scratch that nobody else uses until it is closed
     */
    public static Scratch takeSecond() {
        return SECOND.take().taken();
    }

    /**
     * Takes one that may be kept while other code runs, to be closed by the same thread.
     *
     * @return a scratch that nobody else uses until it is closed, or null when all are lent
     */
    public static @Nullable Scratch tryLend() {
        Scratch scratch = LENT.tryTake();
        return scratch == null ? null : scratch.taken();
    }

    private Scratch taken() {
        taken = true;
        return this;
    }

    /**
     * Returns the buffer, emptied.
     *
     * @return a little-endian direct buffer with position 0 and limit {@value #BYTES}; it is the caller's until
     *     {@link #close}
     */
    public ByteBuffer buffer() {
        return buffer.clear();
    }

    /**
     * Returns the buffer, emptied, with room for a piece of something larger.
     *
     * @param wanted how many bytes are still to come, 0 or more
     * @return the buffer with position 0 and a limit of {@code wanted} or {@value #BYTES}, whichever is less
     */
    public ByteBuffer buffer(long wanted) {
        return buffer.clear().limit((int) Math.min(BYTES, wanted));
    }

    /**
     * Returns a part of what stands in the buffer, for those who must not change it.
     *
     * @param part a buffer of this scratch, whose position and limit say which part
     * @return a read-only, big-endian buffer with the same position and limit, again the same object
     */
    public ByteBuffer readOnly(ByteBuffer part) {
        return readOnly.order(ByteOrder.BIG_ENDIAN).limit(part.limit()).position(part.position());
    }

    /**
     * Returns the checksum, reset.
     *
     * @return a CRC-32C of nothing
     */
    public CRC32C checksum() {
        checksum.reset();
        return checksum;
    }

    /** Puts it back. A second call does nothing, so that no two threads get it. */
    @Override
    public void close() {
        if (!taken) {
            return;
        }
        taken = false;
        pool.give(this);
    }
}
