package org.blobarena.arena.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directory of the file system that the JDK sees. */
public final class NioDirectory implements Directory {

    private static final Set<StandardOpenOption> CREATE =
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final Set<StandardOpenOption> WRITE = EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final Set<StandardOpenOption> READ = EnumSet.of(StandardOpenOption.READ);
    private static final FileAttribute<?>[] OWNER_ONLY_FILE = ownerOnly("rw-------");
    private static final FileAttribute<?>[] OWNER_ONLY_DIRECTORY = ownerOnly("rwx------");

    private final Path path;

    /**
     * A directory that exists.
     *
     * @param path where it is
     */
    public NioDirectory(Path path) {
        this.path = path;
    }

    /**
     * Creates a directory and the missing ones above it, each for its owner only and with a durable name. An
     * existing one stays as it is.
     *
     * @param path where
     * @return the directory
     * @throws IOException if it cannot be created
     */
    public static NioDirectory createAt(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                createAt(parent);
            }
            try {
                Files.createDirectory(path, OWNER_ONLY_DIRECTORY);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(path)) { // One that somebody else has just made is as good.
                    throw e;
                }
            } catch (IOException e) {
                throw NoSpaceException.orSame(e, path, 0);
            }
            if (parent != null) {
                new NioDirectory(parent).force();
            }
        }
        return new NioDirectory(path);
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public FileHandle create(String name) throws IOException {
        Path file = path.resolve(name);
        FileChannel channel;
        try {
            channel = FileChannel.open(file, CREATE, OWNER_ONLY_FILE);
        } catch (IOException e) {
            throw NoSpaceException.orSame(e, file, 0);
        }
        try {
            return ChannelFileHandle.forWriting(file, channel);
        } catch (IOException | RuntimeException e) {
            deleteQuietly(file, e);
            throw e;
        }
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        Path file = path.resolve(name);
        return ChannelFileHandle.forReading(file, FileChannel.open(file, READ));
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        Path file = path.resolve(name);
        return ChannelFileHandle.forWriting(file, FileChannel.open(file, WRITE));
    }

    /**
     * Creates a file that no other process can find and that is gone when its handle is, even after a crash:
     * its name is removed at once. (Windows removes it from the directory when the handle is closed.)
     *
     * @return a handle for reading and writing
     * @throws IOException if it cannot be created
     */
    public FileHandle createAnonymous() throws IOException {
        Path file = Files.createTempFile(path, "blobarena-", ".arena");
        FileHandle handle = null;
        try {
            handle = ChannelFileHandle.forWriting(file, FileChannel.open(file, WRITE));
            Files.delete(file);
            return handle;
        } catch (IOException | RuntimeException e) {
            closeQuietly(handle, e);
            deleteQuietly(file, e);
            throw e;
        }
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    names.add(entry.getFileName().toString());
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(path.resolve(from), path.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw NoSpaceException.orSame(e, path.resolve(to), 0);
        }
    }

    @Override
    public boolean link(String name, Directory target) throws IOException {
        Path link = target.path().resolve(name);
        try {
            Files.createLink(link, path.resolve(name));
            return true;
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false; // Another device, or a file system without links; or no space for a name, as a copy will
            // show.
        }
    }

    @Override
    public int links(String name) throws IOException {
        Path file = path.resolve(name);
        if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return (Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        }
        return 1;
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(path.resolve(name));
    }

    @Override
    public void force() throws IOException {
        AsynchronousFileChannel channel; // Interrupts do not reach it.
        try {
            channel = AsynchronousFileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            if (System.getProperty("os.name", "").startsWith("Windows")) {
                return; // Windows opens no directory, and keeps names in its journal.
            }
            throw e;
        }
        try (channel) {
            channel.force(false);
        }
    }

    @Override
    public long usableBytes() throws IOException {
        return NoSpaceException.usableBytes(path);
    }

    @Override
    public Closeable lock(String name) throws IOException {
        Path file = path.resolve(name);
        try {
            return ProcessLock.take(file, OWNER_ONLY_FILE);
        } catch (IOException e) {
            throw NoSpaceException.orSame(e, file, 0);
        }
    }

    private static void closeQuietly(@Nullable Closeable resource, Exception cause) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static void deleteQuietly(Path file, Exception cause) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
