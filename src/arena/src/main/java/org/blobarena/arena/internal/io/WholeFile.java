package org.blobarena.arena.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file outside of a store that is replaced as a whole: an observer finds the old file or the new one, also
 * after a loss of power, since the content is on the device before it gets its name.
 *
 * <p>Where files have POSIX permissions, the new file has those of the old one (the nine bits of reading, writing and
 * executing), and its owner and group as far as the process may give files away. Until it is whole, its owner alone can
 * read it. Where the group has to be another, it may do no more than everybody may. A file that was not there before is
 * as readable as its {@link Readers} and the process's mask allow. Other attributes, and other names (hard links) of the
 * old file, are not kept.
 *
 * <p>Interrupts do not reach what is written. For one thread.
 */
public final class WholeFile implements Closeable {

    private static final String PREFIX = ".blobarena-";
    private static final String SUFFIX = ".part";

    private static final FileAttribute<?> FOR_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path target;
    private final Path part;
    private final @Nullable PosixFileAttributes before;
    private final OutputStream out;

    private WholeFile(Path target, Path part, @Nullable PosixFileAttributes before, OutputStream out) {
        this.target = target;
        this.part = part;
        this.before = before;
        this.out = out;
    }

    /**
     * Begins a new file, beside the one that it will replace.
     *
     * @param target where it will be; a symbolic link is replaced, not followed
     * @param readers who may read it if there is no file yet
     * @return the file, to be closed
     * @throws FileSystemException if there is something else than a regular file or a link
     * @throws IOException if it cannot be made
     */
    public static WholeFile replacing(Path target, Readers readers) throws IOException {
        requireReplaceable(target);
        PosixFileAttributes before = isPosix(target) ? posixAttributes(target) : null;
        // Not derived from the name of the target, which may have the greatest length already.
        Path part = target.resolveSibling(PREFIX + UUID.randomUUID() + SUFFIX);
        if (!isPosix(target)) {
            Files.createFile(part);
        } else if (before != null) {
            Files.createFile(part, FOR_OWNER);
        } else {
            Files.createFile(part, readers.ofNewFile());
        }
        try {
            return new WholeFile(target, part, before, Files.newOutputStream(part, StandardOpenOption.WRITE));
        } catch (IOException | RuntimeException | Error e) {
            deleteAfter(e, part);
            throw e;
        }
    }

    /**
     * Returns whether a file is one that has not become whole, left by a process that died, or is still at work.
     *
     * @param file a path, of which the last name counts
     * @return whether it has such a name
     */
    public static boolean isPart(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    /**
     * Returns where the content stands until it is whole.
     *
     * @return a path in the directory of the target
     */
    public Path part() {
        return part;
    }

    /**
     * Returns where the content goes.
     *
     * @return a stream, without a buffer, that {@link #commit} and {@link #close} close
     */
    public OutputStream out() {
        return out;
    }

    /**
     * Puts the content on the device and in the place of the target.
     *
     * @throws IOException if it cannot be done; the target is as it was
     */
    public void commit() throws IOException {
        commit(channel -> channel.force(true));
    }

    /** @param force what puts the content on the device. For tests. */
    void commit(Force force) throws IOException {
        out.close();
        // No interrupt reaches such a channel. It is opened before the permissions may forbid it.
        try (AsynchronousFileChannel channel = AsynchronousFileChannel.open(part, StandardOpenOption.WRITE)) {
            if (before != null) {
                keepAttributes(before);
            }
            force.apply(channel);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A force of a file. */
    @FunctionalInterface
    interface Force {
        void apply(AsynchronousFileChannel channel) throws IOException;
    }

    /** Leaves nothing of what was not committed. */
    @Override
    public void close() throws IOException {
        try {
            out.close();
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void keepAttributes(PosixFileAttributes old) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(part, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(old.permissions());
        // The group first: a process that gave the file away could not change it any more.
        if (!now.group().equals(old.group()) && !wasAllowed(() -> view.setGroup(old.group()))) {
            limitGroup(permissions);
        }
        if (!now.owner().equals(old.owner())) {
            wasAllowed(() -> view.setOwner(old.owner()));
        }
        view.setPermissions(permissions);
    }

    private static void limitGroup(Set<PosixFilePermission> permissions) {
        if (!permissions.contains(PosixFilePermission.OTHERS_READ)) {
            permissions.remove(PosixFilePermission.GROUP_READ);
        }
        if (!permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            permissions.remove(PosixFilePermission.GROUP_WRITE);
        }
        if (!permissions.contains(PosixFilePermission.OTHERS_EXECUTE)) {
            permissions.remove(PosixFilePermission.GROUP_EXECUTE);
        }
    }

    /** Systems refuse it in many ways, and some file systems have no owners. */
    private static boolean wasAllowed(AttributeChange change) throws IOException {
        try {
            change.apply();
            return true;
        } catch (FileSystemException e) {
            return false;
        }
    }

    @FunctionalInterface
    private interface AttributeChange {
        void apply() throws IOException;
    }

    private static void requireReplaceable(Path target) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
        if (attributes.isDirectory()) {
            throw new FileSystemException(target.toString(), null, "is a directory");
        }
        if (!attributes.isRegularFile() && !attributes.isSymbolicLink()) {
            throw new FileSystemException(target.toString(), null, "is not a regular file");
        }
    }

    private static @Nullable PosixFileAttributes posixAttributes(Path target) throws IOException {
        try {
            PosixFileAttributes attributes =
                    Files.readAttributes(target, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? attributes : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static void deleteAfter(Throwable cause, Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
