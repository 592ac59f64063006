package org.blobarena.arena.internal.nio;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.blobarena.arena.internal.channel.ChannelFileHandle;
import org.blobarena.arena.internal.channel.Interrupts;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.arena.internal.lock.LockableDirectory;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the file system that the JDK sees.
 *
 * <p>Its path is resolved once, so that links that led there do not matter any more. How it stays the same directory is
 * the part of {@link LockableDirectory}.
 */
public final class NioDirectory implements Directory {

    private static final Set<OpenOption> CREATE = Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final FileAttribute<?>[] OWNER_ONLY_FILE = ownerOnly("rw-------");
    private static final FileAttribute<?>[] OWNER_ONLY_DIRECTORY = ownerOnly("rwx------");

    private final Path path;
    private final LockableDirectory directory;
    private volatile @Nullable FileStore device;

    /**
     * A directory that exists.
     *
     * @param path where it is, in the default file system
     * @throws IOException if it does not exist, or cannot be used
     */
    public NioDirectory(Path path) throws IOException {
        requireDefault(path);
        this.path = path.toRealPath();
        this.directory = new LockableDirectory(this.path);
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
        requireDefault(path);
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
                throw NoSpaceException.translate(e, path, 0);
            }
            if (parent != null) {
                new NioDirectory(parent).force();
            }
        }
        return new NioDirectory(path);
    }

    private static void requireDefault(Path path) throws IOException {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new FileSystemException(
                    path.toString(),
                    null,
                    "is a path of the file system '"
                            + path.getFileSystem().provider().getScheme() + "'; only the default one can be used");
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public FileHandle create(String name) throws IOException {
        requireHeld();
        Path file = path.resolve(name);
        FileChannel channel;
        try {
            channel = directory.names().open(name, CREATE, OWNER_ONLY_FILE);
        } catch (IOException e) {
            throw NoSpaceException.translate(e, file, 0);
        }
        boolean complete = false;
        try {
            directory.giveToOwner(name);
            FileHandle handle = ChannelFileHandle.guarded(
                    file, channel, () -> directory.open(name, WRITE), () -> guard(name, WRITE), directory::requireHeld);
            complete = true;
            return handle;
        } finally {
            if (!complete) {
                channel.close();
                directory.removeName(name);
            }
        }
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        return directory.openRead(name);
    }

    @Override
    public FileHandle openHeld(String name) throws IOException {
        return ChannelFileHandle.guarded(
                path.resolve(name),
                directory.open(name, READ),
                () -> directory.open(name, READ),
                () -> guard(name, READ),
                () -> {});
    }

    @Override
    public FileHandle openMapped(String name, long bytes) throws IOException {
        return directory.openMapped(name, bytes);
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return ChannelFileHandle.guarded(
                path.resolve(name),
                directory.open(name, WRITE),
                () -> directory.open(name, WRITE),
                () -> guard(name, WRITE),
                directory::requireHeld);
    }

    /** Returns a second descriptor of a file that has its name still. */
    private AsynchronousFileChannel guard(String name, Set<OpenOption> options) throws IOException {
        AsynchronousFileChannel channel = Interrupts.open(path.resolve(name), options);
        boolean same = false;
        try {
            directory.requireAtItsPath();
            same = true;
            return channel;
        } finally {
            if (!same) {
                channel.close();
            }
        }
    }

    /**
     * Creates a file that no other process can find and that is gone when its handle is, even after a crash:
     * its name is removed at once. (Windows removes it from the directory when the handle is closed.)
     *
     * @return a handle for reading and writing
     * @throws IOException if it cannot be created
     */
    public FileHandle createAnonymous() throws IOException {
        directory.requireAtItsPath();
        String name =
                Files.createTempFile(path, "blobarena-", ".arena").getFileName().toString();
        FileHandle handle = null;
        try {
            handle = ChannelFileHandle.guarded(
                    path.resolve(name),
                    directory.open(name, WRITE),
                    () -> directory.open(name, WRITE),
                    () -> guard(name, WRITE),
                    () -> {});
            directory.removeName(name);
            return handle;
        } catch (IOException | RuntimeException e) {
            closeQuietly(handle, e);
            deleteQuietly(name, e);
            throw e;
        }
    }

    @Override
    public List<String> list() throws IOException {
        return list(true);
    }

    @Override
    public List<String> listOthers() throws IOException {
        return list(false);
    }

    private List<String> list(boolean regular) throws IOException {
        List<String> found = new ArrayList<>();
        for (String name : directory.names().list()) {
            try {
                if (directory.names().attributes(name).isRegularFile() == regular) {
                    found.add(name);
                }
            } catch (NoSuchFileException e) {
                // Deleted since.
            }
        }
        return found;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        requireHeld();
        try {
            directory.names().move(from, to);
        } catch (IOException e) {
            throw NoSpaceException.translate(e, path.resolve(to), 0);
        }
        directory.replaced(to);
    }

    @Override
    public boolean link(String name, Directory target) throws IOException {
        requireHeld();
        Path link = target.path().resolve(name);
        directory.requireAtItsPath();
        try {
            Files.createLink(link, path.resolve(name));
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false; // Another device, or a file system without links; or no space for a name, as a copy will
            // show.
        }
        if (!directory.isSame(name, link)) {
            Files.delete(link);
            throw new DirectoryLostException(path + " was moved or replaced while it was in use");
        }
        return true;
    }

    @Override
    public int links(String name) throws IOException {
        return directory.linkCount(name);
    }

    @Override
    public void delete(String name) throws IOException {
        directory.delete(name);
    }

    @Override
    public void force() throws IOException {
        directory.force();
    }

    /** Finding the device takes a descriptor, asking it takes none: so it is found once. */
    @Override
    public long usableBytes() {
        try {
            FileStore known = device;
            if (known == null) {
                known = Files.getFileStore(path);
                device = known;
            }
            return known.getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    @Override
    public DirectoryLock lock(String signedName) {
        return directory.lock(signedName, OWNER_ONLY_FILE);
    }

    @Override
    public void requireHeld() throws IOException {
        directory.requireHeld();
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

    private void deleteQuietly(String name, Exception cause) {
        try {
            directory.removeName(name);
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
