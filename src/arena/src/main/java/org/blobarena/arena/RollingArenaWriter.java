package org.blobarena.arena;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.file.ReadableFile;

/**
 * Appends to one temporary arena file after another: when a push would exceed the limit of a file, it opens
 * the next one. Safe from any thread; pushes take turns.
 *
 * <p>What was pushed can be read at once, whether it was flushed or not; after {@link #finish} as long as the arena is
 * open.
 */
public final class RollingArenaWriter extends ReadableArena {

    private final ArenaOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final FileArenaBuilder finished = new FileArenaBuilder();
    private FileArenaWriter writer;

    /** All files so far, by index; replaced under the lock, before anybody has a location in the last one. */
    private volatile ReadableFile[] files;

    /**
     * Makes a writer that starts with file 0.
     *
     * @param options how its files are made; {@link ArenaOptions#fileBytesMax} says when to roll
     * @throws IOException if the first file cannot be made
     */
    public RollingArenaWriter(ArenaOptions options) throws IOException {
        this.options = options;
        this.writer = FileArenaWriter.temporary(0, options);
        this.files = new ReadableFile[] {writer.file().readable()};
    }

    /**
     * Appends bytes.
     *
     * @param bytes any number up to the limit of a file, also none
     * @return where they are
     * @throws ArenaFullException if they do not fit even an empty file; nothing was appended
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if the next file cannot be made, or buffered bytes cannot be written; nothing was
     *     appended
     */
    public Location push(byte[] bytes) throws IOException {
        return push(ByteBuffer.wrap(bytes));
    }

    /**
     * Appends text in UTF-8.
     *
     * @param text any text of at most the limit of a file
     * @return where it is
     * @throws CharacterCodingException if the text has an unpaired surrogate; nothing was appended
     * @throws IOException under the conditions of {@link #push(byte[])}
     */
    public Location push(CharSequence text) throws IOException {
        return push(StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)));
    }

    /**
     * Appends the remaining bytes of some buffers, one after the other, as one run.
     *
     * @param parts the buffers; their positions move to their limits on success and stay on failure
     * @return where the run is
     * @throws ArenaFullException if they do not fit even an empty file; nothing was appended
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException under the conditions of {@link #push(byte[])}
     */
    public Location push(ByteBuffer... parts) throws IOException {
        long bytes = 0;
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        lock.lock();
        try {
            if (!writer.hasRoomFor(bytes) && fitsEmptyFile(bytes)) {
                roll();
            }
            return writer.push(parts);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the number of files so far.
     *
     * @return 1 or more
     */
    public long fileCount() {
        return files.length;
    }

    @Override
    ReadableFile fileOf(Location location) {
        ReadableFile[] present = files;
        if (location.fileIndex() >= present.length) {
            throw noSuchFile(location, present.length);
        }
        return present[(int) location.fileIndex()];
    }

    /**
     * Finishes the last file and returns the arena.
     *
     * @return an arena of all files, which owns them
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if the rest cannot be written; the writer is then unchanged
     */
    public FileArena finish() throws IOException {
        lock.lock();
        try {
            return finished.add(writer).build();
        } finally {
            lock.unlock();
        }
    }

    /** Closes and deletes the files of an unfinished arena; does nothing after {@link #finish}. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            try {
                finished.close();
            } finally {
                writer.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean fitsEmptyFile(long bytes) {
        return bytes <= Math.min(options.fileBytesMax(), Location.UNSIGNED_MAX);
    }

    private void roll() throws IOException {
        FileArenaWriter next = FileArenaWriter.temporary(files.length, options);
        ReadableFile[] longer;
        try {
            longer = Arrays.copyOf(files, files.length + 1);
            longer[files.length] = next.file().readable();
            finished.add(writer);
        } catch (IOException | RuntimeException | Error e) {
            next.close();
            throw e;
        }
        files = longer;
        writer = next;
    }
}
