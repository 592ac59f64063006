package org.blobarena.arena.internal.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * How much of a file is known to be on the device.
 *
 * <p>After a force that the device reports as failed nothing more is forced: the system may have dropped the bytes. When
 * an error comes out of a force, what the device may have reported is lost with it, and all that is not known to be on
 * the device is written again before the next.
 *
 * <p>What changes it needs the force lock of {@link AppendFile}; what asks is safe from any thread.
 */
final class ForcedBytes {

    private final ReadableFile file;
    private final FileHandle handle;
    private volatile long count;
    private volatile @Nullable IOException failure;

    /** Whether a force has been begun whose outcome is not known. */
    private boolean unsettled;

    ForcedBytes(ReadableFile file, FileHandle handle) {
        this.file = file;
        this.handle = handle;
    }

    long count() {
        return count;
    }

    /** Returns whether a force has failed. */
    boolean hasFailed() {
        return failure != null;
    }

    /** Refuses to go on after a force that has failed. */
    void requireNoFailure() throws IOException {
        IOException met = failure;
        if (met != null) {
            throw new IOException("an earlier force of " + file + " failed, so nothing more is written to it", met);
        }
    }

    /** Bytes from an offset on are others now. */
    void changedFrom(long offset) {
        count = Math.min(count, offset);
    }

    /** Puts what the file has on the device. */
    void force() throws IOException {
        long target = file.flushedBytes();
        if (unsettled) {
            writeAgain(count, target);
        }
        unsettled = true;
        try {
            handle.force();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        unsettled = false;
        count = target;
    }

    /** Makes bytes that the system may call clean, though the device has not got them, new ones. */
    private void writeAgain(long from, long to) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            for (long position = from; position < to; ) {
                ByteBuffer piece = scratch.buffer(to - position);
                int read = handle.read(piece, position);
                if (read == 0) {
                    throw new EOFException(file + " ends at byte " + position + ", expected at least " + to);
                }
                handle.write(piece.flip(), position);
                position += read;
            }
        }
    }
}
