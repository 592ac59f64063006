package org.blobarena.arena.io;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the file system that the JDK sees.
 *
 * <p>Its path is resolved once, so that links that led there do not matter any more. While it is locked it is kept open
 * where the system allows that (see {@link HeldNames}), and nothing is opened, made, renamed or deleted in any other;
 * else the path is asked before each operation whether it still leads there (see {@link PathNames}).
 *
 * <p>What root makes in the directory of somebody else gets the owner and the group of the directory.
 */
public final class NioDirectory implements Directory {

    private static final System.Logger LOG = System.getLogger(NioDirectory.class.getName());
    private static final Set<OpenOption> CREATE = Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final FileAttribute<?>[] OWNER_ONLY_FILE = ownerOnly("rw-------");
    private static final FileAttribute<?>[] OWNER_ONLY_DIRECTORY = ownerOnly("rwx------");

    private final Path path;
    private final PathNames byPath;
    private final AtomicBoolean warnedOfForce = new AtomicBoolean();
    private volatile @Nullable Held held;
    private volatile @Nullable Boolean isOfOther;
    private volatile @Nullable FileStore device;

    /** What is open while the directory is locked. */
    private record Held(
            ProcessLock lock,
            @Nullable HeldNames names,
            @Nullable AsynchronousFileChannel directory) {}

    /**
     * A directory that exists.
     *
     * @param path where it is, in the default file system
     * @throws IOException if it does not exist, or cannot be used
     */
    public NioDirectory(Path path) throws IOException {
        requireDefault(path);
        this.path = path.toRealPath();
        this.byPath = new PathNames(this.path);
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
                throw NoSpaceException.orSame(e, path, 0);
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
            channel = names().open(name, CREATE, OWNER_ONLY_FILE);
        } catch (IOException e) {
            throw NoSpaceException.orSame(e, file, 0);
        }
        boolean complete = false;
        try {
            giveToOwner(name);
            FileHandle handle = ChannelFileHandle.forWriting(file, channel, () -> guard(name));
            complete = true;
            return new HeldFileHandle(handle, this);
        } finally {
            if (!complete) {
                channel.close();
                removeName(name);
            }
        }
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        return ChannelFileHandle.forReading(path.resolve(name), () -> open(name, READ));
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        FileHandle handle = ChannelFileHandle.forWriting(path.resolve(name), open(name, WRITE), () -> guard(name));
        return new HeldFileHandle(handle, this);
    }

    /** Looks first, since the opening of a pipe may wait for ever, and that of a device may do anything. */
    private FileChannel open(String name, Set<OpenOption> options) throws IOException {
        BasicFileAttributes unused = regular(name);
        return names().open(name, options);
    }

    /** A second descriptor of a file that has its name still. */
    private AsynchronousFileChannel guard(String name) throws IOException {
        AsynchronousFileChannel channel = Interrupts.open(path.resolve(name), WRITE);
        boolean same = false;
        try {
            byPath.requireSame();
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
        byPath.requireSame();
        String name =
                Files.createTempFile(path, "blobarena-", ".arena").getFileName().toString();
        FileHandle handle = null;
        try {
            handle = ChannelFileHandle.forWriting(path.resolve(name), open(name, WRITE), () -> guard(name));
            removeName(name);
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
        for (String name : names().list()) {
            try {
                if (names().attributes(name).isRegularFile() == regular) {
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
            names().move(from, to);
        } catch (IOException e) {
            throw NoSpaceException.orSame(e, path.resolve(to), 0);
        }
        Held present = held;
        if (present != null) {
            present.lock.replaced(to);
        }
    }

    @Override
    public boolean link(String name, Directory target) throws IOException {
        requireHeld();
        Path link = target.path().resolve(name);
        byPath.requireSame();
        try {
            Files.createLink(link, path.resolve(name));
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false; // Another device, or a file system without links; or no space for a name, as a copy will
            // show.
        }
        if (!Objects.equals(PathNames.key(link), regular(name).fileKey())) {
            Files.delete(link);
            throw new DirectoryLostException(path + " was moved or replaced while it was in use");
        }
        return true;
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
        requireHeld();
        removeName(name);
    }

    /** As {@link #delete}, for the lock itself. */
    void removeName(String name) throws IOException {
        try {
            names().delete(name);
        } catch (NoSuchFileException e) {
            // As wanted.
        }
    }

    @Override
    public void force() throws IOException {
        requireHeld();
        Held present = held;
        if (present != null && present.directory != null) {
            force(present.directory);
            return;
        }
        byPath.requireSame();
        try (AsynchronousFileChannel channel = openItself()) {
            if (channel != null) {
                force(channel);
            }
        }
    }

    private void force(AsynchronousFileChannel channel) throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            if (!isUnsupported(e)) {
                throw e;
            }
            if (!warnedOfForce.getAndSet(true)) {
                LOG.log(Level.WARNING, "the file system of {0} cannot force a directory: names may be lost", path);
            }
        }
    }

    /** The descriptor by which it is forced, which no interrupt closes; null where directories are not opened. */
    private @Nullable AsynchronousFileChannel openItself() throws IOException {
        try {
            return Interrupts.open(path, Set.of(StandardOpenOption.READ));
        } catch (AccessDeniedException e) {
            if (System.getProperty("os.name", "").startsWith("Windows")) {
                return null; // Windows keeps names in its journal.
            }
            throw e;
        }
    }

    /**
     * Whether the system says that it cannot do this at all (EINVAL). The JDK gives no number, and the words are those of
     * the user's language, so they are compared with those for something that can never be done.
     */
    private static boolean isUnsupported(IOException failure) {
        Path any = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Files.move(any, any.resolve("itself"), StandardCopyOption.ATOMIC_MOVE);
            return false;
        } catch (FileSystemException e) {
            return e.getReason() != null && e.getReason().equals(failure.getMessage());
        } catch (IOException e) {
            return false;
        }
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

    // ---- locked

    @Override
    public DirectoryLock lock(String signedName) {
        return new ProcessLock(this, signedName, OWNER_ONLY_FILE);
    }

    @Override
    public void requireHeld() throws IOException {
        Held present = held;
        if (present != null) {
            present.lock.requireHeld();
        }
    }

    /** Keeps the directory open from now on. */
    void heldBy(ProcessLock lock) throws IOException {
        if (held != null) {
            return;
        }
        HeldNames names = HeldNames.open(path);
        AsynchronousFileChannel directory = null;
        boolean complete = false;
        try {
            directory = openItself();
            held = new Held(lock, names, directory);
            if (!isAtItsPath()) {
                throw new DirectoryLostException(path + " was moved or replaced while it was opened");
            }
            complete = true;
        } finally {
            if (!complete) {
                held = null;
                close(names, directory);
            }
        }
    }

    /** Does not keep the directory open any more. */
    void letGo(ProcessLock lock) throws IOException {
        Held present = held;
        if (present != null && present.lock == lock) {
            held = null;
            close(present.names, present.directory);
        }
    }

    private static void close(@Nullable Closeable... resources) throws IOException {
        IOException failure = null;
        for (Closeable resource : resources) {
            try {
                if (resource != null) {
                    resource.close();
                }
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Whether the path leads to the directory that is kept open, for those who use the path. */
    boolean isAtItsPath() throws IOException {
        Held present = held;
        try {
            if (present != null && present.names != null) {
                return Objects.equals(present.names.key(), PathNames.key(path));
            }
            byPath.requireSame();
            return true;
        } catch (NoSuchFileException | DirectoryLostException e) {
            return false;
        }
    }

    private Names names() {
        Held present = held;
        return present == null || present.names == null ? byPath : present.names;
    }

    // ---- files

    /** What a name stands for. */
    BasicFileAttributes attributes(String name) throws IOException {
        return names().attributes(name);
    }

    /**
     * What a name stands for, which is a file with bytes.
     *
     * @throws NoSuchFileException if it does not exist
     * @throws FileSystemException if it is a link, a directory, a pipe or a device
     */
    BasicFileAttributes regular(String name) throws IOException {
        BasicFileAttributes attributes = attributes(name);
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(path.resolve(name).toString(), null, "is no regular file");
        }
        return attributes;
    }

    /** How many names a file has, as far as the system tells. */
    int linkCount(String name) throws IOException {
        if (regular(name).fileKey() == null) {
            return 1;
        }
        Object count = Files.getAttribute(path.resolve(name), "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        return count instanceof Integer number ? number : 1;
    }

    /** Gives what was made to the owner of the directory, where this process may do that and is not the owner. */
    void giveToOwner(String name) throws IOException {
        PosixFileAttributeView file = names().owner(name);
        if (file == null) {
            return;
        }
        Boolean other = isOfOther;
        if (other == null) {
            // By number: names of owners may have to be asked for in a network.
            other = !Files.getAttribute(path, "unix:uid").equals(Files.getAttribute(path.resolve(name), "unix:uid"));
            isOfOther = other;
        }
        if (other) {
            PosixFileAttributes directory = Files.readAttributes(path, PosixFileAttributes.class);
            try {
                file.setOwner(directory.owner());
                file.setGroup(directory.group());
            } catch (FileSystemException e) {
                isOfOther = false; // It is nobody's right but root's.
            }
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

    private void deleteQuietly(String name, Exception cause) {
        try {
            removeName(name);
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
