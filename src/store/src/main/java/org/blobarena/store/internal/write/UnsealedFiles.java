package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.SpinningLock;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Limits;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The arena files that take records or wait for being sealed, and the numbers of files and records, which are never used
 * twice.
 *
 * <p>One of the files is the active one, to which all small records go. A stream has a file of its own while it writes,
 * and so has a compaction, whose outputs are not in this list.
 *
 * <p><b>Concurrency.</b> One lock guards this object and the lists of records of its files. Who appends to the active
 * file holds it from the choice of the file until the record is in the file's buffer, so sequence numbers ascend in the
 * order of the bytes. A stream pushes to its file without the lock, and takes it for what is listed and for its sequence
 * number. No I/O is done with the lock, but when a buffer is full, a record is larger than the buffer, an index block is
 * due, or a file is begun.
 */
public final class UnsealedFiles {

    /**
     * The most files that wait for being sealed while another is begun: each holds a descriptor and two buffers. As writers
     * fill files faster than a device takes them, those that write in bursts wait for it the later.
     */
    static final int WAITING_MAX = 8;

    /** So many may wait however long they are, and whatever is dead in them, which no compaction gives back before. */
    static final int WAITING_MIN = 3;

    private static final Logger LOG = LoggerFactory.getLogger(UnsealedFiles.class);

    private final StoreContext store;
    private final ReentrantLock lock = new SpinningLock();

    // All guarded by the lock.
    private final ArrayList<ActiveFile> unsealed = new ArrayList<>();
    private @Nullable ActiveFile active;
    private long nextSequence;
    private long nextFileId;

    /** Goes on from what an opening found. */
    public UnsealedFiles(StoreContext store, Counters counters, Resumed resumed) {
        this.store = store;
        this.nextSequence = counters.nextSequence;
        this.nextFileId = counters.nextFileId;
        this.active = resumed.active;
        for (ActiveFile file : resumed.unsealed) {
            unsealed.add(file);
            if (file != active) {
                file.roll();
            }
        }
    }

    /**
     * The files that are still to be sealed.
     *
     * @param active the one of them to append to, null to begin one with the first record
     */
    public record Resumed(
            List<ActiveFile> unsealed, @Nullable ActiveFile active) {}

    /** The numbers that are given out next. */
    public record Counters(long nextSequence, long nextFileId) {}

    // ---- for who holds the lock

    /** Held while something is appended to the active file, or listed in any. */
    ReentrantLock lock() {
        return lock;
    }

    /** The lock is held. The file that takes records, if there is one. */
    @Nullable ActiveFile active() {
        return active;
    }

    /** What encrypts the records of the file that takes them, null if there is none or nothing is encrypted. */
    @Nullable FileCipher cipherOfActive() {
        lock.lock();
        try {
            return active == null ? null : active.file().cipher();
        } finally {
            lock.unlock();
        }
    }

    /** Whether few enough files wait for being sealed to begin another. */
    boolean mayBegin() {
        lock.lock();
        try {
            int files = 0;
            long bytes = 0;
            long deadBytes = 0;
            for (int i = 0; i < unsealed.size(); i++) {
                ActiveFile file = unsealed.get(i);
                if (file.isRolled()) {
                    files++;
                    bytes += file.writer().length();
                    deadBytes += file.file().deadBytes();
                }
            }
            return files < WAITING_MIN
                    || (files < WAITING_MAX
                            && bytes < store.settings().unsealedBytesMax()
                            && deadBytes <= store.settings().fileBytesMax());
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held. Begins the next active file and rolls the one before, if there is one. */
    ActiveFile beginActive() throws IOException {
        if (active != null) {
            flush(active);
        }
        ActiveFile next = begin();
        if (active != null) {
            active.roll();
        }
        active = next;
        return next;
    }

    /** What is buffered goes first: else a later record, in the next file, could survive a crash that it does not. */
    private static void flush(ActiveFile file) {
        try {
            file.writer().flush();
        } catch (IOException e) {
            LOG.debug("{} is not flushed before it is sealed", file.file(), e); // Who seals it meets that too.
        }
    }

    /** The lock is held. The number of a record that is appended now; it is never used again, whatever becomes of it. */
    long takeSequence() throws IOException {
        if (nextSequence > Limits.SEQUENCE_MAX) {
            throw new IOException("all 2^56 - 1 sequence numbers are used up");
        }
        return nextSequence++;
    }

    // ---- files of streams and of compaction

    /**
     * Gives a stream the active file, if nothing was written to it since the opening: else every short run would leave a
     * file behind.
     *
     * @param recordBytes what it must have room for
     * @param expires whether the record does
     * @return null if the stream has to begin one
     */
    @Nullable ActiveFile takeUnusedActive(long recordBytes, boolean expires) throws IOException {
        lock.lock();
        try {
            store.refusal().require();
            ActiveFile taken = active;
            if (taken == null || !taken.isUnused() || !taken.hasRoomFor(recordBytes, expires)) {
                return null;
            }
            active = null;
            taken.giveToStreams();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Begins a file to which one stream at a time appends, until it is rolled. */
    ActiveFile beginForStreams() throws IOException {
        lock.lock();
        try {
            store.refusal().require();
            ActiveFile begun = begin();
            begun.giveToStreams();
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins a file for a compaction, which alone appends to it until it seals it. Nobody else forces it.
     *
     * @param creationSequence a sequence number before which nothing in it was dead
     */
    public ActiveFile beginOutput(long creationSequence) throws IOException {
        lock.lock();
        try {
            store.refusal().require();
            ActiveFile begun = create(new ActiveFileOpener.Beginning(creationSequence, false));
            begun.file().markOutput();
            addToStore(begun);
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /** Begins a file for an eviction, which alone appends to it until it rolls it. */
    ActiveFile beginKept() throws IOException {
        lock.lock();
        try {
            store.refusal().require();
            ActiveFile begun = begin(true);
            begun.giveToStreams();
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held. */
    private ActiveFile begin() throws IOException {
        return begin(false);
    }

    /** The lock is held. */
    private ActiveFile begin(boolean kept) throws IOException {
        unsealed.ensureCapacity(unsealed.size() + 1);
        ActiveFile begun = create(new ActiveFileOpener.Beginning(nextSequence, kept));
        addToStore(begun);
        unsealed.add(begun);
        return begun;
    }

    /** Leaves no file behind that nobody knows. */
    private void addToStore(ActiveFile begun) {
        try {
            store.files().add(begun.file());
        } catch (RuntimeException | Error e) {
            Throwable unused = Failures.after(e, begun.writer());
            unused = Failures.after(
                    unused, () -> store.directory().delete(begun.file().name()));
            throw e;
        }
    }

    /** The lock is held. */
    private ActiveFile create(ActiveFileOpener.Beginning beginning) throws IOException {
        if (nextFileId > Location.UNSIGNED_MAX) {
            throw new IOException("all 2^32 - 1 ids of arena files are used up");
        }
        while (true) {
            try {
                ActiveFile created =
                        store.refusal().watchMaking(() -> ActiveFileOpener.create(store, nextFileId, beginning));
                nextFileId++;
                return created;
            } catch (FileAlreadyExistsException e) {
                skipId(e);
            }
        }
    }

    /** The lock is held. What has the name is not ours to remove, and an id is as good as the next. */
    private void skipId(FileAlreadyExistsException inTheWay) throws IOException {
        if (nextFileId == Location.UNSIGNED_MAX) {
            throw inTheWay;
        }
        LOG.warn("{}: is in the way of an arena file, which gets another name", inTheWay.getFile());
        nextFileId++;
    }

    // ---- all of them

    /** All files of the list. */
    List<ActiveFile> all() {
        lock.lock();
        try {
            return List.copyOf(unsealed);
        } finally {
            lock.unlock();
        }
    }

    /** Those that wait for being sealed. */
    List<ActiveFile> waiting() {
        return all().stream().filter(ActiveFile::isRolled).toList();
    }

    /** Takes a file out that is sealed. */
    void remove(ActiveFile sealed) {
        lock.lock();
        try {
            unsealed.remove(sealed);
        } finally {
            lock.unlock();
        }
    }

    /** Makes everything that was acknowledged so far, and what the opening has found, as durable as asked. */
    public void makeDurable(Durability durability) throws IOException {
        store.refusal().require();
        if (durability == Durability.FORCED) {
            store.recovered().prove();
        }
        for (ActiveFile file : all()) {
            long end = file.file().recordsEnd();
            if (end > ArenaHeader.BYTES) { // Else there is nothing yet but a stream, which may be slow.
                file.makeDurable(end, durability);
            }
        }
    }

    public Counters counters() {
        lock.lock();
        try {
            return new Counters(nextSequence, nextFileId);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The records that a file has at one moment.
     *
     * @param lastIndexBlock of the blocks that list them, of length 0 when there is none
     * @param pending those that no index block lists yet
     */
    public record Listed(Location lastIndexBlock, List<IndexBlock.Entry> pending) {}

    /** The records that a file has now; one that takes more may get others at once. */
    public Listed listed(StoreFile file) {
        lock.lock();
        try {
            List<IndexBlock.Entry> pending = unsealed.stream()
                    .filter(each -> each.file() == file)
                    .flatMap(each -> each.pendingEntries().stream())
                    .toList();
            return new Listed(file.content().lastIndexBlock(), pending);
        } finally {
            lock.unlock();
        }
    }

    /** @param before how far the file was swept */
    public record BegunSweep(Listed listed, FileContent.Swept before) {}

    /** Begins a sweep of expired records of a file. */
    public BegunSweep beginSweep(StoreFile file, long nowMillis) {
        lock.lock();
        try {
            return new BegunSweep(listed(file), file.content().beginSweep(nowMillis));
        } finally {
            lock.unlock();
        }
    }

    /** Whether a file is the one that takes puts. */
    public boolean isActive(StoreFile file) {
        lock.lock();
        try {
            return active != null && active.file() == file;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #rollActive} would end a file that has something dead. */
    public boolean activeHasDead() {
        lock.lock();
        try {
            return unsealed.stream()
                    .anyMatch(file -> !file.isInUse() && file.file().deadBytes() > 0);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the active file and those that wait for a stream, to be sealed by the {@link FileSealer}, so that what is dead
     * in them can be compacted.
     */
    public void rollActive() {
        lock.lock();
        try {
            if (active != null) {
                active.roll();
                active = null;
            }
            unsealed.forEach(ActiveFile::rollIfIdle);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the files that wait for a stream and were begun before a sequence number. */
    public void rollIdleBefore(long sequence) {
        lock.lock();
        try {
            for (ActiveFile file : unsealed) {
                if (file.file().origin().creationSequence() < sequence) {
                    file.rollIfIdle();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A file of a snapshot.
     *
     * @param recordsEnd where its last record ends
     * @param grows whether a stream has it, and will publish more records
     */
    public record SnapshotFile(StoreFile file, long recordsEnd, boolean grows) {}

    /**
     * Ends the active file, while the caller keeps everybody from writing.
     *
     * @return the files that hold all records; once all that are rolled are sealed, those that do not grow do not change
     *     any more
     */
    public List<SnapshotFile> rollForSnapshot() {
        lock.lock();
        try {
            rollActive();
            Set<StoreFile> growing = unsealed.stream()
                    .filter(ActiveFile::isInUse)
                    .map(ActiveFile::file)
                    .collect(Collectors.toSet());
            return store.files().all().stream()
                    .filter(file -> !file.isOutput())
                    .map(file -> new SnapshotFile(file, file.recordsEnd(), growing.contains(file)))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the files of streams when nobody writes any more. One of them takes the place of the active file if there is
     * none: the next opening goes on with it.
     */
    @Nullable ActiveFile endStreamFiles() {
        lock.lock();
        try {
            for (ActiveFile file : unsealed) {
                if (file != active && !file.isRolled()) {
                    if (active == null) {
                        active = file;
                    } else {
                        file.roll();
                    }
                }
            }
            return active;
        } finally {
            lock.unlock();
        }
    }
}
