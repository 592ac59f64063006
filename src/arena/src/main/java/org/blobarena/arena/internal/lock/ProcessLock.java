package org.blobarena.arena.internal.lock;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.FileAttribute;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.DirectoryLockedException;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.jspecify.annotations.Nullable;

/**
 * Advisory locks on some files of a directory. In one of them, the signed file, stand the holder's process id and a
 * random number, as text in two lines.
 *
 * <p>The operating system drops the locks with the process. POSIX also drops those of a file when the process closes
 * <em>any</em> descriptor of it. This library never does that: {@link HeldFiles} tells all of it in this JVM what is
 * held, and a file is looked up there before it is opened. Other code may do it all the same, such as a backup that reads
 * every file, and the system tells nobody. So there are two locks, and {@link #requireHeld} takes each of them again
 * while the other keeps everybody out, which changes nothing where a lock was held, and else restores it. A process that
 * came in between has one of the locks, or has left another number in the signed file. Whether the files and the
 * directory still have their names is looked at as well; a signed file that was only deleted is made again.
 *
 * <p>Who opens a directory takes the locks one after the other. Who holds one of them may thus find the other taken for
 * a moment by somebody who is about to be refused, and waits for that. Two of them may so wait for each other: who has
 * signed, and by that is in possession or about to be, waits ten times as long as who has not.
 */
final class ProcessLock implements DirectoryLock {

    private static final System.Logger LOG = System.getLogger(ProcessLock.class.getName());
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PATIENCE_UNSIGNED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SIGNATURE_BYTES_MAX = 64;

    private final LockableDirectory directory;
    private final String signedName;
    private final FileAttribute<?>[] attributes;
    private final ReentrantLock guard = new ReentrantLock();
    private final List<LockedFile> files = new ArrayList<>();
    private @Nullable LockedFile signed;
    private String signature = "";
    private @Nullable String loss;
    private boolean closed;

    /** @param attributes of the signed file, where it is made */
    ProcessLock(LockableDirectory directory, String signedName, FileAttribute<?>[] attributes) {
        this.directory = directory;
        this.signedName = signedName;
        this.attributes = attributes;
    }

    @Override
    public void add(String name) throws IOException {
        guard.lock();
        try {
            LockedFile file = openPatiently(name);
            try {
                takeFirst(file);
            } catch (IOException | RuntimeException | Error e) {
                closeAfter(e, file);
                throw e;
            }
            files.add(file);
            directory.heldBy(this);
        } finally {
            guard.unlock();
        }
    }

    @Override
    public void sign() throws IOException {
        guard.lock();
        try {
            signLocked();
        } catch (IOException e) {
            throw NoSpaceException.translate(e, directory.path().resolve(signedName), 0);
        } finally {
            guard.unlock();
        }
    }

    private void signLocked() throws IOException {
        LockedFile file = openOrCreate();
        try {
            takeFirst(file);
            signature = ProcessHandle.current().pid() + "\n" + HexFormat.of().toHexDigits(RANDOM.nextLong()) + "\n";
            file.write(signature);
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(e, file);
            throw e;
        }
        signed = file;
        files.add(0, file);
        directory.heldBy(this);
    }

    @Override
    public ByteBuffer read(String name, int bytesMax) throws IOException {
        guard.lock();
        try {
            for (LockedFile file : files) {
                if (file.name().equals(name)) {
                    return file.read(bytesMax);
                }
            }
            throw new NoSuchFileException(directory.path().resolve(name).toString());
        } finally {
            guard.unlock();
        }
    }

    /** Locks a file anew that this process itself has put in the place of a locked one. */
    void replaced(String name) throws IOException {
        guard.lock();
        try {
            for (LockedFile file : List.copyOf(files)) {
                if (file.name().equals(name)) {
                    LockedFile fresh = openPatiently(name);
                    try {
                        takeFirst(fresh);
                    } catch (IOException | RuntimeException | Error e) {
                        closeAfter(e, fresh);
                        throw e;
                    }
                    files.set(files.indexOf(file), fresh);
                    file.close();
                }
            }
        } finally {
            guard.unlock();
        }
    }

    /** See {@link Directory#requireHeld}. */
    void requireHeld() throws IOException {
        guard.lock();
        try {
            if (loss == null && !closed) {
                loss = findLoss();
            }
            if (loss != null) {
                throw new DirectoryLostException(loss);
            }
        } finally {
            guard.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        guard.lock();
        try {
            closed = true;
            Throwable failure = null;
            for (LockedFile file : files) {
                failure = closeAfter(failure, file);
            }
            files.clear();
            failure = closeAfter(failure, () -> directory.letGo(this));
            if (failure instanceof IOException e) {
                throw e;
            }
        } finally {
            guard.unlock();
        }
    }

    // ---- taking

    private LockedFile openPatiently(String name) throws IOException {
        long start = System.nanoTime();
        LockedFile file = LockedFile.open(directory, name);
        while (file == null && isPatient(start)) {
            file = LockedFile.open(directory, name);
        }
        if (file == null) {
            throw heldHere();
        }
        return file;
    }

    private LockedFile openOrCreate() throws IOException {
        while (true) {
            try {
                if (directory.linkCount(signedName) > 1) {
                    // A file with another name is not ours alone to write to.
                    if (LockedFile.isHeldHere(directory, signedName)) {
                        throw heldHere();
                    }
                    directory.delete(signedName);
                }
                return openPatiently(signedName);
            } catch (NoSuchFileException e) {
                LockedFile created = LockedFile.create(directory, signedName, attributes);
                if (created != null) {
                    return created;
                }
            }
        }
    }

    private void takeFirst(LockedFile file) throws IOException {
        long start = System.nanoTime();
        boolean taken = file.takeFirst();
        while (!taken && isPatient(start)) {
            taken = file.takeFirst();
        }
        if (!taken) {
            throw new DirectoryLockedException(
                    directory.path() + " is in use by " + holder(file) + " (lock file " + signedName + ")");
        }
    }

    /** Waits a moment, where another lock is held, so that somebody else can find out that he is refused. */
    private boolean isPatient(long start) {
        long patience = signed == null ? PATIENCE_UNSIGNED_NANOS : PATIENCE_NANOS;
        if (files.isEmpty() || System.nanoTime() - start > patience) {
            return false;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
        return true;
    }

    private DirectoryLockedException heldHere() {
        return new DirectoryLockedException(directory.path() + " is in use by this process (process "
                + ProcessHandle.current().pid() + "), which has not closed it (lock file " + signedName + ")");
    }

    /**
     * Returns who has signed, as far as that can be told.
     *
     * @param refused the file that is somebody else's, which this lock has open and has entered among those held here
     */
    private String holder(LockedFile refused) {
        try {
            if (signed != null) {
                return "another process"; // The signature is our own.
            }
            if (refused.name().equals(signedName)) {
                return process(refused.read(SIGNATURE_BYTES_MAX));
            }
            if (LockedFile.isHeldHere(directory, signedName)) {
                return "this process";
            }
            try (FileHandle file = directory.openRead(signedName)) {
                ByteBuffer bytes = ByteBuffer.allocate(SIGNATURE_BYTES_MAX);
                file.read(bytes, 0);
                return process(bytes.flip());
            }
        } catch (IOException e) {
            return "another process";
        }
    }

    private static String process(ByteBuffer signature) {
        String holder = StandardCharsets.US_ASCII.decode(signature).toString();
        String first = holder.lines().findFirst().orElse("").strip();
        return first.matches("[0-9]{1,19}") ? "process " + first : "another process";
    }

    // ---- holding

    /** Returns what has become of the directory that makes it another's, or null. */
    private @Nullable String findLoss() throws IOException {
        if (!directory.isAtItsPath()) {
            return directory.path() + " was moved or replaced while it was in use";
        }
        for (LockedFile file : List.copyOf(files)) {
            String problem = findLoss(file);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private @Nullable String findLoss(LockedFile file) throws IOException {
        String path = directory.path().resolve(file.name()).toString();
        LockedFile held = file;
        try {
            if (!Objects.equals(
                    file.key(), directory.names().attributes(file.name()).fileKey())) {
                return path + " was replaced while it was locked";
            }
        } catch (NoSuchFileException e) {
            LockedFile renewed = file == signed && files.size() > 1 ? renew(file) : null;
            if (renewed == null) {
                return path + " was deleted while it was locked";
            }
            held = renewed;
        }
        if (files.size() > 1 && !takeAgain(held)) {
            return path + " was locked by another process while it was in use here";
        }
        if (held == signed && !signature.equals(text(held.read(SIGNATURE_BYTES_MAX)))) {
            return directory.path() + " was opened by another process while it was in use here (lock file "
                    + held.name() + ")";
        }
        return null;
    }

    /** The signed file, which comes first, is taken by those alone who have all other locks. */
    private boolean takeAgain(LockedFile file) throws IOException {
        long start = System.nanoTime();
        boolean taken = file.take();
        while (!taken && file != signed && isPatient(start)) {
            taken = file.take();
        }
        return taken;
    }

    /** Makes the signed file again, which somebody has deleted; null when somebody else has done so. */
    private @Nullable LockedFile renew(LockedFile deleted) throws IOException {
        LockedFile renewed = LockedFile.create(directory, deleted.name(), attributes);
        if (renewed == null) {
            return null;
        }
        boolean taken = false;
        boolean written = false;
        try {
            taken = renewed.take();
            if (!taken) {
                return null;
            }
            renewed.write(signature);
            written = true;
        } finally {
            if (!written) {
                renewed.close();
            }
            if (taken && !written) {
                directory.removeName(deleted.name()); // To be made at the next attempt.
            }
        }
        LOG.log(Level.WARNING, "{0} was deleted while {1} was in use; it is made again", signedName, directory.path());
        files.set(files.indexOf(deleted), renewed);
        signed = renewed;
        deleted.close();
        return renewed;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.US_ASCII.decode(bytes).toString();
    }

    private static @Nullable Throwable closeAfter(@Nullable Throwable earlier, Closeable resource) {
        try {
            resource.close();
            return earlier;
        } catch (IOException e) {
            if (earlier == null) {
                return e;
            }
            earlier.addSuppressed(e);
            return earlier;
        }
    }
}
