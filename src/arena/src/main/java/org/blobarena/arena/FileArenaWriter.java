package org.blobarena.arena;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.io.Directory;
import org.blobarena.arena.io.DirectoryLostException;
import org.blobarena.arena.io.FileHandle;
import org.blobarena.arena.io.FileReader;
import org.blobarena.arena.io.NioDirectory;
import org.blobarena.arena.io.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Appends to one arena file.
 *
 * <p>Several threads may push, flush and force at once. A push copies into a buffer under a short lock. A
 * flush swaps that buffer for an empty one and writes it with only the flush lock held, so that others push
 * meanwhile, and whoever waited for the flush lock finds its own bytes written too. One write and one force serve all
 * who want theirs forced (see {@link SharedForce}). The order of locks is force, flush, append.
 *
 * <p>Nothing is lost by a failure, be it an exception or an error. Bytes whose write failed stay in the buffer, where
 * they can be read, and the next flush writes them again at the same place; when the buffer is full, a push fails before
 * it changes anything: what counts is the length, which is set at the very end. A force that the device reports as failed
 * is different: the system may have dropped the bytes, so the writer takes nothing more, and only flushes what it has. When an error comes
 * out of a force, what the device may have reported is lost with it, and all that is not known to be on the device is
 * written again before the next.
 *
 * <p>A push larger than the buffer goes to the file at once.
 */
@SuppressWarnings("exports")
public final class FileArenaWriter implements Closeable {

    private final ArenaOptions options;
    private final FileHandle handle;
    private final boolean temporary;
    private final ArenaFile file;

    private final ReentrantLock forceLock = new ReentrantLock();
    private final ReentrantLock flushLock = new ReentrantLock();
    private final ReentrantLock appendLock = new ReentrantLock();
    private final SharedForce sharedForce = new SharedForce(forceLock);

    /** Bytes from {@code flushedBytes} to {@code length}. */
    private final WriteBuffers buffers;

    /** Whether a failed write may have left bytes on the file behind {@code flushedBytes}. With the flush lock. */
    private boolean writeFailed;

    private volatile long length;
    private volatile long forcedBytes;
    private volatile @Nullable IOException forceFailure;

    /** Whether a force has been begun whose outcome is not known. With the force lock. */
    private boolean forceUnsettled;

    private volatile boolean closed;

    private FileArenaWriter(
            long fileIndex,
            WriteBuffers buffers,
            Directory directory,
            @Nullable String name,
            FileHandle handle,
            long length,
            ArenaOptions options) {
        this.options = options;
        this.handle = handle;
        this.temporary = name == null;
        this.length = length;
        this.buffers = buffers;
        buffers.startAt(length);
        FileReader reader = name == null
                ? new FileReader(directory, handle)
                : new FileReader(directory, name, options.descriptors());
        this.file = new ArenaFile(fileIndex, reader, this, length);
    }

    /**
     * Makes a temporary file without a name: it is gone when it is closed, and when the process dies. (Windows
     * removes it at the end of the process only.)
     *
     * @param fileIndex the index of its locations, 0 to 2^32 - 1
     * @return a writer
     * @throws IllegalArgumentException if the index is out of range
     * @throws IOException if the file cannot be made
     */
    public static FileArenaWriter temporary(long fileIndex) throws IOException {
        return temporary(fileIndex, ArenaOptions.defaults());
    }

    /**
     * Makes a temporary file without a name: it is gone when it is closed, and when the process dies. (Windows
     * removes it at the end of the process only.)
     *
     * @param fileIndex the index of its locations, 0 to 2^32 - 1
     * @param options the directory and the rest
     * @return a writer
     * @throws IllegalArgumentException if the index is out of range
     * @throws IOException if the file cannot be made
     */
    public static FileArenaWriter temporary(long fileIndex, ArenaOptions options) throws IOException {
        requireIndex(fileIndex);
        MemoryFileSystems.warnOf(options.temporaryDirectory());
        NioDirectory directory = new NioDirectory(options.temporaryDirectory());
        return over(
                directory::createAnonymous,
                (buffers, handle) -> new FileArenaWriter(fileIndex, buffers, directory, null, handle, 0, options),
                options);
    }

    /**
     * Makes a file at a path, for its owner only. It stays until the caller deletes it.
     *
     * @param path where; nothing may be there
     * @param fileIndex the index of its locations, 0 to 2^32 - 1
     * @param options the buffer and the rest
     * @return a writer
     * @throws IllegalArgumentException if the index is out of range
     * @throws java.nio.file.FileAlreadyExistsException if something is there
     * @throws IOException if the file cannot be made
     */
    public static FileArenaWriter create(Path path, long fileIndex, ArenaOptions options) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path parent = absolute.getParent();
        Path name = absolute.getFileName();
        if (parent == null || name == null) {
            throw new IllegalArgumentException(path + " is not the path of a file");
        }
        return create(new NioDirectory(parent), name.toString(), fileIndex, options);
    }

    /**
     * Makes a file in a directory.
     *
     * @param directory where
     * @param name the file, which must not exist
     * @param fileIndex the index of its locations, 0 to 2^32 - 1
     * @param options the buffer and the rest
     * @return a writer
     * @throws IllegalArgumentException if the index is out of range
     * @throws IOException if the file cannot be made
     */
    public static FileArenaWriter create(Directory directory, String name, long fileIndex, ArenaOptions options)
            throws IOException {
        requireIndex(fileIndex);
        boolean[] made = new boolean[1];
        try {
            return over(
                    () -> {
                        FileHandle handle = directory.create(name);
                        made[0] = true;
                        return handle;
                    },
                    (buffers, handle) -> new FileArenaWriter(fileIndex, buffers, directory, name, handle, 0, options),
                    options);
        } catch (IOException | RuntimeException | Error e) {
            if (made[0]) {
                closeAfter(e, () -> directory.delete(name)); // Or it would be in the way of the next attempt.
            }
            throw e;
        }
    }

    /**
     * Opens an existing file to append to it. Bytes after the given location are cut off, and the cut is forced,
     * so that nothing of them can come back beside what is appended.
     *
     * @param directory where
     * @param name the file
     * @param kept its index, offset 0, and the length to keep
     * @param options the buffer and the rest
     * @return a writer whose length is that of {@code kept}
     * @throws IllegalArgumentException if the offset of {@code kept} is not 0
     * @throws IOException if the file cannot be opened or is shorter
     */
    public static FileArenaWriter append(Directory directory, String name, Location kept, ArenaOptions options)
            throws IOException {
        ArenaFile.requireWhole(kept);
        return over(
                () -> directory.openWrite(name),
                (buffers, handle) -> {
                    long size = handle.size();
                    if (size < kept.length()) {
                        throw new IOException(directory.path().resolve(name) + " has " + size
                                + " bytes, expected at least " + kept.length());
                    }
                    if (size > kept.length()) {
                        handle.truncate(kept.length());
                        handle.force();
                    }
                    return new FileArenaWriter(
                            kept.fileIndex(), buffers, directory, name, handle, kept.length(), options);
                },
                options);
    }

    @FunctionalInterface
    private interface Opening {
        FileHandle open() throws IOException;
    }

    @FunctionalInterface
    private interface Making {
        FileArenaWriter make(WriteBuffers buffers, FileHandle handle) throws IOException;
    }

    /** A writer over a handle, or neither. */
    private static FileArenaWriter over(Opening opening, Making making, ArenaOptions options) throws IOException {
        WriteBuffers buffers = new WriteBuffers(options.bufferBytes()); // First: memory may be short.
        FileHandle handle = null;
        try {
            handle = opening.open();
            return making.make(buffers, handle);
        } catch (IOException | RuntimeException | Error e) {
            buffers.drop();
            if (handle != null) {
                closeAfter(e, handle);
            }
            throw e;
        }
    }

    private static void closeAfter(Throwable cause, Closeable resource) {
        try {
            resource.close();
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * The file as its readers see it, already while it grows.
     *
     * @return the file; closing it is the caller's part after {@link #finish}
     */
    public ArenaFile file() {
        return file;
    }

    /**
     * The bytes pushed so far.
     *
     * @return 0 to 2^32
     */
    public long length() {
        return length;
    }

    /**
     * The bytes that have reached the operating system.
     *
     * @return 0 to {@link #length}
     */
    public long flushedBytes() {
        return file.flushedBytes();
    }

    /**
     * The bytes that are on the device.
     *
     * @return 0 to {@link #flushedBytes}
     */
    public long forcedBytes() {
        return forcedBytes;
    }

    /**
     * Whether a push of this many bytes would keep the file within its limit.
     *
     * @param bytes 0 or more
     * @return whether it fits
     */
    public boolean hasRoomFor(long bytes) {
        return fits(length, bytes);
    }

    /**
     * Appends bytes.
     *
     * @param bytes any number, also none
     * @return where they are
     * @throws ArenaFullException if the file would exceed its limit; nothing was appended
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if buffered bytes could not be written; nothing was appended
     */
    public Location push(byte[] bytes) throws IOException {
        return push(ByteBuffer.wrap(bytes));
    }

    /**
     * Appends text in UTF-8.
     *
     * @param text any text
     * @return where it is
     * @throws CharacterCodingException if the text has an unpaired surrogate; nothing was appended
     * @throws IOException as of {@link #push(byte[])}
     */
    public Location push(CharSequence text) throws IOException {
        return push(StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)));
    }

    /**
     * Appends the remaining bytes of some buffers, one after the other, as one run.
     *
     * @param parts the buffers; their positions move to their limits on success and stay on failure
     * @return where the run is
     * @throws ArenaFullException if the file would exceed its limit; nothing was appended
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if buffered bytes could not be written; nothing was appended
     */
    public Location push(ByteBuffer... parts) throws IOException {
        long bytes = 0;
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        while (true) {
            appendLock.lock();
            try {
                requireRoom(bytes);
                long offset = length;
                buffers.trimTo(offset);
                if (bytes <= buffers.remaining()) {
                    Location location = new Location(file.index(), offset, bytes);
                    for (ByteBuffer part : parts) {
                        buffers.append(part);
                    }
                    length = offset + bytes;
                    for (ByteBuffer part : parts) {
                        part.position(part.limit());
                    }
                    return location;
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

    /**
     * Hands everything pushed before this call to the operating system.
     *
     * @throws IOException if it cannot be written; it stays in the buffer and the next flush tries again
     */
    public void flush() throws IOException {
        flushTo(length);
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

    /**
     * Puts everything pushed before this call on the device. Callers that come while another forces share the
     * next force, which may wait a fraction of its time for more of them.
     *
     * @throws IOException if it cannot be written, or the device reports an error; after the latter this
     *     writer takes nothing more, and forces nothing
     */
    public void force() throws IOException {
        forceTo(length);
    }

    /**
     * Puts the first bytes of the file on the device; perhaps more.
     *
     * @param bytes how many, at most {@link #length}
     * @throws IOException as of {@link #force}
     */
    public void forceTo(long bytes) throws IOException {
        while (forcedBytes < bytes) {
            requireWritable();
            sharedForce.run(this::flushAndForce);
            if (forcedBytes < bytes) {
                flushTo(bytes); // Meets what a leader met, so that each reports what concerns its own bytes.
            }
        }
    }

    /** With the force lock. */
    private void flushAndForce() throws IOException {
        if (forcedBytes == length) {
            return; // By another while this thread waited for the lock.
        }
        try {
            flush();
        } catch (IOException e) {
            // Those whose bytes did not get to the file meet it again; the others are not concerned.
        }
        requireWritable();
        long target = file.flushedBytes();
        if (forceUnsettled) {
            writeAgain(forcedBytes, target);
        }
        forceUnsettled = true;
        try {
            handle.force();
        } catch (IOException e) {
            forceFailure = e;
            throw e;
        }
        forceUnsettled = false;
        forcedBytes = target;
    }

    /** With the force lock: makes bytes that the system may call clean, though the device has not got them, new ones. */
    private void writeAgain(long from, long to) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            for (long position = from; position < to; ) {
                ByteBuffer piece = scratch.buffer(to - position);
                int count = handle.read(piece, position);
                if (count == 0) {
                    throw new EOFException(file + " ends at byte " + position + ", expected at least " + to);
                }
                handle.write(piece.flip(), position);
                position += count;
            }
        }
    }

    /**
     * Whether a force has failed, so that this writer takes nothing more.
     *
     * @return whether one has failed
     */
    public boolean isFailed() {
        return forceFailure != null;
    }

    /**
     * Overwrites bytes that were pushed but not yet flushed.
     *
     * @param replacement the new bytes; they must lie inside one earlier push
     * @param offset offset of the first one in the file
     * @return whether it was done; false when they had been flushed and stand unchanged
     * @throws IndexOutOfBoundsException if they do not lie inside what was pushed
     * @throws IllegalStateException if the writer was closed before they were flushed
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
                forcedBytes = Math.min(forcedBytes, offset);
                handle.write(replacement.duplicate(), offset);
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
                if (bytes > length) {
                    throw new IllegalArgumentException(file + " has " + length + " bytes, fewer than " + bytes);
                }
                long flushed = file.flushedBytes();
                buffers.cut(bytes, flushed);
                length = bytes;
                if (bytes < flushed) {
                    file.flushedTo(bytes);
                    forcedBytes = Math.min(forcedBytes, bytes);
                    writeFailed = true;
                }
            } finally {
                appendLock.unlock();
            }
            cutFailedWrite();
        } finally {
            flushLock.unlock();
            forceLock.unlock();
        }
    }

    /**
     * Flushes and ends the file.
     *
     * @return the file, complete; it is the caller's to close
     * @throws IOException if the rest cannot be written; the writer is then unchanged
     */
    public ArenaFile finish() throws IOException {
        forceLock.lock();
        flushLock.lock();
        try {
            requireWritable();
            while (!closed) {
                flush();
                appendLock.lock();
                try {
                    buffers.trimTo(length);
                    if (buffers.isTailEmpty()) {
                        cutFailedWrite();
                        end();
                    }
                } finally {
                    appendLock.unlock();
                }
            }
            if (!temporary) {
                handle.close();
            }
            return file;
        } finally {
            flushLock.unlock();
            forceLock.unlock();
        }
    }

    /**
     * Finishes a writer of index 0 into an arena of one file.
     *
     * @return the arena, which owns the file
     * @throws IllegalStateException if the index is not 0
     * @throws IOException if the rest cannot be written; the writer is then unchanged
     */
    public FileArena intoArena() throws IOException {
        if (file.index() != 0) {
            throw new IllegalStateException(
                    "a writer of index " + file.index() + " cannot be the only file of an arena, which has index 0");
        }
        return new FileArenaBuilder().add(finish()).build();
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
                        if (!temporary) {
                            handle.close();
                        }
                    }
                }
            }
        } finally {
            appendLock.unlock();
            flushLock.unlock();
            forceLock.unlock();
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

    /** With both locks: refuses what comes and gives the buffers back. */
    private void end() {
        closed = true;
        buffers.drop();
    }

    /** With the flush lock; false when nothing was done. */
    private boolean swap() {
        appendLock.lock();
        try {
            buffers.trimTo(length);
            return buffers.swap();
        } finally {
            appendLock.unlock();
        }
    }

    /** With the flush lock. Leaves the head as it is when the write fails. */
    private void writeHead() throws IOException {
        cutFailedWrite();
        ByteBuffer waiting = buffers.head();
        if (waiting == null) {
            return;
        }
        write(waiting.duplicate(), file.flushedBytes());
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
            buffers.trimTo(length);
            if (!buffers.isTailEmpty()) {
                write(buffers.tail(), file.flushedBytes());
                buffers.tailWritten();
                file.flushedTo(length);
            }
        } finally {
            appendLock.unlock();
        }
    }

    /** With the flush lock. After a failure the file is cut to what was there before, now or by the next flush. */
    private void write(ByteBuffer bytes, long start) throws IOException {
        requireOpen();
        requireOwnEnd(start);
        writeFailed = true;
        try {
            handle.write(bytes, start);
        } catch (IOException | RuntimeException | Error e) {
            cutAfter(e);
            throw e;
        }
        writeFailed = false;
    }

    /** For more than the buffer holds: what is buffered, and then the parts, go to the file at once. */
    private Location pushThrough(ByteBuffer[] parts, long bytes) throws IOException {
        flushLock.lock();
        try {
            writeHead();
            appendLock.lock();
            try {
                requireRoom(bytes);
                writeTail();
                return writeThrough(parts, bytes);
            } finally {
                appendLock.unlock();
            }
        } finally {
            flushLock.unlock();
        }
    }

    /**
     * With the flush lock, before bytes are appended to the file. Somebody else who writes to it has the directory as well,
     * and what he has appended must not be overwritten.
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

    /** With both locks and nothing buffered. */
    private Location writeThrough(ByteBuffer[] parts, long bytes) throws IOException {
        requireOwnEnd(length);
        Location location = new Location(file.index(), length, bytes);
        long position = length;
        writeFailed = true;
        try {
            for (ByteBuffer part : parts) {
                position = writeInPieces(part.duplicate(), position);
            }
        } catch (IOException | RuntimeException | Error e) {
            cutAfter(e);
            throw e;
        } finally {
            buffers.clearTail();
        }
        writeFailed = false;
        buffers.startAt(position);
        length = position;
        file.flushedTo(position);
        for (ByteBuffer part : parts) {
            part.position(part.limit());
        }
        return location;
    }

    /** With the flush lock: after a write that may have been carried out in part. */
    private void cutAfter(Throwable failure) {
        try {
            cutFailedWrite();
        } catch (IOException | RuntimeException | Error uncut) {
            if (uncut != failure) {
                failure.addSuppressed(uncut); // The next flush, or the end, tries again.
            }
        }
    }

    /**
     * With the flush lock. Gives the space back to a full device, and leaves nothing behind the last flushed byte: a
     * process that dies before the next flush must not leave there what its caller was told had failed.
     */
    private void cutFailedWrite() throws IOException {
        if (writeFailed) {
            requireOpen();
            handle.truncate(file.flushedBytes());
            writeFailed = false;
        }
    }

    /** Through the empty buffer, since the JDK would cache a direct copy as large as a part on the heap. */
    private long writeInPieces(ByteBuffer part, long position) throws IOException {
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

    private boolean fits(long offset, long bytes) {
        return offset + bytes <= options.fileBytesMax()
                && offset <= Location.UNSIGNED_MAX
                && bytes <= Location.UNSIGNED_MAX;
    }

    private void requireRoom(long bytes) throws IOException {
        requireWritable();
        if (!fits(length, bytes)) {
            throw new ArenaFullException(bytes + " bytes do not fit behind the " + length + " of " + file
                    + ", whose limit is " + options.fileBytesMax());
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the writer of " + file + " is closed");
        }
    }

    private void requireWritable() throws IOException {
        requireOpen();
        IOException failure = forceFailure;
        if (failure != null) {
            throw new IOException("an earlier force of " + file + " failed, so nothing more is written to it", failure);
        }
    }

    private static void requireIndex(long fileIndex) {
        if (fileIndex < 0 || fileIndex > Location.UNSIGNED_MAX) {
            throw new IllegalArgumentException("file index " + fileIndex + " is not an unsigned 32-bit number (0 to "
                    + Location.UNSIGNED_MAX + ")");
        }
    }
}
