package org.blobarena.arena.internal.file;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a writer has taken and the file has not: the <i>head</i>, which is on its way to the file or waits for the next
 * attempt, and behind it the <i>tail</i>, which takes pushes. No push is split between the two.
 *
 * <p>Not safe for several threads: {@link AppendFile} guards it, every change with its append lock, and a swap and
 * the end of a head with its flush lock besides.
 */
final class WriteBuffers {

    private static final ByteBuffer NO_BUFFER = ByteBuffer.allocate(0);

    private final int bytes;
    private ByteBuffer tail;
    private long tailStart;
    private @Nullable ByteBuffer head;
    private @Nullable ByteBuffer spare;

    /** Whether there was no memory for a second buffer. */
    private boolean single;

    /** Allocates one buffer; a second one comes with the first swap, where there is memory for it. */
    WriteBuffers(int bytes) {
        this.bytes = bytes;
        this.tail = BufferPool.SHARED.take(bytes);
    }

    /** Returns the most that one push can have. */
    int capacity() {
        return bytes;
    }

    /** Returns how much the tail can still take. */
    int remaining() {
        return tail.remaining();
    }

    boolean isTailEmpty() {
        return tail.position() == 0;
    }

    /** With an empty tail: where its first byte will stand in the file. */
    void startAt(long offset) {
        tailStart = offset;
    }

    /** Forgets what the tail has behind an offset: of a push that did not come to its end. */
    void trimTo(long length) {
        tail.position((int) (length - tailStart));
    }

    /** Leaves the position of the part, which may come twice in one push. */
    void append(ByteBuffer part) {
        int at = tail.position();
        tail.put(at, part, part.position(), part.remaining());
        tail.position(at + part.remaining());
    }

    /**
     * Makes the tail the head, of which there must be none, and begins a new tail.
     *
     * @return false if nothing was done, for want of memory for a second buffer: the tail has to be written where it is
     */
    boolean swap() {
        ByteBuffer empty = spare == null ? second() : spare.clear();
        if (empty == null) {
            return false;
        }
        spare = null;
        tailStart += tail.position();
        head = tail.flip();
        tail = empty;
        return true;
    }

    /** Asked for once: where memory is short, each attempt takes long. */
    private @Nullable ByteBuffer second() {
        if (single) {
            return null;
        }
        try {
            return BufferPool.SHARED.take(bytes);
        } catch (OutOfMemoryError e) {
            single = true;
            return null;
        }
    }

    /** Returns what the tail has, to be written by who keeps others from pushing. Only a duplicate may be moved. */
    ByteBuffer tail() {
        return tail.duplicate().flip();
    }

    /** The tail has reached the file. */
    void tailWritten() {
        tailStart += tail.position();
        tail.clear();
    }

    /** The bytes to be written next, from 0 to the limit, or null. Its position belongs to who writes it. */
    @Nullable ByteBuffer head() {
        return head;
    }

    /** The head has reached the file. */
    void headWritten() {
        spare = head;
        head = null;
    }

    /** Copies bytes of the head or of the tail. Those before {@code flushed} are on the file. */
    int read(ByteBuffer target, long offset, long flushed) {
        ByteBuffer waiting = head;
        if (waiting != null && offset < tailStart) {
            return copy(waiting, (int) (offset - flushed), waiting.limit(), target);
        }
        return copy(tail, (int) (offset - tailStart), tail.position(), target);
    }

    /** Overwrites bytes of one push. Those before {@code flushed} are on the file. */
    void amend(ByteBuffer replacement, long offset, long flushed) {
        ByteBuffer waiting = head;
        if (waiting != null && offset < tailStart) {
            waiting.put((int) (offset - flushed), replacement, replacement.position(), replacement.remaining());
        } else {
            tail.put((int) (offset - tailStart), replacement, replacement.position(), replacement.remaining());
        }
    }

    /** Forgets what was pushed last. Bytes before {@code flushed} are on the file, perhaps more than is to stay. */
    void cut(long end, long flushed) {
        if (end >= tailStart) {
            tail.position((int) (end - tailStart));
            return;
        }
        if (head != null && end > flushed) {
            head.limit((int) (end - flushed));
        } else if (head != null) {
            headWritten();
        }
        tail.clear();
        tailStart = end;
    }

    /** With nothing in the tail: its buffer, to copy through. It is empty again after {@link #clearTail}. */
    ByteBuffer tailToCopyThrough() {
        return tail.clear();
    }

    void clearTail() {
        tail.clear();
    }

    /** Forgets everything and gives the memory back; again does nothing. */
    @SuppressWarnings("ReferenceEquality") // Equal buffers may well be two.
    void drop() {
        ByteBuffer[] all = {tail, head, spare};
        tail = NO_BUFFER; // First: what is given back must not be used or given again.
        head = null;
        spare = null;
        for (ByteBuffer buffer : all) {
            if (buffer != null && buffer != NO_BUFFER) {
                BufferPool.SHARED.give(buffer);
            }
        }
    }

    private static int copy(ByteBuffer source, int from, int end, ByteBuffer target) {
        int count = Math.min(end - from, target.remaining());
        target.put(target.position(), source, from, count);
        target.position(target.position() + count);
        return count;
    }
}
