package org.blobarena.arena.internal.lock;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names in a directory that is kept open: they stay those of that directory wherever it is moved, and whatever takes its
 * place. Linux and macOS have this, Windows does not.
 */
final class HeldNames implements Names, Closeable {

    private static final Path ITSELF = Path.of(".");

    private final Path path;
    private final SecureDirectoryStream<Path> directory;

    private HeldNames(Path path, SecureDirectoryStream<Path> directory) {
        this.path = path;
        this.directory = directory;
    }

    /** Opens a directory; null where the system can only be asked by path. */
    @SuppressWarnings({"resource", "StreamResourceLeak"}) // closed with the names
    static @Nullable HeldNames open(Path path) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(path);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return new HeldNames(path, secure);
        }
        stream.close();
        return null;
    }

    /** What tells the directory from all others. */
    @Nullable Object key() throws IOException {
        return directory
                .getFileAttributeView(BasicFileAttributeView.class)
                .readAttributes()
                .fileKey();
    }

    @Override
    public FileChannel open(String name, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        try {
            // All that the JDK gives on these systems are file channels, though it does not promise it.
            return (FileChannel) directory.newByteChannel(Path.of(name), options, attributes);
        } catch (FileSystemException e) {
            throw withPath(e, name);
        }
    }

    @Override
    public BasicFileAttributes attributes(String name) throws IOException {
        try {
            return directory
                    .getFileAttributeView(Path.of(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        } catch (FileSystemException e) {
            throw withPath(e, name);
        }
    }

    @Override
    public @Nullable PosixFileAttributeView owner(String name) {
        return directory.getFileAttributeView(Path.of(name), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        // Another stream each time, since one can be read once.
        try (DirectoryStream<Path> entries = directory.newDirectoryStream(ITSELF)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    @Override
    public void move(String from, String to) throws IOException {
        try {
            directory.move(Path.of(from), directory, Path.of(to));
        } catch (FileSystemException e) {
            throw withPath(e, from);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        try {
            directory.deleteFile(Path.of(name));
        } catch (FileSystemException e) {
            throw withPath(e, name);
        }
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }

    /** The stream knows its names only. */
    private FileSystemException withPath(FileSystemException e, String name) {
        String file = path.resolve(name).toString();
        FileSystemException named;
        if (e instanceof NoSuchFileException) {
            named = new NoSuchFileException(file);
        } else if (e instanceof FileAlreadyExistsException) {
            named = new FileAlreadyExistsException(file);
        } else if (e instanceof AccessDeniedException) {
            named = new AccessDeniedException(file);
        } else {
            named = new FileSystemException(file, null, e.getReason());
        }
        named.initCause(e);
        return named;
    }
}
