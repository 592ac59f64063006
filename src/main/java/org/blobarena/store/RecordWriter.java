package org.blobarena.store;

import java.io.IOException;
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
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
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
 * acknowledged, is written by the next flush that succeeds. A failed force is final, since the system may have
 * dropped what it could not write: {@link WritesRefusedException} until the store is reopened.
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
    private final AtomicBoolean forceIsDue = new AtomicBoolean();

    // Guarded by the lock.
    private final List<ActiveFile> unsealed = new ArrayList<>();
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
            background.executeEvery(forceNanos, this::forceInBackground);
        }
        if (unsealed.size() > (active == null ? 0 : 1)) {
            background.execute(this::sealRolledInBackground);
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
     * Appends the record of a key and waits until it is as durable as asked.
     *
     * @param type {@link RecordType#VALUE} or {@link RecordType#TOMBSTONE}, which may use the reserve
     * @throws DiskFullException if there is no space
     */
    Location append(int type, EncodedKey key, Payload payload, Durability durability) throws IOException {
        Reserve reserve = store.reserve();
        try {
            Location location;
            if (type == RecordType.TOMBSTONE) {
                location = reserve.orGivingUp(() -> appendOnce(type, key, payload, durability));
            } else {
                reserve.requireSpared(payload.bytes());
                location = appendOnce(type, key, payload, durability);
            }
            reserve.written();
            return location;
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    private Location appendOnce(int type, EncodedKey key, Payload payload, Durability durability) throws IOException {
        requireUnfailed();
        Appended appended = Objects.requireNonNull(appendUnflushed(type, new BatchRecord(key, payload), null));
        makeDurable(new ArrayList<>(List.of(appended)), durability);
        return appended.location;
    }

    /**
     * Appends a record to the buffer of its file, which {@link #makeDurable(List, Durability)} has to follow.
     *
     * @param only the one file that it may go to, null for any
     * @return null when nothing was appended, for the active file is another or has no room
     */
    @Nullable Appended appendUnflushed(int type, BatchRecord record, @Nullable ActiveFile only) throws IOException {
        long recordBytes =
                RecordHeader.BYTES + record.key().length() + record.payload().bytes();
        while (true) {
            lock.lock();
            try {
                requireUnfailed();
                requireSequence();
                boolean fits = active != null && active.hasRoomFor(recordBytes);
                if (only != null && !(fits && only == active)) {
                    return null;
                }
                if (fits || countWaiting() < WAITING_MAX) {
                    return append(fileFor(recordBytes), type, record);
                }
            } finally {
                lock.unlock();
            }
            awaitSealing();
        }
    }

    /** The lock is held. */
    private Appended append(ActiveFile target, int type, BatchRecord record) throws IOException {
        var newRecord = new ActiveFile.NewRecord(type, nextSequence, record.key(), record.payload());
        Location location = target.append(newRecord);
        nextSequence++;
        bytesPut.add(location.length());
        countTowardsForce(location.length());
        return new Appended(target, newRecord, location);
    }

    /** A record that is in the buffer of its file, at least. */
    record Appended(ActiveFile file, ActiveFile.NewRecord record, Location location) {}

    /**
     * Begins a file for a compaction, which alone appends to it until it seals it. Nobody else forces it.
     *
     * @param birth a sequence number before which nothing in it was dead
     */
    ActiveFile beginSeparate(long birth) throws IOException {
        lock.lock();
        try {
            requireUnfailed();
            ActiveFile begun = create(birth);
            begun.file().markOutput();
            store.files().add(begun.file());
            return begun;
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
        background.execute(this::sealRolledInBackground);
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
        if (durability == Durability.FORCED) {
            force(file, bytes);
        } else if (durability == Durability.WRITTEN) {
            file.writer().flushTo(bytes);
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
        try {
            requireUnfailed();
            ActiveFile last = endStreamFiles();
            if (last != null) {
                vouchFor(last);
            }
            sealRolled();
            force();
            for (ActiveFile file : unsealedFiles()) {
                file.writer().finish();
            }
        } finally {
            abandon();
        }
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
        for (ActiveFile file : unsealedFiles()) {
            file.writer().close();
        }
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
                whenRolled.run();
                background.execute(this::sealRolledInBackground);
            }
            return next;
        }
        return present;
    }

    /** The lock is held. */
    private ActiveFile begin() throws IOException {
        ActiveFile begun = create(nextSequence);
        unsealed.add(begun);
        store.files().add(begun.file());
        return begun;
    }

    /** The lock is held. */
    private ActiveFile create(long birth) throws IOException {
        if (nextFileId > Location.UNSIGNED_MAX) {
            throw new IOException("all 2^32 - 1 ids of arena files are used up");
        }
        try {
            ActiveFile created = ActiveFile.create(store, nextFileId, birth);
            nextFileId++;
            return created;
        } catch (DirectoryLostException e) {
            refuseWrites(e);
            throw new WritesRefusedException(e);
        }
    }

    /**
     * Waits until records of one file, in their order, are as durable as asked. Takes those out of the list that became
     * void since their flush failed, and throws if that is all of them.
     */
    void makeDurable(List<Appended> appended, Durability durability) throws IOException {
        if (durability == Durability.BUFFERED) {
            return;
        }
        ActiveFile target = appended.get(0).file;
        long end = endOf(appended);
        try {
            if (durability == Durability.FORCED) {
                forceBytes(target, end);
            } else {
                target.writer().flushTo(end);
            }
        } catch (IOException | RuntimeException | Error e) {
            if (target.writer().isFailed()) {
                throw e;
            }
            voidUnlessFlushed(appended);
            if (appended.isEmpty()) {
                throw e;
            }
        }
        if (durability == Durability.FORCED) {
            force(target, endOf(appended));
        }
    }

    private static long endOf(List<Appended> appended) {
        return appended.get(appended.size() - 1).location.end();
    }

    /** From the last to the first, since a flush by others meanwhile may have reached the first of them and no others. */
    private void voidUnlessFlushed(List<Appended> appended) {
        lock.lock();
        try {
            while (!appended.isEmpty()) {
                Appended last = appended.get(appended.size() - 1);
                if (!last.file.voidUnflushed(last.record, last.location)) {
                    return;
                }
                appended.remove(appended.size() - 1);
            }
        } finally {
            lock.unlock();
        }
    }

    private void force(ActiveFile file, long bytes) throws IOException {
        forceBytes(file, bytes);
        if (!file.isNameForced()) {
            try {
                directory.force();
            } catch (IOException e) {
                refuseWrites(e);
                throw e;
            }
            file.nameWasForced();
        }
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
            background.execute(this::requireHeldInBackground);
        }
        bytesSinceForce += bytes;
        long forceBytes = store.settings().forceBytes();
        if (forceBytes > 0 && bytesSinceForce >= forceBytes) {
            bytesSinceForce = 0;
            if (forceIsDue.compareAndSet(false, true)) {
                background.execute(this::forceInBackground);
            }
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
        } catch (IOException | RuntimeException e) {
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
        } catch (IOException | RuntimeException e) {
            LOG.error("{}: a periodic force failed", directory.path(), e);
        }
    }

    private void sealRolledInBackground() {
        try {
            sealRolled();
        } catch (IOException | RuntimeException e) {
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

    /** Of a rolled file with the lock of sealing held, of a separate one by its owner. */
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
