package org.blobarena.arena.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.arena.internal.io.FileHandle;

/**
 * The end of a file that is appended to: writes there, and leaves nothing behind the last byte that counts. After a
 * failed write the file is cut to what was there before, at once or before anything else is written, which gives the
 * space back to a full device: a process that dies before must not leave there what its caller was told had failed.
 *
 * <p>Not safe for several threads: {@link AppendFile} guards it with its flush lock.
 */
final class FileEnd {

    private final ReadableFile file;
    private final FileHandle handle;
    private final boolean temporary;

    /** Whether there may be bytes on the file behind those that count. */
    private boolean uncut;

    /** @param temporary whether the file has no name, so that nobody else can write to it, and the handle stays open */
    FileEnd(ReadableFile file, FileHandle handle, boolean temporary) {
        this.file = file;
        this.handle = handle;
        this.temporary = temporary;
    }

    FileHandle handle() {
        return handle;
    }

    /** Appends a buffer, which is moved. */
    void write(ByteBuffer bytes, long start) throws IOException {
        requireOwnEnd(start);
        uncut = true;
        try {
            handle.write(bytes, start);
        } catch (IOException | RuntimeException | Error e) {
            cutAfter(e);
            throw e;
        }
        uncut = false;
    }

    /**
     * Appends some buffers, one after the other; none of them is moved.
     *
     * @param buffers with nothing in them
     * @return where the last one ends
     */
    long write(ByteBuffer[] parts, long start, WriteBuffers buffers) throws IOException {
        requireOwnEnd(start);
        long position = start;
        uncut = true;
        try {
            for (ByteBuffer part : parts) {
                position = writeInPieces(part.duplicate(), position, buffers);
            }
        } catch (IOException | RuntimeException | Error e) {
            cutAfter(e);
            throw e;
        } finally {
            buffers.clearTail();
        }
        uncut = false;
        return position;
    }

    /** Through the empty buffer, since the JDK would cache a direct copy as large as a part on the heap. */
    private long writeInPieces(ByteBuffer part, long position, WriteBuffers buffers) throws IOException {
        long next = position;
        if (part.isDirect()) {
            int count = part.remaining();
            handle.write(part, next);
            return next + count;
        }
        int end = part.limit();
        while (part.position() < end) {
            part.limit(Math.min(end, part.position() + buffers.capacity()));
            ByteBuffer piece = buffers.tailToCopyThrough().put(part).flip();
            int count = piece.remaining();
            handle.write(piece, next);
            next += count;
            part.limit(end);
        }
        return next;
    }

    /**
     * Somebody else who writes to the file has the directory as well, and what he has appended must not be overwritten.
     */
    private void requireOwnEnd(long end) throws IOException {
        if (temporary) {
            return;
        }
        long size = handle.size();
        if (size > end) {
            throw new DirectoryLostException(file + " has " + size + " bytes, expected at most " + end
                    + ": another process has written to it, and nothing more is appended");
        }
    }

    /** Fewer bytes count than before, and {@link #cut} has not been called. */
    void needsCut() {
        uncut = true;
    }

    /** Cuts what does not count, if there may be such bytes. */
    void cut() throws IOException {
        if (uncut) {
            handle.truncate(file.flushedBytes());
            uncut = false;
        }
    }

    private void cutAfter(Throwable failure) {
        try {
            cut();
        } catch (IOException | RuntimeException | Error uncuttable) {
            if (uncuttable != failure) {
                failure.addSuppressed(uncuttable); // The next write, or the end, tries again.
            }
        }
    }

    /** Nothing more will be written or cut. */
    void end() {
        uncut = false;
    }

    /** Closes the file for writing; one without a name stays open for its readers. */
    void close() throws IOException {
        if (!temporary) {
            handle.close();
        }
    }
}
