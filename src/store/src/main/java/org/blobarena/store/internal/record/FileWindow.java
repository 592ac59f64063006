package org.blobarena.store.internal.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.blobarena.store.internal.core.ByteSource;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file in memory, which moves on when bytes are asked for that are not in it: records that stand near each
 * other cost one read. Whatever the lengths on disk say, it reads no more at once than its buffer holds.
 *
 * <p>For one thread at a time.
 */
public final class FileWindow implements ByteSource {

    /** The buffer of one that reads many records. */
    public static final int BYTES = 256 * 1024;

    private ByteBuffer buffer;
    private boolean readsAhead;
    private int bytesAtFirst;
    private @Nullable ByteSource source;
    private long end;

    /** What has been read, from {@link #start} on: the buffer, or for the few longest keys a larger one. */
    private ByteBuffer bytes;

    private long start;
    private int count;

    /** A window without a buffer of its own: one comes with every file. */
    FileWindow() {
        this(ByteBuffer.allocate(0));
    }

    private FileWindow(ByteBuffer buffer) {
        this.buffer = buffer;
        this.bytes = buffer;
    }

    /** Returns a window with a buffer of its own. */
    public static FileWindow ofBytes(int bytes) {
        return new FileWindow(ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /**
     * Turns to a file, of which nothing has been read yet.
     *
     * @param fileEnd where the bytes end that may be read
     */
    public void turnTo(ByteSource newSource, long fileEnd) {
        turnTo(newSource, fileEnd, buffer.clear());
        readsAhead = true;
    }

    /**
     * The same with another buffer, and nothing but what is asked for is read, except at first.
     *
     * @param lent little-endian, from position 0 to a limit that says how much is read at first
     */
    public void turnTo(ByteSource newSource, long fileEnd, ByteBuffer lent) {
        buffer = lent;
        bytes = lent;
        bytesAtFirst = lent.limit();
        readsAhead = false;
        source = newSource;
        end = fileEnd;
        count = 0;
    }

    /** Forgets what was read: its buffer is used for something else. */
    void forget() {
        count = 0;
    }

    /** Lets go of the file. */
    public void clear() {
        source = null;
        count = 0;
    }

    /** Returns where the bytes end that may be read. */
    public long end() {
        return end;
    }

    /**
     * Brings bytes into memory that lie before the end.
     *
     * @return the index of the first in {@link #bytes}
     */
    public int load(long position, int length) throws IOException {
        if (position < start || position + length > start + count) {
            read(position, length);
        }
        bytes.limit(count).position(0);
        return (int) (position - start);
    }

    /** Returns the bytes that were loaded. They are the caller's until the window is used again. */
    ByteBuffer bytes() {
        return bytes;
    }

    /**
     * Some of the bytes from a position on, which lies before the end: at least one.
     *
     * @return them from position to limit, the caller's until the window is used again
     */
    public ByteBuffer piece(long position, long wanted) throws IOException {
        if (position < start || position >= start + count) {
            read(position, (int) Math.min(buffer.capacity(), wanted));
        }
        int at = (int) (position - start);
        return bytes.limit(at + (int) Math.min(wanted, count - at)).position(at);
    }

    @Override
    public void read(ByteBuffer target, long offset) throws IOException {
        long position = offset;
        while (target.hasRemaining()) {
            ByteBuffer piece = piece(position, target.remaining());
            position += piece.remaining();
            target.put(piece);
        }
    }

    private void read(long position, int length) throws IOException {
        int wanted = (int) Math.min(Math.max(length, bytesAtFirst), end - position);
        ByteSource file = Objects.requireNonNull(source, "source");
        bytesAtFirst = readsAhead ? bytesAtFirst : 0;
        count = 0;
        if (wanted <= buffer.capacity()) {
            bytes = buffer;
            file.read(bytes.clear().limit(wanted), position);
        } else {
            bytes = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining()) {
                buffer.clear().limit(Math.min(buffer.capacity(), bytes.remaining()));
                file.read(buffer, position + bytes.position());
                bytes.put(buffer.flip());
            }
        }
        start = position;
        count = wanted;
    }
}
