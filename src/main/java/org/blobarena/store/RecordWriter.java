package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Directory;
import org.blobarena.format.IndexBlock;
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
 * <p><b>Sealing</b> is done by a thread of the store's, so that no writer waits for the force of a whole file. A
 * file that could not be sealed is tried again at the next roll and at close, and else by recovery; it is
 * readable all the time.
 */
final class RecordWriter {

    private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);

    private final StoreContext store;
    private final Directory directory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Background background;
    private final AtomicBoolean forceIsDue = new AtomicBoolean();

    // Guarded by the lock.
    private final List<ActiveFile> unsealed = new ArrayList<>();
    private @Nullable ActiveFile active;
    private long nextSequence;
    private long nextFileId;
    private long bytesSinceForce;

    private volatile @Nullable Throwable failure;

    /** Goes on from what an opening found. */
    RecordWriter(StoreContext store, Counters counters, Resumed resumed) {
        this.store = store;
        this.directory = store.directory();
        this.nextSequence = counters.nextSequence;
        this.nextFileId = counters.nextFileId;
        this.active = resumed.active;
        unsealed.addAll(resumed.unsealed);
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
     * @param payload from its position to its limit, which stay
     * @throws DiskFullException if there is no space
     */
    Location append(int type, EncodedKey key, ByteBuffer payload, Durability durability) throws IOException {
        Reserve reserve = store.reserve();
        try {
            Location location;
            if (type == RecordType.TOMBSTONE) {
                location = reserve.orGivingUp(() -> appendOnce(type, key, payload, durability));
            } else {
                reserve.requireSpared(payload.remaining());
                location = appendOnce(type, key, payload, durability);
            }
            reserve.written();
            return location;
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    private Location appendOnce(int type, EncodedKey key, ByteBuffer payload, Durability durability)
            throws IOException {
        requireUnfailed();
        Appended appended = Objects.requireNonNull(appendUnflushed(type, key, payload, null));
        makeDurable(appended, durability);
        return appended.location;
    }

    /**
     * Appends the records of several keys to one file, and waits once until they are as durable as asked.
     *
     * @param type as of {@link #append}
     * @param records one or more
     * @return where the first of them are, one at least. The others were not written, for want of room in the file or
     *     because of a failure, which a call for them meets again
     * @throws DiskFullException if there is no space; none was written
     */
    List<Location> appendAll(int type, List<BatchRecord> records, Durability durability) throws IOException {
        Reserve reserve = store.reserve();
        try {
            List<Location> locations;
            if (type == RecordType.TOMBSTONE) {
                locations = reserve.orGivingUp(() -> appendAllOnce(type, records, durability));
            } else {
                reserve.requireSpared(records.stream()
                        .mapToLong(record -> record.payload().remaining())
                        .sum());
                locations = appendAllOnce(type, records, durability);
            }
            reserve.written();
            return locations;
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    private List<Location> appendAllOnce(int type, List<BatchRecord> records, Durability durability)
            throws IOException {
        requireUnfailed();
        List<Appended> appended = new ArrayList<>();
        appendUntilFailure(type, records, appended);
        makeDurable(appended, durability);
        return appended.stream().map(Appended::location).toList();
    }

    /** Throws only if it has appended nothing. */
    private void appendUntilFailure(int type, List<BatchRecord> records, List<Appended> appended) throws IOException {
        ActiveFile only = null;
        for (BatchRecord record : records) {
            Appended next;
            try {
                next = appendUnflushed(type, record.key(), record.payload(), only);
            } catch (IOException e) {
                if (appended.isEmpty()) {
                    throw e;
                }
                return;
            }
            if (next == null) {
                return;
            }
            only = next.file;
            appended.add(next);
        }
    }

    /**
     * Appends a record to the buffer, and says so when it would go to another file than the given one.
     *
     * @param only null for any file
     * @return null when nothing was appended, for the active file is another or has no room
     */
    private @Nullable Appended appendUnflushed(int type, EncodedKey key, ByteBuffer payload, @Nullable ActiveFile only)
            throws IOException {
        int checksum = Crc.of(payload);
        lock.lock();
        try {
            requireUnfailed();
            long recordBytes = RecordHeader.BYTES + key.length() + (long) payload.remaining();
            if (only != null && (only != active || !only.hasRoomFor(recordBytes))) {
                return null;
            }
            ActiveFile target = fileFor(recordBytes);
            var newRecord = new ActiveFile.NewRecord(type, nextSequence, key, payload.duplicate(), checksum);
            Location location = target.append(newRecord);
            nextSequence++;
            countTowardsForce(location.length());
            return new Appended(target, newRecord, location);
        } finally {
            lock.unlock();
        }
    }

    /** A record in the buffer of its file. */
    private record Appended(ActiveFile file, ActiveFile.NewRecord record, Location location) {}

    /** Refuses all further writes: the index no longer follows the files. */
    void refuseWrites(Throwable cause) {
        failure = cause;
    }

    /** Puts everything acknowledged so far on the device. */
    void force() throws IOException {
        requireUnfailed();
        for (ActiveFile file : unsealedFiles()) {
            force(file, file.writer().length());
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
     * Ends all writing. The active file gets an index block, not a footer, so that the next opening goes on with
     * it; everything is forced.
     *
     * @throws IOException if not all is on the device; the files are closed all the same
     */
    void close() throws IOException {
        background.stop();
        try {
            requireUnfailed();
            sealRolled();
            lock.lock();
            try {
                if (active != null) {
                    active.writeIndexBlock();
                }
            } finally {
                lock.unlock();
            }
            force();
            for (ActiveFile file : unsealedFiles()) {
                file.writer().finish();
            }
        } finally {
            abandon();
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
    private ActiveFile fileFor(long recordBytes) throws IOException {
        ActiveFile present = active;
        if (present == null || !present.hasRoomFor(recordBytes)) {
            ActiveFile next = begin(nextFileId);
            nextFileId++;
            active = next;
            unsealed.add(next);
            if (present != null) {
                background.execute(this::sealRolledInBackground);
            }
            return next;
        }
        return present;
    }

    private ActiveFile begin(long fileId) throws IOException {
        if (fileId > Location.UNSIGNED_MAX) {
            throw new IOException("all 2^32 - 1 ids of arena files are used up");
        }
        ActiveFile begun = ActiveFile.create(store, fileId);
        store.files().add(begun.file());
        return begun;
    }

    private void makeDurable(Appended appended, Durability durability) throws IOException {
        List<Appended> one = new ArrayList<>(List.of(appended));
        makeDurable(one, durability);
    }

    /**
     * Waits until records of one file, in their order, are as durable as asked. Takes those out of the list whose
     * flush failed, and throws if that is all of them.
     */
    private void makeDurable(List<Appended> appended, Durability durability) throws IOException {
        if (durability == Durability.BUFFERED) {
            return;
        }
        ActiveFile file = appended.get(0).file;
        try {
            file.writer().flushTo(appended.get(appended.size() - 1).location.end());
        } catch (IOException e) {
            voidUnlessFlushed(appended, e);
        }
        if (durability == Durability.FORCED) {
            force(file, appended.get(appended.size() - 1).location.end());
        }
    }

    /** From the last to the first, so that a flush of others meanwhile leaves the first of them and no others. */
    private void voidUnlessFlushed(List<Appended> appended, IOException cause) throws IOException {
        lock.lock();
        try {
            for (int i = appended.size() - 1; i >= 0; i--) {
                Appended last = appended.get(i);
                if (!last.file.voidUnflushed(last.record, last.location)) {
                    return;
                }
                appended.remove(i);
            }
        } finally {
            lock.unlock();
        }
        throw cause;
    }

    private void force(ActiveFile file, long bytes) throws IOException {
        file.writer().flushTo(bytes);
        try {
            file.writer().forceTo(bytes);
            if (!file.isNameForced()) {
                directory.force();
                file.nameWasForced();
            }
        } catch (IOException e) {
            refuseWrites(e);
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
        bytesSinceForce += bytes;
        long forceBytes = store.settings().forceBytes();
        if (forceBytes > 0 && bytesSinceForce >= forceBytes) {
            bytesSinceForce = 0;
            if (forceIsDue.compareAndSet(false, true)) {
                background.execute(this::forceInBackground);
            }
        }
    }

    private void forceInBackground() {
        forceIsDue.set(false);
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

    /** Seals every file but the active one. Run by one thread at a time. */
    private void sealRolled() throws IOException {
        for (ActiveFile file : unsealedFiles()) {
            if (file != active()) {
                seal(file);
            }
        }
    }

    private @Nullable ActiveFile active() {
        lock.lock();
        try {
            return active;
        } finally {
            lock.unlock();
        }
    }

    private void seal(ActiveFile file) throws IOException {
        // Before the lock, so that writers do not wait for it; after it no record of the file can become void.
        file.writer().flush();
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
        file.writer().finish();
        file.file().markSealed();
        lock.lock();
        try {
            unsealed.remove(file);
        } finally {
            lock.unlock();
        }
    }

    private void requireUnfailed() throws WritesRefusedException {
        Throwable cause = failure;
        if (cause != null) {
            throw new WritesRefusedException(cause);
        }
    }
}
