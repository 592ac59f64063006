package org.blobarena.arena.internal.lock;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Objects;
import java.util.Set;
import org.blobarena.arena.internal.channel.ChannelFileHandle;
import org.blobarena.arena.internal.channel.MappedFileHandle;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.arena.internal.io.FileHandle;
import org.jspecify.annotations.Nullable;

/**
 * The names in a directory and what they stand for, in a directory that may be locked.
 *
 * <p>While it is locked it is kept open where the system allows that (see {@link HeldNames}), and nothing is opened,
 * made, renamed or deleted in any other; else the path is asked before each operation whether it still leads there (see
 * {@link PathNames}). What changes names makes sure first that the locks are still held.
 *
 * <p>What root makes in the directory of somebody else gets the owner and the group of the directory. Safe from any
 * thread.
 */
public final class LockableDirectory {

    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    private final Path path;
    private final PathNames byPath;
    private final DirectoryForce force;
    private volatile @Nullable Held held;
    private volatile @Nullable Boolean isOfOther;

    /** What is open while the directory is locked. */
    private record Held(
            ProcessLock lock,
            @Nullable HeldNames names,
            @Nullable AsynchronousFileChannel directory) {}

    /**
     * A directory that is not locked yet.
     *
     * @param path its real path
     * @throws IOException if it does not exist
     */
    public LockableDirectory(Path path) throws IOException {
        this.path = path;
        this.byPath = new PathNames(path);
        this.force = new DirectoryForce(path);
    }

    /**
     * Returns where the directory is.
     *
     * @return its real path
     */
    public Path path() {
        return path;
    }

    /**
     * Returns the names, of the directory that is kept open or by the path.
     *
     * @return the names as long as the directory is not locked or let go
     */
    public Names names() {
        Held present = held;
        return present == null || present.names == null ? byPath : present.names;
    }

    // ---- files

    /**
     * Opens a file with bytes. Looks first, since the opening of a pipe may wait for ever, and that of a device may do
     * anything.
     *
     * @param name the file
     * @param options how; not to make it
     * @return a channel at the file
     * @throws IOException under the conditions of {@link #regular}, and if it cannot be opened
     */
    public FileChannel open(String name, Set<? extends OpenOption> options) throws IOException {
        BasicFileAttributes unused = regular(name);
        return names().open(name, options);
    }

    /**
     * Opens a file for reading.
     *
     * @param name the file
     * @return a handle that refuses writes
     * @throws IOException under the conditions of {@link #open}
     */
    public FileHandle openRead(String name) throws IOException {
        return ChannelFileHandle.forReading(path.resolve(name), () -> open(name, READ));
    }

    /**
     * Opens a file that does not change any more, for reading through a mapping where that can be had.
     *
     * @param name the file
     * @param bytes how many of its bytes are to be read
     * @return a handle that refuses writes
     * @throws IOException under the conditions of {@link #open}, and if the file is shorter
     */
    public FileHandle openMapped(String name, long bytes) throws IOException {
        FileHandle mapped = MappedFileHandle.open(path.resolve(name), () -> open(name, READ), bytes);
        return mapped == null ? openRead(name) : mapped;
    }

    /**
     * Returns what a name stands for, which is a file with bytes.
     *
     * @param name the name
     * @return its attributes
     * @throws NoSuchFileException if it does not exist
     * @throws FileSystemException if it is a link, a directory, a pipe or a device
     * @throws IOException if it cannot be found out
     */
    public BasicFileAttributes regular(String name) throws IOException {
        BasicFileAttributes attributes = names().attributes(name);
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(path.resolve(name).toString(), null, "is no regular file");
        }
        return attributes;
    }

    /**
     * Returns whether a path elsewhere leads to the same file as a name here.
     *
     * @param name the file
     * @param other a path
     * @return whether it does; true where the system cannot tell files apart
     * @throws IOException under the conditions of {@link #regular}
     */
    public boolean isSame(String name, Path other) throws IOException {
        return Objects.equals(PathNames.key(other), regular(name).fileKey());
    }

    /**
     * Returns how many names a file has, as far as the system tells.
     *
     * @param name one of its names
     * @return 1 or more
     * @throws IOException under the conditions of {@link #regular}
     */
    public int linkCount(String name) throws IOException {
        if (regular(name).fileKey() == null) {
            return 1;
        }
        Object count = Files.getAttribute(path.resolve(name), "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        return count instanceof Integer number ? number : 1;
    }

    /**
     * Gives what was made to the owner of the directory, where this process may do that and is not the owner.
     *
     * @param name the file
     * @throws IOException if its owner cannot be found out
     */
    public void giveToOwner(String name) throws IOException {
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

    /**
     * Locks a file anew that this process itself has put in the place of a locked one.
     *
     * @param name the file
     * @throws IOException if it cannot be locked
     */
    public void replaced(String name) throws IOException {
        Held present = held;
        if (present != null) {
            present.lock.replaced(name);
        }
    }

    /**
     * Removes a name if it exists.
     *
     * @param name the file
     * @throws IOException if it cannot be removed
     */
    public void delete(String name) throws IOException {
        requireHeld();
        removeName(name);
    }

    /**
     * Removes a name if it exists, of a file that this process has just made.
     *
     * @param name the file
     * @throws IOException if it cannot be removed
     */
    public void removeName(String name) throws IOException {
        try {
            names().delete(name);
        } catch (NoSuchFileException e) {
            // As wanted.
        }
    }

    /**
     * Makes the names durable.
     *
     * @throws IOException if the device reports an error
     */
    public void force() throws IOException {
        requireHeld();
        Held present = held;
        if (present != null && present.directory != null) {
            force.force(present.directory);
            return;
        }
        byPath.requireSame();
        try (AsynchronousFileChannel channel = force.open()) {
            if (channel != null) {
                force.force(channel);
            }
        }
    }

    // ---- the lock

    /**
     * Prepares a lock of this directory.
     *
     * @param signedName the file that says who has the directory
     * @param attributes of that file, where it is made
     * @return a lock that has locked nothing yet
     */
    public DirectoryLock lock(String signedName, FileAttribute<?>... attributes) {
        return new ProcessLock(this, signedName, attributes);
    }

    /**
     * Makes sure that what is locked is locked still; see {@link org.blobarena.arena.internal.io.Directory#requireHeld}.
     *
     * @throws DirectoryLostException if this process does not have the directory any more
     * @throws IOException if that cannot be found out
     */
    public void requireHeld() throws IOException {
        Held present = held;
        if (present != null) {
            present.lock.requireHeld();
        }
    }

    /**
     * Refuses to go on when the path leads elsewhere, for those who use the path.
     *
     * @throws DirectoryLostException if it does
     * @throws IOException if that cannot be found out
     */
    public void requireAtItsPath() throws IOException {
        byPath.requireSame();
    }

    /** Returns whether the path leads to the directory that is kept open, for those who use the path. */
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

    /** Keeps the directory open from now on. */
    void heldBy(ProcessLock lock) throws IOException {
        if (held != null) {
            return;
        }
        HeldNames names = HeldNames.open(path);
        AsynchronousFileChannel directory = null;
        boolean complete = false;
        try {
            directory = force.open();
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
}
