package org.blobarena.arena.internal.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.FileReader;
import org.blobarena.arena.internal.io.SpinningLock;

/**
 * A file that is appended to, made or opened by {@link AppendFiles}.
 *
 * <p>Several threads may push, flush and force at once. A push copies into a buffer under a short lock. A
 * flush swaps that buffer for an empty one and writes it with only the flush lock held, so that others push
 * meanwhile, and a thread that waited for the flush lock finds its own bytes written too. One write and one force serve
 * all who want theirs forced (see {@link SharedForce}). The order of locks is force, flush, append.
 *
 * <p>Nothing is lost by a failure, be it an exception or an error. Bytes whose write failed stay in the buffer, where
 * they can be read, and the next flush writes them again at the same place; when the buffer is full, a push fails before
 * it changes anything: what counts is the length, which is set at the very end. A force that the device reports as failed
 * is different (see {@link ForcedBytes}): the file takes nothing more, and only flushes what it has.
 *
 * <p>A push larger than the buffer goes to the file at once.
 */
public final class AppendFile implements Closeable {

    private final ReadableFile file;
    private final long fileBytesMax;
    private final boolean mapped;

    private final ReentrantLock forceLock = new ReentrantLock();
    private final SpinningLock flushLock = new SpinningLock();
    private final SpinningLock appendLock = new SpinningLock();
    private final SharedForce sharedForce = new SharedForce(forceLock);

    /** Bytes from {@code flushedBytes} to {@code length}. */
    private final WriteBuffers buffers;

    private final FileEnd end;
    private final ForcedBytes forced;
    private volatile boolean closed;

    AppendFile(long index, FileReader reader, FileHandle handle, Start start) {
        this.buffers = start.buffers;
        this.fileBytesMax = start.options.fileBytesMax();
        this.mapped = start.options.mapped();
        this.file = new ReadableFile(index, reader, this, start.length);
        this.end = new FileEnd(file, handle, start.temporary);
        this.forced = new ForcedBytes(file, handle);
        buffers.startAt(file.length());
    }

    /**
     * What a file starts with.
     *
     * @param temporary whether it has no name
     */
    record Start(WriteBuffers buffers, long length, boolean temporary, FileOptions options) {}

    /**
     * Returns the file as its readers see it, already while it grows.
     *
     * @return the file; closing it is the caller's part after {@link #finish}
     */
    public ReadableFile file() {
        return file;
    }

    /**
     * Returns the bytes pushed so far.
     *
     * @return 0 to 2^32
     */
    public long length() {
        return file.length();
    }

    /**
     * Returns the bytes that are on the device.
     *
     * @return 0 to {@link #length}
     */
    public long forcedBytes() {
        return forced.count();
    }

    /**
     * Returns whether a force has failed, so that this file takes nothing more.
     *
     * @return whether one has failed
     */
    public boolean isFailed() {
        return forced.hasFailed();
    }

    /**
     * Returns whether a push of this many bytes would keep the file within its limit.
     *
     * @param bytes 0 or more
     * @return whether it fits
     */
    public boolean hasRoomFor(long bytes) {
        return fits(file.length(), bytes);
    }

    // ---- pushing

    /**
     * Appends the remaining bytes of some buffers, one after the other, as one run.
     *
     * @param parts the buffers, whose positions stay
     * @return offset of the first byte in the file
     * @throws FileFullException if the file would exceed its limit; nothing was appended
     * @throws IllegalStateException if the file is finished or closed
     * @throws IOException if buffered bytes could not be written; nothing was appended
     */
    public long push(ByteBuffer... parts) throws IOException {
        long bytes = 0;
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        while (true) {
            appendLock.lock();
            try {
                requireRoom(bytes);
                long offset = file.length();
                buffers.trimTo(offset);
                if (bytes <= buffers.remaining()) {
                    for (ByteBuffer part : parts) {
                        buffers.append(part);
                    }
                    file.appendedTo(offset + bytes);
                    return offset;
                }
            } finally {
                appendLock.unlock();
            }
            if (bytes > buffers.capacity()) {
                return pushThrough(parts, bytes);
            }
            flush();
        }
    }

    /** For more than the buffer holds: what is buffered, and then the parts, go to the file at once. */
    private long pushThrough(ByteBuffer[] parts, long bytes) throws IOException {
        flushLock.lock();
        try {
            writeHead();
            appendLock.lock();
            try {
                requireRoom(bytes);
                writeTail();
                long offset = file.length();
                long position = end.write(parts, offset, buffers);
                buffers.startAt(position);
                file.appendedTo(position);
                file.flushedTo(position);
                return offset;
            } finally {
                appendLock.unlock();
            }
        } finally {
            flushLock.unlock();
        }
    }

    private void requireRoom(long bytes) throws IOException {
        requireWritable();
        if (!fits(file.length(), bytes)) {
            throw new FileFullException(bytes + " bytes do not fit behind the " + file.length() + " of " + file
                    + ", whose limit is " + fileBytesMax);
        }
    }

    /** Whether bytes keep the file within its limit, and offset and length are unsigned 32-bit numbers. */
    private boolean fits(long offset, long bytes) {
        return offset + bytes <= fileBytesMax
                && offset <= FileOptions.UNSIGNED_MAX
                && bytes <= FileOptions.UNSIGNED_MAX;
    }

    // ---- flushing

    /**
     * Hands everything pushed before this call to the operating system.
     *
     * @throws IOException if it cannot be written; it stays in the buffer and the next flush tries again
     */
    public void flush() throws IOException {
        flushTo(file.length());
    }

    /**
     * Hands the first bytes of the file to the operating system; perhaps more.
     *
     * @param bytes how many, at most {@link #length}
     * @throws IOException if they cannot be written; they stay in the buffer and the next flush tries again
     */
    public void flushTo(long bytes) throws IOException {
        if (file.flushedBytes() >= bytes) {
            return;
        }
        flushLock.lock();
        try {
            writeHead();
            if (file.flushedBytes() < bytes) {
                requireOpen();
                if (swap()) {
                    writeHead();
                } else {
                    writeTail();
                }
            }
        } finally {
            flushLock.unlock();
        }
    }

    /** With the flush lock; false when nothing was done. */
    private boolean swap() {
        appendLock.lock();
        try {
            buffers.trimTo(file.length());
            return buffers.swap();
        } finally {
            appendLock.unlock();
        }
    }

    /** With the flush lock. Leaves the head as it is when the write fails. */
    private void writeHead() throws IOException {
        end.cut();
        ByteBuffer waiting = buffers.head();
        if (waiting == null) {
            return;
        }
        requireOpen();
        end.write(waiting.rewind(), file.flushedBytes());
        appendLock.lock();
        try {
            file.flushedTo(file.flushedBytes() + waiting.limit());
            buffers.headWritten();
        } finally {
            appendLock.unlock();
        }
    }

    /** With the flush lock, and without a head: writes what others may not add to meanwhile. */
    private void writeTail() throws IOException {
        appendLock.lock();
        try {
            buffers.trimTo(file.length());
            if (!buffers.isTailEmpty()) {
                requireOpen();
                end.write(buffers.tail(), file.flushedBytes());
                buffers.tailWritten();
                file.flushedTo(file.length());
            }
        } finally {
            appendLock.unlock();
        }
    }

    /** Copies bytes that are not on the file into a buffer; 0 when they are by now. */
    int readUnflushed(ByteBuffer target, long offset) {
        appendLock.lock();
        try {
            long flushed = file.flushedBytes();
            if (offset < flushed) {
                return 0;
            }
            if (closed) {
                throw new IllegalStateException("the writer of " + file + " was closed before it was flushed");
            }
            return buffers.read(target, offset, flushed);
        } finally {
            appendLock.unlock();
        }
    }

    // ---- forcing

    /**
     * Puts everything pushed before this call on the device. Callers that come while another forces share the
     * next force, which may wait a fraction of its time for more of them.
     *
     * @throws IOException if it cannot be written, or the device reports an error; after the latter this
     *     file takes nothing more, and forces nothing
     */
    public void force() throws IOException {
        forceTo(file.length());
    }

    /**
     * Puts the first bytes of the file on the device; perhaps more.
     *
     * @param bytes how many, at most {@link #length}
     * @throws IOException as for {@link #force}
     */
    public void forceTo(long bytes) throws IOException {
        while (forced.count() < bytes) {
            requireWritable();
            sharedForce.run(this::flushAndForce);
            if (forced.count() < bytes) {
                flushTo(bytes); // Meets what a leader met, so that each reports what concerns its own bytes.
            }
        }
    }

    /** With the force lock. */
    private void flushAndForce() throws IOException {
        if (forced.count() == file.length()) {
            return; // By another while this thread waited for the lock.
        }
        try {
            flush();
        } catch (IOException e) {
            // Those whose bytes did not get to the file meet it again; the others are not concerned.
        }
        requireWritable();
        forced.force();
    }

    // ---- changing what was pushed

    /**
     * Overwrites bytes that were pushed but not yet flushed.
     *
     * @param replacement the new bytes; they must lie inside one earlier push
     * @param offset offset of the first one in the file
     * @return whether it was done; false when they had been flushed and stand unchanged
     * @throws IndexOutOfBoundsException if they do not lie inside what was pushed
     * @throws IllegalStateException if the file was closed before they were flushed
     */
    public boolean amendUnflushed(ByteBuffer replacement, long offset) {
        flushLock.lock();
        appendLock.lock();
        try {
            long flushed = file.flushedBytes();
            if (offset < flushed) {
                return false;
            }
            file.requireInside(offset, replacement.remaining());
            buffers.amend(replacement, offset, flushed);
            return true;
        } finally {
            appendLock.unlock();
            flushLock.unlock();
        }
    }

    /**
     * Overwrites bytes that were pushed, whether they were flushed or not. If they were, the file counts as forced
     * only as far as the first of them, until the next force.
     *
     * @param replacement the new bytes, from position to limit, which stay; they must lie inside one earlier push
     * @param offset offset of the first one in the file
     * @throws IndexOutOfBoundsException if they do not lie inside what was pushed
     * @throws IOException if they cannot be written; the old bytes, the new ones, or some of either are then there
     */
    public void amend(ByteBuffer replacement, long offset) throws IOException {
        forceLock.lock();
        flushLock.lock();
        try {
            if (!amendUnflushed(replacement, offset)) {
                requireWritable();
                file.requireInside(offset, replacement.remaining());
                forced.changedFrom(offset);
                end.handle().write(replacement.duplicate(), offset);
            }
        } finally {
            flushLock.unlock();
            forceLock.unlock();
        }
    }

    /**
     * Takes back what was pushed last, whether it was flushed or not. Nobody may be reading it.
     *
     * @param bytes the new length, at most {@link #length}
     * @throws IllegalArgumentException if the file is shorter
     * @throws IOException if the file cannot be shortened; its bytes behind the new length count for nothing, and the
     *     next flush tries again
     */
    public void cut(long bytes) throws IOException {
        forceLock.lock();
        flushLock.lock();
        try {
            requireWritable();
            appendLock.lock();
            try {
                if (bytes > file.length()) {
                    throw new IllegalArgumentException(file + " has " + file.length() + " bytes, fewer than " + bytes);
                }
                long flushed = file.flushedBytes();
                buffers.cut(bytes, flushed);
                file.appendedTo(bytes);
                if (bytes < flushed) {
                    file.flushedTo(bytes);
                    forced.changedFrom(bytes);
                    end.needsCut();
                }
            } finally {
                appendLock.unlock();
            }
            end.cut();
        } finally {
            flushLock.unlock();
            forceLock.unlock();
        }
    }

    // ---- ending

    /**
     * Flushes and ends the file.
     *
     * @return the file, complete; it is the caller's to close
     * @throws IOException if the rest cannot be written; the file is then unchanged
     */
    public ReadableFile finish() throws IOException {
        forceLock.lock();
        flushLock.lock();
        try {
            requireWritable();
            while (!closed) {
                flush();
                appendLock.lock();
                try {
                    buffers.trimTo(file.length());
                    if (buffers.isTailEmpty()) {
                        end.cut();
                        end();
                    }
                } finally {
                    appendLock.unlock();
                }
            }
            end.close();
            if (mapped) {
                file.map();
            }
            return file;
        } finally {
            flushLock.unlock();
            forceLock.unlock();
        }
    }

    /**
     * Abandons what was not finished; after {@link #finish} it does nothing. Buffered bytes are dropped. A
     * temporary file is gone, one at a path stays as far as it was flushed.
     */
    @Override
    public void close() throws IOException {
        forceLock.lock();
        flushLock.lock();
        appendLock.lock();
        try {
            if (!closed) {
                try {
                    end();
                } finally {
                    try {
                        file.close();
                    } finally {
                        end.close();
                    }
                }
            }
        } finally {
            appendLock.unlock();
            flushLock.unlock();
            forceLock.unlock();
        }
    }

    /** With all locks: refuses what comes and gives the buffers back. */
    private void end() {
        closed = true;
        end.end();
        buffers.drop();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the writer of " + file + " is closed");
        }
    }

    private void requireWritable() throws IOException {
        requireOpen();
        forced.requireNoFailure();
    }
}
