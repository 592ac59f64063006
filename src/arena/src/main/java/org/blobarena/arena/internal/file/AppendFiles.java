package org.blobarena.arena.internal.file;

import java.io.Closeable;
import java.io.IOException;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.FileReader;
import org.blobarena.arena.internal.nio.NioDirectory;

/** Makes and opens the files that are appended to; what fails leaves nothing open and nothing made. */
public final class AppendFiles {

    private AppendFiles() {}

    /**
     * Makes a file without a name: it is gone when it is closed, and when the process dies.
     *
     * @param index of the file, 0 to 2^32 - 1
     * @param directory where it takes its space
     * @param options the buffer and the rest
     * @return an empty file
     * @throws IllegalArgumentException if the index is out of range
     * @throws IOException if it cannot be made
     */
    public static AppendFile anonymous(long index, NioDirectory directory, FileOptions options) throws IOException {
        requireIndex(index);
        return over(
                directory::createAnonymous,
                (buffers, handle) -> {
                    FileReader reader = new FileReader(directory, handle, options.channels());
                    try {
                        return new AppendFile(index, reader, handle, new AppendFile.Start(buffers, 0, true, options));
                    } catch (RuntimeException | Error e) {
                        closeAfter(e, reader); // Or it would be counted for ever.
                        throw e;
                    }
                },
                options);
    }

    /**
     * Makes a file in a directory.
     *
     * @param index of the file, 0 to 2^32 - 1
     * @param directory where
     * @param name the file, which must not exist
     * @param options the buffer and the rest
     * @return an empty file
     * @throws IllegalArgumentException if the index is out of range
     * @throws java.nio.file.FileAlreadyExistsException if it exists
     * @throws IOException if it cannot be made
     */
    public static AppendFile create(long index, Directory directory, String name, FileOptions options)
            throws IOException {
        requireIndex(index);
        boolean[] made = new boolean[1];
        try {
            return over(
                    () -> {
                        FileHandle handle = directory.create(name);
                        made[0] = true;
                        return handle;
                    },
                    (buffers, handle) -> new AppendFile(
                            index,
                            new FileReader(directory, name, options.channels()),
                            handle,
                            new AppendFile.Start(buffers, 0, false, options)),
                    options);
        } catch (IOException | RuntimeException | Error e) {
            if (made[0]) {
                closeAfter(e, () -> directory.delete(name)); // Or it would be in the way of the next attempt.
            }
            throw e;
        }
    }

    /**
     * Opens an existing file to append to it. Bytes behind the length to keep are cut off, and the cut is forced, so that
     * nothing of them can come back beside what is appended.
     *
     * @param index of the file, 0 to 2^32 - 1
     * @param directory where
     * @param name the file
     * @param keptBytes the length to keep
     * @param options the buffer and the rest
     * @return the file, whose length is {@code keptBytes}
     * @throws IllegalArgumentException if the index is out of range
     * @throws IOException if the file cannot be opened or is shorter
     */
    public static AppendFile reopen(long index, Directory directory, String name, long keptBytes, FileOptions options)
            throws IOException {
        requireIndex(index);
        return over(
                () -> directory.openWrite(name),
                (buffers, handle) -> {
                    long size = handle.size();
                    if (size < keptBytes) {
                        throw new IOException(directory.path().resolve(name) + " has " + size
                                + " bytes, expected at least " + keptBytes);
                    }
                    if (size > keptBytes) {
                        handle.truncate(keptBytes);
                        handle.force();
                    }
                    return new AppendFile(
                            index,
                            new FileReader(directory, name, options.channels()),
                            handle,
                            new AppendFile.Start(buffers, keptBytes, false, options));
                },
                options);
    }

    @FunctionalInterface
    private interface Opening {
        FileHandle open() throws IOException;
    }

    @FunctionalInterface
    private interface Making {
        AppendFile make(WriteBuffers buffers, FileHandle handle) throws IOException;
    }

    /** Returns a file over a handle, or neither. */
    private static AppendFile over(Opening opening, Making making, FileOptions options) throws IOException {
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

    private static void requireIndex(long index) {
        if (index < 0 || index > FileOptions.UNSIGNED_MAX) {
            throw new IllegalArgumentException("file index " + index + " is not an unsigned 32-bit number (0 to "
                    + FileOptions.UNSIGNED_MAX + ")");
        }
    }
}
