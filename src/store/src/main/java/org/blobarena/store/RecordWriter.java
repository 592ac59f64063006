package org.blobarena.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Directory;
import org.blobarena.arena.io.DirectoryLostException;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Limits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends the records of all writers to the active file, rolls to the next and seals the one before.
 *
 * <p><b>Order.</b> One lock covers the choice of file, the sequence number and the copy into the file's buffer,
 * so sequence numbers ascend in the order of the bytes. Checksums of payloads are computed outside of it, and
 * no I/O is done under it, but when a buffer is full, a record is larger than the buffer, or an index block is
 * due every {@value IndexBlock#ENTRIES_MAX} records.
 *
 * <p><b>Durability.</b> A writer waits after it has given the lock back, so that those who come together are
 * flushed and forced together (see {@link org.blobarena.arena.FileArenaWriter}).
 *
 * <p><b>Failure.</b> When a flush fails, the writer that waits for it makes its own record void in the buffer
 * and throws: nothing of it can be read later, by recovery neither, and the buffer, with what others were
 * acknowledged, is written by the next flush that succeeds. Where that cannot be done, the record stands and counts. A
 * failed force of a file is final, since the system may have dropped what it could not write: {@link
 * WritesRefusedException} until the store is reopened. That of the directory is not: names are kept in the journals
 * of file systems, which forget nothing without ending altogether, and it is repeated by whoever needs it next. It comes
 * before that of the file, so that a record can still become void when it fails.
 *
 * <p><b>Sealing</b> is done by a thread of the store's, so that no writer waits for the force of a whole file, as long as
 * that thread keeps up: each file that waits for it holds a descriptor and two buffers, so whoever needs another file
 * while {@value #WAITING_MAX} wait seals the first of them itself. A file that could not be sealed keeps no other from
 * it, and is tried again at the next roll and at close, and else by recovery; it is readable all the time.
 */
final class RecordWriter {

    /** The most files that wait for being sealed. */
    static final int WAITING_MAX = 3;

    /** After so many records it is looked whether the directory is this store's still. */
    static final int RECORDS_PER_LOOK = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);

    private final StoreContext store;
    private final Directory directory;
    private final ReentrantLock lock = new ReentrantLock();

    /** Taken before {@link #lock}, for as long as one file is sealed. Fair, so that a writer waits for one file only. */
    private final ReentrantLock sealing = new ReentrantLock(true);

    private final Background background;
    private final Runnable sealTask = this::sealRolledInBackground;
    private final Runnable forceTask = this::forceInBackground;
    private final Runnable requireHeldTask = this::requireHeldInBackground;
    private final AtomicBoolean forceIsDue = new AtomicBoolean();

    // Guarded by the lock.
    private final ArrayList<ActiveFile> unsealed = new ArrayList<>();
    private @Nullable ActiveFile active;
    private long nextSequence;
    private long nextFileId;
    private long bytesSinceForce;
    private int recordsSinceLook;
    private boolean isActiveUsed;

    private final LongAdder bytesPut = new LongAdder();
    private volatile @Nullable Throwable failure;
    private volatile Runnable whenRolled = () -> {};
    private volatile Runnable whenSealed = () -> {};

    /** Goes on from what an opening found. */
    RecordWriter(StoreContext store, Counters counters, Resumed resumed) {
        this.store = store;
        this.directory = store.directory();
        this.nextSequence = counters.nextSequence;
        this.nextFileId = counters.nextFileId;
        this.active = resumed.active;
        for (ActiveFile file : resumed.unsealed) {
            unsealed.add(file);
            if (file != active) {
                file.roll();
            }
        }
        this.background = store.background();
        long forceNanos = store.settings().forceNanos();
        if (forceNanos > 0) {
            background.executeEvery(forceNanos, forceTask);
        }
        if (unsealed.size() > (active == null ? 0 : 1)) {
            background.execute(sealTask);
        }
    }

    /**
     * The files that are still to be sealed.
     *
     * @param active the one of them to append to, null to begin one with the first record
     */
    record Resumed(List<ActiveFile> unsealed, @Nullable ActiveFile active) {}

    /** The numbers that are never used twice. */
    record Counters(long nextSequence, long nextFileId) {}

    /**
     * Appends the first of some records to one file, and waits until they are as durable as asked. Those behind them were
     * not written, for want of room in the file or because of a failure, which a call for them meets again.
     *
     * <p>A failure and a record that stands do not exclude each other. A record that had reached its file when the failure
     * came cannot be made void: the next opening will find it. So each record says whether it stands, also after an
     * exception. Those that do need their place in the index.
     *
     * @param records one or more of one type; at least the first stands when this returns. Tombstones may use the reserve
     * @throws DiskFullException if there is no space
     */
    void append(List<PendingRecord> records, Durability durability) throws IOException {
        Reserve reserve = store.reserve();
        try {
            ActiveFile file;
            if (records.get(0).isTombstone()) {
                file = reserve.orGivingUp(() -> appendOrVoid(records, durability));
            } else {
                reserve.requireSpared(payloadBytes(records));
                file = appendOrVoid(records, durability);
            }
            makeDurable(file, endOf(records), durability); // Fails for those that could not be made void, if any.
            reserve.written();
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    private static long payloadBytes(List<PendingRecord> records) {
        long bytes = 0;
        for (int i = 0; i < records.size(); i++) {
            bytes += records.get(i).payloadBytes();
        }
        return bytes;
    }

    /** Where the last of those ends that stand. */
    private static long endOf(List<PendingRecord> records) {
        int last = 0;
        while (last + 1 < records.size() && records.get(last + 1).isAppended()) {
            last++;
        }
        return records.get(last).location().end();
    }

    /**
     * Appends the first of some records, and makes those void that do not become durable.
     *
     * @return the file in which at least the first stands
     * @throws IOException if none stands, or a force has failed, after which only the next opening knows
     */
    private ActiveFile appendOrVoid(List<PendingRecord> records, Durability durability) throws IOException {
        ActiveFile file = appendUnflushed(records);
        try {
            makeDurable(file, endOf(records), durability);
        } catch (IOException | RuntimeException | Error e) {
            voidUnlessFlushed(file, records);
            if (file.writer().isFailed()) {
                for (int i = 0; i < records.size(); i++) {
                    records.get(i).withdraw();
                }
            }
            if (!records.get(0).isAppended()) {
                throw e;
            }
        }
        return file;
    }

    /** Throws only if it has appended nothing: what it has appended needs its place in the index, or has to become void. */
    private ActiveFile appendUnflushed(List<PendingRecord> records) throws IOException {
        ActiveFile first = Objects.requireNonNull(appendUnflushed(records.get(0), null));
        try {
            int next = 1;
            while (next < records.size() && appendUnflushed(records.get(next), first) != null) {
                next++;
            }
        } catch (IOException | RuntimeException | Error e) {
            return first; // A call for the others meets it again.
        }
        return first;
    }

    /**
     * Appends a record to the buffer of its file.
     *
     * @param only the one file that it may go to, null for any
     * @return the file, or null when nothing was appended, for the active file is another or has no room
     */
    private @Nullable ActiveFile appendUnflushed(PendingRecord record, @Nullable ActiveFile only) throws IOException {
        while (true) {
            lock.lock();
            try {
                requireUnfailed();
                requireSequence();
                boolean fits = active != null && active.hasRoomFor(record.recordBytes());
                if (only != null && !(fits && only == active)) {
                    return null;
                }
                if (fits || countWaiting() < WAITING_MAX) {
                    ActiveFile file = fileFor(record.recordBytes());
                    file.append(record, nextSequence++); // Never used again, whatever becomes of the record.
                    bytesPut.add(record.recordBytes());
                    countTowardsForce(record.recordBytes());
                    return file;
                }
            } catch (DirectoryLostException e) {
                refuseWrites(e);
                throw e;
            } finally {
                lock.unlock();
            }
            awaitSealing();
        }
    }

    /**
     * Begins a file for a compaction, which alone appends to it until it seals it. Nobody else forces it.
     *
     * @param birth a sequence number before which nothing in it was dead
     */
    ActiveFile beginOutput(long birth) throws IOException {
        lock.lock();
        try {
            requireUnfailed();
            ActiveFile begun = create(birth);
            begun.file().markOutput();
            return orAbandon(begun, () -> store.files().add(begun.file()));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets what is told of files.
     *
     * @param rolled run whenever a file is full, by the writer that has found it so, with the lock held
     * @param sealed run whenever a file has been sealed
     */
    void tell(Runnable rolled, Runnable sealed) {
        whenRolled = rolled;
        whenSealed = sealed;
    }

    /** The bytes of all records that were appended to the active files. */
    long bytesPut() {
        return bytesPut.sum();
    }

    /** Whether a file is the one that takes puts. */
    boolean isActive(StoreFile file) {
        lock.lock();
        try {
            return active != null && active.file() == file;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #rollActive} would end a file that has something dead. */
    boolean activeHasDead() {
        lock.lock();
        try {
            return unsealed.stream()
                    .anyMatch(file -> !file.isInUse() && file.file().deadBytes() > 0);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A file at a moment.
     *
     * @param recordsEnd where its last record ends
     * @param grows whether a stream has it, and will publish more records
     */
    record Extent(StoreFile file, long recordsEnd, boolean grows) {}

    /**
     * Ends the active file, while the caller keeps everybody from writing.
     *
     * @return the files that hold all records; once {@link #sealRolled} has run, those that do not grow will not change
     *     any more
     */
    List<Extent> rollAll() {
        lock.lock();
        try {
            rollActive();
            Set<StoreFile> growing = unsealed.stream()
                    .filter(ActiveFile::isInUse)
                    .map(ActiveFile::file)
                    .collect(Collectors.toSet());
            return store.files().all().stream()
                    .filter(file -> !file.isOutput())
                    .map(file -> new Extent(file, file.recordsEnd(), growing.contains(file)))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the active file and those that wait for a stream, to be sealed by {@link #sealRolled}, so that what is dead in
     * them can be compacted.
     */
    void rollActive() {
        lock.lock();
        try {
            ActiveFile present = active;
            if (present != null) {
                present.roll();
                active = null;
            }
            unsealed.forEach(ActiveFile::rollIfIdle);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives the caller a file to which it alone appends, until it hands it to {@link #roll}: the active one if nothing
     * was written to it since the opening, lest every short run leave a file behind, or else a new one.
     *
     * @param recordBytes what it must have room for
     */
    ActiveFile takeForStreams(long recordBytes) throws IOException {
        lock.lock();
        try {
            requireUnfailed();
            ActiveFile taken = active;
            if (taken != null && !isActiveUsed && taken.hasRoomFor(recordBytes)) {
                active = null;
                taken.giveToStreams();
                return taken;
            }
        } finally {
            lock.unlock();
        }
        return beginForStreams();
    }

    /** Gives the caller a new file to which it alone appends. */
    ActiveFile beginForStreams() throws IOException {
        awaitSealing();
        lock.lock();
        try {
            requireUnfailed();
            ActiveFile begun = begin();
            begun.giveToStreams();
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the background seal a file that the caller appended to. */
    void roll(ActiveFile file) {
        file.roll();
        sealLater();
    }

    /** Where that fails for want of memory, the next roll asks again; and who begins a file looks for himself. */
    private void sealLater() {
        boolean unused = later(sealTask);
    }

    /** False where there is no memory even for that: what asks for it goes on all the same. */
    private boolean later(Runnable task) {
        try {
            background.execute(task);
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Sees to it that one more record can be listed in the caller's own file. */
    void makeRoomInIndexBlock(ActiveFile file) throws IOException {
        lock.lock();
        try {
            file.makeRoomInIndexBlock();
        } finally {
            lock.unlock();
        }
    }

    /** The sequence number of a record that is complete, but for its header, in the caller's own file. */
    long takeSequence() throws IOException {
        lock.lock();
        try {
            requireUnfailed();
            requireSequence();
            long sequence = nextSequence;
            nextSequence++;
            return sequence;
        } finally {
            lock.unlock();
        }
    }

    /** Lists a record in the caller's own file that has reached its durability. */
    void list(ActiveFile file, IndexBlock.Entry entry, boolean compressed) {
        lock.lock();
        try {
            file.list(entry, compressed);
            bytesPut.add(entry.length());
            countTowardsForce(entry.length());
        } finally {
            lock.unlock();
        }
    }

    /** Makes the first bytes of the caller's own file as durable as asked. */
    void makeDurable(ActiveFile file, long bytes, Durability durability) throws IOException {
        try {
            if (durability == Durability.FORCED) {
                force(file, bytes);
            } else if (durability == Durability.WRITTEN) {
                file.writer().flushTo(bytes);
            }
        } catch (DirectoryLostException e) {
            refuseWrites(e);
            throw e;
        }
    }

    /** Refuses all further writes: the index no longer follows the files. */
    void refuseWrites(Throwable cause) {
        failure = cause;
    }

    /** Makes everything that was appended so far as durable as asked. */
    void makeDurable(Durability durability) throws IOException {
        if (durability == Durability.FORCED) {
            force();
        } else if (durability == Durability.WRITTEN) {
            for (ActiveFile file : unsealedFiles()) {
                file.writer().flush();
            }
        }
    }

    /** Puts everything acknowledged so far on the device. */
    void force() throws IOException {
        requireUnfailed();
        for (ActiveFile file : unsealedFiles()) {
            long end = file.file().recordsEnd();
            if (end > ArenaHeader.BYTES) { // Else there is nothing yet but a stream, which may be slow.
                force(file, end);
            }
        }
    }

    Counters counters() {
        lock.lock();
        try {
            return new Counters(nextSequence, nextFileId);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends all writing. The last file gets an index block, not a footer, so that the next opening goes on with
     * it; others are sealed, and everything is forced.
     *
     * @throws IOException if not all is on the device; the files are closed all the same
     */
    void close() throws IOException {
        background.stop();
        Throwable refused = failure;
        Throwable met = refused == null ? null : new WritesRefusedException(refused);
        if (met == null) {
            met = Failures.after(null, this::endActive);
            met = Failures.after(met, this::sealRolled);
        }
        for (ActiveFile file : unsealedFiles()) {
            met = Failures.after(met, () -> end(file));
        }
        Failures.rethrow(met);
    }

    private void endActive() throws IOException {
        ActiveFile last = endStreamFiles();
        if (last != null) {
            vouchFor(last);
        }
    }

    /** Also where writes are refused: what others have put must not get lost for what another file has met. */
    private void end(ActiveFile file) throws IOException {
        Throwable met = Failures.after(null, file.writer()::flush);
        if (!file.writer().isFailed()) {
            met = Failures.after(met, () -> force(file, file.writer().length()));
            met = Failures.after(met, file.writer()::finish);
        }
        Failures.rethrow(Failures.after(met, file.writer()));
    }

    /** One of them takes the place of the active file if there is none: the next opening goes on with it. */
    private @Nullable ActiveFile endStreamFiles() {
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

    /**
     * Sees to it that the file itself says that all its records are on the device, by the index block that ends it or, where
     * there is nothing to list, by a footer: the mark that says so too is removed by the next opening.
     */
    private void vouchFor(ActiveFile file) throws IOException {
        force(file, file.writer().length());
        lock.lock();
        try {
            file.writeIndexBlock();
            if (!file.isVouchedFor()) {
                file.roll();
                active = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends all writing without a promise. */
    void abandon() throws IOException {
        background.stop();
        Throwable met = null;
        for (ActiveFile file : unsealedFiles()) {
            met = Failures.after(met, file.writer());
        }
        Failures.rethrow(met);
    }

    /** The lock is held. */
    private void requireSequence() throws IOException {
        if (nextSequence > Limits.SEQUENCE_MAX) {
            throw new IOException("all 2^56 - 1 sequence numbers are used up");
        }
    }

    /** The lock is held. */
    private ActiveFile fileFor(long recordBytes) throws IOException {
        isActiveUsed = true;
        ActiveFile present = active;
        if (present == null || !present.hasRoomFor(recordBytes)) {
            ActiveFile next = begin();
            active = next;
            if (present != null) {
                present.roll();
                sealLater();
                whenRolled.run();
            }
            return next;
        }
        return present;
    }

    /** The lock is held. */
    private ActiveFile begin() throws IOException {
        unsealed.ensureCapacity(unsealed.size() + 1);
        ActiveFile begun = create(nextSequence);
        orAbandon(begun, () -> store.files().add(begun.file()));
        unsealed.add(begun);
        return begun;
    }

    /** Leaves no file behind that nobody knows. */
    private ActiveFile orAbandon(ActiveFile begun, Runnable step) {
        try {
            step.run();
            return begun;
        } catch (RuntimeException | Error e) {
            Throwable unused = Failures.after(e, begun.writer());
            unused = Failures.after(unused, () -> directory.delete(begun.file().name()));
            throw e;
        }
    }

    /** The lock is held. */
    private ActiveFile create(long birth) throws IOException {
        if (nextFileId > Location.UNSIGNED_MAX) {
            throw new IOException("all 2^32 - 1 ids of arena files are used up");
        }
        while (true) {
            try {
                ActiveFile created = ActiveFile.create(store, nextFileId, birth);
                nextFileId++;
                return created;
            } catch (FileAlreadyExistsException e) {
                skipId(e);
            } catch (DirectoryLostException e) {
                refuseWrites(e);
                throw new WritesRefusedException(e);
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

    /** From the last to the first, since a flush by others meanwhile may have reached the first of them and no others. */
    private void voidUnlessFlushed(ActiveFile file, List<PendingRecord> records) {
        if (file.writer().isFailed()) {
            return;
        }
        lock.lock();
        try {
            for (int i = records.size() - 1; i >= 0; i--) {
                PendingRecord record = records.get(i);
                if (record.isAppended() && !file.voidUnflushed(record)) {
                    return;
                }
            }
        } catch (RuntimeException | Error e) {
            return; // What could not be made void stands.
        } finally {
            lock.unlock();
        }
    }

    private void force(ActiveFile file, long bytes) throws IOException {
        if (!file.isNameForced()) {
            try {
                directory.force();
            } catch (DirectoryLostException e) {
                refuseWrites(e);
                throw e;
            }
            file.nameWasForced();
        }
        forceBytes(file, bytes);
    }

    /** Fails for good only where the device has failed: bytes that found no space stay in the buffer. */
    private void forceBytes(ActiveFile file, long bytes) throws IOException {
        try {
            file.writer().forceTo(bytes);
        } catch (IOException e) {
            if (file.writer().isFailed()) {
                refuseWrites(e);
            }
            throw e;
        }
    }

    private List<ActiveFile> unsealedFiles() {
        lock.lock();
        try {
            return List.copyOf(unsealed);
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held. */
    private void countTowardsForce(long bytes) {
        recordsSinceLook++;
        if (recordsSinceLook >= RECORDS_PER_LOOK) {
            recordsSinceLook = 0;
            boolean unused = later(requireHeldTask);
        }
        bytesSinceForce += bytes;
        long forceBytes = store.settings().forceBytes();
        if (forceBytes > 0 && bytesSinceForce >= forceBytes) {
            if (forceIsDue.compareAndSet(false, true) && !later(forceTask)) {
                forceIsDue.set(false); // The next write asks again.
                return;
            }
            bytesSinceForce = 0;
        }
    }

    private void requireHeldInBackground() {
        try {
            directory.requireHeld();
        } catch (DirectoryLostException e) {
            if (failure == null) {
                LOG.error("{}: no more writes are taken", directory.path(), e);
                refuseWrites(e);
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("{}: it is not known whether the directory is locked still", directory.path(), e);
        }
    }

    private void forceInBackground() {
        forceIsDue.set(false);
        if (failure != null) {
            return; // Everybody who writes is told.
        }
        try {
            force();
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("{}: a periodic force failed, and is tried again", directory.path(), e);
        }
    }

    private void sealRolledInBackground() {
        try {
            sealRolled();
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("{}: an arena file could not be sealed yet", directory.path(), e);
        }
    }

    /**
     * Seals every file that is rolled.
     *
     * @throws IOException if one could not be sealed; the others are
     */
    void sealRolled() throws IOException {
        sealRolledDownTo(0);
    }

    /**
     * To be called without the lock before a file is begun: returns when few enough wait for being sealed.
     *
     * @throws IOException if too many cannot be sealed
     */
    private void awaitSealing() throws IOException {
        sealRolledDownTo(WAITING_MAX - 1);
    }

    private void sealRolledDownTo(int waitingMax) throws IOException {
        IOException failure = null;
        for (ActiveFile file : unsealedFiles()) {
            sealing.lock();
            try {
                requireUnfailed();
                if (waiting().size() <= waitingMax) {
                    return;
                }
                if (waiting().contains(file)) { // Else another thread has sealed it meanwhile, or it is not rolled.
                    seal(file);
                }
            } catch (WritesRefusedException e) {
                throw e;
            } catch (IOException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            } finally {
                sealing.unlock();
            }
        }
        if (failure != null && waiting().size() > waitingMax) {
            throw failure;
        }
    }

    private List<ActiveFile> waiting() {
        return unsealedFiles().stream().filter(ActiveFile::isRolled).toList();
    }

    /** The lock is held. */
    private long countWaiting() {
        return unsealed.stream().filter(ActiveFile::isRolled).count();
    }

    /** Of a rolled file with the lock of sealing held, of an output of compaction by its owner. */
    void seal(ActiveFile file) throws IOException {
        // Before the lock, so that writers do not wait for it. After it no record of the file can become void, and the
        // index
        // block says of all of them that they are on the device, also where the footer is lost.
        force(file, file.writer().length());
        lock.lock();
        try {
            file.writeIndexBlock();
        } finally {
            lock.unlock();
        }
        force(file, file.writer().length());
        lock.lock();
        try {
            file.writeFooter();
        } finally {
            lock.unlock();
        }
        force(file, file.writer().length());
        file.file().markSealed();
        lock.lock();
        try {
            unsealed.remove(file);
        } finally {
            lock.unlock();
        }
        try {
            file.writer().finish();
        } catch (IOException e) {
            // All of it is on the device, and it can be read.
            LOG.warn("{}: an arena file was sealed, but could not be closed", file.file(), e);
        }
        whenSealed.run();
    }

    void requireUnfailed() throws WritesRefusedException {
        Throwable cause = failure;
        if (cause != null) {
            throw new WritesRefusedException(cause);
        }
    }
}
