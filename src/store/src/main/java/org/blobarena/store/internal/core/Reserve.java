package org.blobarena.store.internal.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.format.FileNames;
import org.blobarena.store.api.WritesRefusedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Space that is kept for removals on a full device: a tombstone needs some, and a user who wants to make room must be
 * able to remove.
 *
 * <p>It is a file of random bytes, which no file system can store in less. Who may use it deletes it when it meets a
 * full device, and tries again. From then on puts are refused that would not leave as much space free, or they
 * would take at once what was meant for removals. The file is made again when there is plenty of space.
 */
public final class Reserve {

    private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);

    private static final long BYTES_MAX = 256 * 1024;

    /** Of the limit of an arena file, the reserve is at most this part. */
    private static final int PART_OF_FILE = 4;

    /** It is made only where this many times its bytes are free. */
    private static final int ROOM_FACTOR = 4;

    /** How many bytes are put before the space for compaction is looked at again. */
    private static final long BYTES_PER_LOOK = 1 << 20;

    /** While it is given up, space is looked for after so many writes. */
    static final int WRITES_PER_ATTEMPT = 64;

    private final Directory directory;
    private final Background background;
    private final long bytes;
    private final long spareBytes;
    private final AtomicLong bytesToNextLook = new AtomicLong();
    private final AtomicInteger writes = new AtomicInteger();
    private final Runnable makeAgainTask = this::makeAgain;
    private volatile long spareInUse;
    private volatile boolean held;
    private volatile int timesGivenUp;

    Reserve(Directory directory, StoreSettings settings, Background background) {
        this.directory = directory;
        this.background = background;
        this.bytes = Math.min(BYTES_MAX, settings.fileBytesMax() / PART_OF_FILE);
        this.spareBytes = settings.compaction().reserveBytes();
    }

    /** An operation that may need the reserve. */
    @FunctionalInterface
    public interface Operation<T> {

        T run() throws IOException;
    }

    /** Sees whether the last opening has left the file, and else makes it if there is room. */
    public synchronized void open() throws IOException {
        try (FileHandle file = directory.openRead(FileNames.RESERVE)) {
            // Removing the one name of two would make no room.
            held = file.size() == bytes && !RecoveredFiles.isLinked(directory, FileNames.RESERVE);
        } catch (NoSuchFileException e) {
            held = false;
        }
        makeIfRoom();
    }

    /**
     * Runs an operation, and if it fails gives up the reserve and runs it again: whether space was lacking cannot be told
     * for sure, and a reserve that is given up in vain is made again soon.
     */
    public <T> T retryWithoutReserve(Operation<T> operation) throws IOException {
        int timesBefore = timesGivenUp;
        try {
            return operation.run();
        } catch (IOException e) {
            if (e instanceof WritesRefusedException || !giveUp(timesBefore, e)) {
                throw e;
            }
        }
        return operation.run();
    }

    /** To be called before a put: refuses it while it would take what is left for removals, or for compaction. */
    public void requireSpared(long recordBytes) throws IOException {
        if (spareBytes > 0 && bytesToNextLook.addAndGet(-recordBytes) < 0) {
            NoSpaceException.requireUsable(
                    directory, FileNames.RESERVE, Math.max(0, spareBytes - spareInUse) + recordBytes);
            bytesToNextLook.set(BYTES_PER_LOOK);
        }
        if (timesGivenUp > 0 && !held) {
            NoSpaceException.requireUsable(directory, FileNames.RESERVE, bytes + recordBytes);
        }
    }

    /** Tells how much of what is kept for compaction it has taken for now. */
    public void spareInUse(long taken) {
        spareInUse = taken;
    }

    /** To be called after a write that succeeded. */
    public void written() {
        if (!held && writes.incrementAndGet() % WRITES_PER_ATTEMPT == 0) {
            boolean unused = background.tryExecute(makeAgainTask); // Else a later write asks again.
        }
    }

    /** To be called before a close, which had better succeed. */
    public void giveUpIfShort() {
        try {
            if (held && directory.usableBytes() < bytes) {
                giveUp(timesGivenUp, null);
            }
        } catch (IOException e) {
            LOG.warn("{}: the space for removals could not be given up", directory.path(), e);
        }
    }

    /** How long the file is when it is there. */
    public long bytes() {
        return bytes;
    }

    /** Whether there is space now that was not there before. A failure to make it is added to that of the operation. */
    private synchronized boolean giveUp(int timesBefore, @Nullable IOException cause) throws IOException {
        if (held) {
            try {
                directory.delete(FileNames.RESERVE);
            } catch (IOException e) {
                if (cause == null) {
                    throw e;
                }
                cause.addSuppressed(e);
                return false;
            }
            held = false;
            timesGivenUp++;
        }
        return timesGivenUp != timesBefore;
    }

    private void makeAgain() {
        try {
            makeIfRoom();
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("{}: the space for removals on a full device could not be reserved", directory.path(), e);
        }
    }

    private synchronized void makeIfRoom() throws IOException {
        boolean room =
                directory.usableBytes() >= bytes * ROOM_FACTOR; // Asked at each opening: what is asked once is known.
        if (held) {
            return;
        }
        directory.delete(FileNames.RESERVE);
        if (!room) {
            return;
        }
        byte[] content = new byte[Math.toIntExact(bytes)];
        new SplittableRandom().nextBytes(content);
        try (FileHandle file = directory.create(FileNames.RESERVE)) {
            file.write(ByteBuffer.wrap(content), 0);
            held = true;
        } catch (NoSpaceException e) {
            directory.delete(FileNames.RESERVE);
        }
    }
}
