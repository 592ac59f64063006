package org.blobarena.arena.internal.lock;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.blobarena.arena.internal.channel.Interrupts;
import org.blobarena.arena.internal.io.DirectoryLockedException;
import org.jspecify.annotations.Nullable;

/**
 * A file that is open for its lock: one byte, far behind all content, because Windows lets nobody read a locked range.
 * Not safe for several threads.
 */
final class LockedFile implements Closeable {

    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;
    private static final int OPEN_ATTEMPTS = 3;
    private static final Set<OpenOption> EXISTING =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> NEW = Set.of(
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE_NEW,
            LinkOption.NOFOLLOW_LINKS);

    /** Never closed: that would drop the lock of somebody in this process whom {@link HeldFiles} does not know. */
    private static final Queue<AsynchronousFileChannel> ABANDONED = new ConcurrentLinkedQueue<>();

    private final String name;
    private final Path file;
    private final AsynchronousFileChannel channel;
    private final @Nullable Object key;
    private final String entry;
    private @Nullable FileLock lock;
    private boolean closed;

    private LockedFile(String name, Path file, AsynchronousFileChannel channel, @Nullable Object key, String entry) {
        this.name = name;
        this.file = file;
        this.channel = channel;
        this.key = key;
        this.entry = entry;
    }

    /**
     * Opens a file that is there. It is not locked yet.
     *
     * @return null when this process has it locked already
     * @throws NoSuchFileException if it does not exist
     */
    static @Nullable LockedFile open(LockableDirectory directory, String name) throws IOException {
        Path file = directory.path().resolve(name);
        for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
            Object key = directory.regular(name).fileKey();
            String entry = Objects.toString(key, file.toString());
            if (!HeldFiles.add(entry)) {
                return null;
            }
            AsynchronousFileChannel channel = null;
            boolean same = false;
            try {
                channel = Interrupts.open(file, EXISTING);
                // A file system of layers makes another file of one that is opened for writing.
                same = Objects.equals(key, directory.regular(name).fileKey());
                if (same) {
                    return new LockedFile(name, file, channel, key, entry);
                }
            } finally {
                if (!same) {
                    if (channel != null) {
                        channel.close();
                    }
                    HeldFiles.remove(entry);
                }
            }
        }
        throw new IOException(file + " was replaced again and again while it was opened");
    }

    /**
     * Makes a file. It is not locked yet.
     *
     * @return null when somebody else has made it
     */
    static @Nullable LockedFile create(LockableDirectory directory, String name, FileAttribute<?>... attributes)
            throws IOException {
        Path file = directory.path().resolve(name);
        AsynchronousFileChannel channel;
        try {
            channel = Interrupts.open(file, NEW, attributes);
        } catch (FileAlreadyExistsException e) {
            return null;
        }
        String entry = null;
        boolean entered = false;
        try {
            directory.giveToOwner(name);
            Object key = directory.regular(name).fileKey();
            entry = Objects.toString(key, file.toString());
            entered = HeldFiles.add(entry);
            return entered ? new LockedFile(name, file, channel, key, entry) : null;
        } finally {
            if (!entered) {
                channel.close(); // Of a file that is not held: it is new.
            }
        }
    }

    /** Returns whether this process has a file locked. */
    static boolean isHeldHere(LockableDirectory directory, String name) throws IOException {
        Object key = directory.regular(name).fileKey();
        return HeldFiles.contains(
                Objects.toString(key, directory.path().resolve(name).toString()));
    }

    String name() {
        return name;
    }

    @Nullable Object key() {
        return key;
    }

    /**
     * Takes the lock, or takes it again: gives it up if it is had, which the system may have done before, so that what
     * follows tells the truth. Somebody else must meanwhile be kept out by another lock.
     *
     * @return false when somebody else has it
     */
    boolean take() throws IOException {
        FileLock present = lock;
        if (present != null) {
            lock = null;
            present.release();
        }
        try {
            lock = channel.tryLock(LOCKED_BYTE, 1, false);
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** As {@link #take} for the first time, where another part of this process may have it unknown to the table. */
    boolean takeFirst() throws IOException {
        try {
            lock = channel.tryLock(LOCKED_BYTE, 1, false);
            return lock != null;
        } catch (OverlappingFileLockException e) {
            ABANDONED.add(channel);
            throw new DirectoryLockedException(
                    file.getParent() + " is in use by this process (lock file " + name + ")");
        }
    }

    /** Reads from the start. */
    ByteBuffer read(int bytesMax) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, channel.size()));
        int count = 0;
        while (bytes.hasRemaining() && count >= 0) {
            count = Interrupts.await(channel.read(bytes, bytes.position()));
        }
        return bytes.flip();
    }

    /** Makes a text the content. */
    void write(String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
        int length = bytes.remaining();
        while (bytes.hasRemaining()) { // Over what is there, which a full device allows.
            Interrupts.await(channel.write(bytes, bytes.position()));
        }
        channel.truncate(length);
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            try {
                if (!ABANDONED.contains(channel)) {
                    channel.close();
                }
            } finally {
                HeldFiles.remove(entry); // After the channel, or the lock of who comes next would be dropped.
            }
        }
    }
}
