package org.blobarena.store.internal.core;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FileNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an opening does to an arena file that it finds, before it relies on it or lets anything be appended to it. The
 * bytes stay as they are.
 *
 * <p><b>Copies.</b> A file that has other names too, as hard links make them, may be a part of another store. Only the
 * store that made it may append to it, and nobody knows who that is: what is still to change is replaced by a copy.
 *
 * <p><b>Writes again.</b> That bytes can be read is no proof that they are on the device, and neither is a force of them:
 * once a force has failed, the system may take for written what it could not write, and show it until the power fails.
 * So what nobody has forced is written once more, and that is forced.
 *
 * <p><b>Serving first.</b> Of a file that stays nothing of that is needed before it is read, or before a write that survives no
 * loss of power: so the store serves first, and its background puts on the device what the opening has found. Whatever rests on
 * that waits: a force, a file that is sealed, the deletion of a file, a snapshot, and the mark of a clean close. A force that
 * fails here ends writing as any other does. What fails for another reason, such as a want of descriptors, is tried again by
 * who needs it.
 *
 * <p><b>Concurrency.</b> Files are added by the opening alone. All else is safe from any thread. The lock is held while files
 * are written and forced, by the thread that does it; nothing is waited for meanwhile that takes it.
 */
public final class RecoveredFiles {

    private static final Logger LOG = LoggerFactory.getLogger(RecoveredFiles.class);

    private final WriteRefusal refusal;
    private final ReentrantLock proving = new ReentrantLock();

    /** Guarded by the lock. */
    private final ArrayDeque<WriteRefusal.Step> unproven = new ArrayDeque<>();

    private volatile boolean proven = true;

    public RecoveredFiles(WriteRefusal refusal) {
        this.refusal = refusal;
    }

    /** Returns whether a file, if it is there, has another name, under which others may see and change it. */
    public static boolean isLinked(Directory directory, String name) throws IOException {
        try {
            return directory.links(name) > 1;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Puts a copy in the place of an arena file that is linked. A crash leaves the one or the other.
     *
     * @param bytes how much of it is copied, from its start
     * @return whether it was linked
     */
    public static boolean replaceIfLinked(Directory directory, long fileId, long bytes) throws IOException {
        String name = FileNames.arena(fileId);
        if (!isLinked(directory, name)) {
            return false;
        }
        String copyName = FileNames.arenaUnfinished(fileId);
        try (FileHandle linked = directory.openRead(name);
                FileHandle copy = directory.create(copyName)) {
            copy(reader(directory, name, linked), copy, new Range(0, bytes));
            copy.force();
        } catch (IOException | RuntimeException | Error e) {
            deleteAfter(e, directory, copyName);
            throw e;
        }
        directory.rename(copyName, name);
        directory.force();
        return true;
    }

    /** The bytes of a file from an offset to another, which is not one of them. */
    public record Range(long from, long to) {}

    /**
     * As {@link #writeAgain}, but where a full device takes not even that, as those may that copy what they write, the file
     * is only forced: it can be read at least.
     */
    public static void writeAgainIfRoom(Directory directory, String name, Range bytes, WriteRefusal refusal)
            throws IOException {
        try {
            writeAgain(directory, name, bytes, refusal);
        } catch (NoSpaceException e) {
            LOG.warn(
                    "{}: bytes of {} that may not be on the device could not be written again",
                    directory.path(),
                    name,
                    e);
            writeAgain(directory, name, new Range(bytes.to, bytes.to), refusal);
        }
    }

    /**
     * Writes bytes of a file over themselves, and forces it. A linked file is only forced: it must not be written.
     *
     * @param refusal ends writing if the force fails
     */
    public static void writeAgain(Directory directory, String name, Range bytes, WriteRefusal refusal)
            throws IOException {
        try (FileHandle file = directory.openWrite(name)) {
            if (!isLinked(directory, name)) {
                copy(reader(directory, name, file), file, bytes);
            }
            force(file, refusal);
        }
    }

    private static void force(FileHandle file, WriteRefusal refusal) throws IOException {
        try {
            file.force();
        } catch (IOException e) {
            refusal.refuse(e);
            throw e;
        }
    }

    /** Copies bytes to the same place of another file. */
    public static void copy(ByteSource source, FileHandle target, Range bytes) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            for (long position = bytes.from; position < bytes.to; ) {
                ByteBuffer piece = scratch.buffer(bytes.to - position);
                source.read(piece, position);
                target.write(piece.flip(), position);
                position += piece.limit();
            }
        }
    }

    private static ByteSource reader(Directory directory, String name, FileHandle file) {
        return (target, offset) -> {
            file.read(target, offset);
            if (target.hasRemaining()) {
                throw new EOFException(directory.path().resolve(name) + " ends at byte " + (offset + target.position())
                        + ", expected at least " + (offset + target.limit()));
            }
        };
    }

    private static void deleteAfter(Throwable cause, Directory directory, String name) {
        try {
            directory.delete(name);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    // ---- what is found and not yet on the device

    /** @param proof puts a file on the device; done again if it fails */
    public void add(WriteRefusal.Step proof) {
        proving.lock();
        try {
            unproven.add(proof);
            proven = false;
        } finally {
            proving.unlock();
        }
    }

    /** Lets the background do it. Where there is no memory to ask it, the first who needs it does. */
    public void proveLater(Background background) {
        if (!proven) {
            boolean unused = background.tryExecute(this::proveInBackground);
        }
    }

    private void proveInBackground() {
        try {
            prove();
        } catch (IOException | RuntimeException | Error e) {
            if (refusal.isRefused()) {
                LOG.error("what was found after a crash could not be put on the device: no more writes are taken", e);
            } else {
                LOG.warn("what was found after a crash could not be put on the device yet", e);
            }
        }
    }

    /**
     * Returns when all that the opening has found is on the device.
     *
     * @throws IOException if it cannot be put there
     */
    public void prove() throws IOException {
        if (proven) {
            return;
        }
        proving.lock();
        try {
            for (WriteRefusal.Step proof = unproven.peek(); proof != null; proof = unproven.peek()) {
                refusal.require();
                refusal.watch(proof);
                unproven.remove();
            }
            proven = true;
        } finally {
            proving.unlock();
        }
    }
}
