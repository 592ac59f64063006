package org.blobarena.arena;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.blobarena.arena.internal.file.AppendFile;
import org.blobarena.arena.internal.file.AppendFiles;
import org.blobarena.arena.internal.file.FileFullException;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.MemoryFileSystems;
import org.blobarena.arena.internal.nio.NioDirectory;

/**
 * Appends to one arena file.
 *
 * <p>Several threads may push, flush, force and read at once. A push copies into a buffer, and one larger than the buffer goes
 * to the file at once.
 *
 * <p>Nothing is lost by a failure. Bytes whose write failed stay in the buffer, where they can be read, and the next
 * flush writes them again; when the buffer is full, a push fails before it changes anything. A force that the device
 * reports as failed is different: the system may have dropped the bytes, so the writer takes nothing more, and only
 * flushes what it has.
 */
public final class FileArenaWriter extends ReadableArena {

    private final AppendFile appended;
    private final ArenaFile file;

    FileArenaWriter(AppendFile appended) {
        this.appended = appended;
        this.file = new ArenaFile(appended.file());
    }

    /**
     * Makes a temporary file without a name in the default directory, which {@link ArenaOptions.Builder#temporaryDirectory}
     * describes. The file is deleted when it is closed or the process ends. Windows deletes it only at the end of the process.
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
     * Makes a temporary file without a name, which is deleted when it is closed or the process ends. Windows deletes
     * it only at the end of the process.
     *
     * @param fileIndex the index of its locations, 0 to 2^32 - 1
     * @param options the directory and the rest
     * @return a writer
     * @throws IllegalArgumentException if the index is out of range
     * @throws IOException if the file cannot be made
     */
    public static FileArenaWriter temporary(long fileIndex, ArenaOptions options) throws IOException {
        MemoryFileSystems.warnOf(options.temporaryDirectory());
        return new FileArenaWriter(
                AppendFiles.anonymous(fileIndex, new NioDirectory(options.temporaryDirectory()), options.ofFile()));
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
        return new FileArenaWriter(
                AppendFiles.create(fileIndex, new NioDirectory(parent), name.toString(), options.ofFile()));
    }

    @Override
    ReadableFile fileOf(Location location) {
        if (location.fileIndex() != file.index()) {
            throw new IndexOutOfBoundsException(location + " is not of " + file);
        }
        return file.readable();
    }

    /**
     * Returns the file, which can be read while it grows.
     *
     * @return the file; the caller closes it after {@link #finish}
     */
    public ArenaFile file() {
        return file;
    }

    /**
     * Returns the number of bytes pushed so far.
     *
     * @return 0 to 2^32
     */
    public long length() {
        return appended.length();
    }

    /**
     * Returns whether a push of this many bytes keeps the file within its limit.
     *
     * @param bytes 0 or more
     * @return whether it fits
     */
    public boolean hasRoomFor(long bytes) {
        return appended.hasRoomFor(bytes);
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
     * @throws ArenaFullException if the file would exceed its limit; nothing was appended
     * @throws IllegalStateException if the writer is finished or closed
     * @throws IOException if buffered bytes could not be written; nothing was appended
     */
    public Location push(ByteBuffer... parts) throws IOException {
        long bytes = 0;
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        try {
            Location location = new Location(file.index(), appended.push(parts), bytes);
            for (ByteBuffer part : parts) {
                part.position(part.limit());
            }
            return location;
        } catch (FileFullException e) {
            throw new ArenaFullException(e);
        }
    }

    /**
     * Hands everything pushed before this call to the operating system.
     *
     * @throws IOException if it cannot be written; it stays in the buffer and the next flush tries again
     */
    public void flush() throws IOException {
        appended.flush();
    }

    /**
     * Forces everything pushed before this call to the device. Callers that come during another force share the next
     * one, which may wait a fraction of its time for more of them.
     *
     * @throws IOException if it cannot be written, or the device reports an error; after the latter this
     *     writer accepts no pushes and no forces
     */
    public void force() throws IOException {
        appended.force();
    }

    /**
     * Flushes and ends the file.
     *
     * @return the complete file, which the caller closes
     * @throws IOException if the rest cannot be written; the writer is then unchanged
     */
    public ArenaFile finish() throws IOException {
        appended.finish();
        return file;
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
     * Closes an unfinished file; does nothing after {@link #finish}. Buffered bytes are lost. A temporary file is
     * deleted; one at a path keeps what was flushed.
     */
    @Override
    public void close() throws IOException {
        appended.close();
    }
}
