package org.blobarena.store.internal.write;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.Reserve;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.WriteRefusal;
import org.jspecify.annotations.Nullable;

/**
 * Appends the records of all writers to the active file, and begins the next when it is full.
 *
 * <p><b>Concurrency.</b> Safe from any thread. The lock of {@link UnsealedFiles} covers the choice of file, the sequence
 * number and the copy into the file's buffer. Checksums of payloads are computed outside of it. A writer waits for its
 * durability after it has given the lock back, so that those who come together are flushed and forced together (see
 * {@link org.blobarena.arena.internal.file.AppendFile}).
 *
 * <p><b>Failure.</b> When a flush fails, the writer that waits for it makes its own record void in the buffer
 * and throws: nothing of it can be read later, by recovery neither, and the buffer, with what others were
 * acknowledged, is written by the next flush that succeeds. Where that cannot be done, the record stands and counts.
 */
public final class RecordWriter {

    private final StoreContext store;
    private final boolean encrypts;
    private final Reserve reserve;
    private final WriteRefusal refusal;
    private final UnsealedFiles files;
    private final FileSealer sealer;
    private final PeriodicForce periodic;
    private final ReentrantLock lock;
    private final LongAdder bytesPut = new LongAdder();
    private volatile Runnable listener = () -> {};
    private volatile Runnable countedListener = () -> {};

    public RecordWriter(StoreContext store, UnsealedFiles files) {
        this.store = store;
        this.encrypts = store.keys() != null;
        this.reserve = store.reserve();
        this.refusal = store.refusal();
        this.files = files;
        this.sealer = new FileSealer(store, files);
        this.periodic = new PeriodicForce(store, files);
        this.lock = files.lock();
    }

    /** Where the records go. */
    public UnsealedFiles files() {
        return files;
    }

    /** What seals the files. */
    public FileSealer sealer() {
        return sealer;
    }

    /** @param rolled run whenever a file is full, by the writer that has found it so, with the lock held */
    public void setListener(Runnable rolled) {
        listener = rolled;
    }

    /** @param counted run whenever a record has been added to {@link #bytesPut}, with the lock held; must take no time */
    public void setCountedListener(Runnable counted) {
        countedListener = counted;
    }

    /** The bytes of all records that were appended, but for those that compaction has copied. */
    public long bytesPut() {
        return bytesPut.sum();
    }

    /**
     * Appends a record, and waits until it is as durable as asked.
     *
     * @throws DiskFullException if there is no space
     */
    public void append(PendingRecord record, Durability durability) throws IOException {
        append(record, null, durability);
    }

    /**
     * Appends the first records of a chain to one file, and waits until they are as durable as asked. Those behind them were
     * not written, for want of room in the file or because of a failure, which a call for them meets again.
     *
     * <p>A failure and a record that stands do not exclude each other. A record that had reached its file when the failure
     * came cannot be made void: the next opening will find it. So each record says whether it stands, also after an
     * exception. Those that do need their place in the index.
     *
     * @param first the first of them, which stands when this returns. Tombstones may use the reserve
     * @param end the first, of the records behind it and of one type with it, that is not to be appended; null if all are
     * @throws DiskFullException if there is no space
     */
    public void append(PendingRecord first, @Nullable PendingRecord end, Durability durability) throws IOException {
        try {
            ActiveFile file;
            if (first.isTombstone()) {
                file = reserve.retryWithoutReserve(() -> appendOrVoid(first, end, durability));
            } else {
                reserve.requireSpared(payloadBytes(first, end));
                file = appendOrVoid(first, end, durability);
            }
            // Fails for those that could not be made void, if any.
            file.makeDurable(lastAppended(first, end).end(), durability);
            reserve.written();
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    private static long payloadBytes(PendingRecord first, @Nullable PendingRecord end) {
        long bytes = 0;
        for (PendingRecord record = first; record != null && record != end; record = record.next()) {
            bytes += record.payloadBytes();
        }
        return bytes;
    }

    /** The last of those that stand, of which the first is one. */
    private static PendingRecord lastAppended(PendingRecord first, @Nullable PendingRecord end) {
        PendingRecord last = first;
        PendingRecord next = first.next();
        while (next != null && next != end && next.isAppended()) {
            last = next;
            next = next.next();
        }
        return last;
    }

    /**
     * Appends the first records of a chain, and makes those void that do not become durable.
     *
     * @return the file in which at least the first stands
     * @throws IOException if none stands, or a force has failed, after which only the next opening knows
     */
    private ActiveFile appendOrVoid(PendingRecord first, @Nullable PendingRecord end, Durability durability)
            throws IOException {
        ActiveFile file = appendUnflushed(first, end);
        try {
            file.makeDurable(lastAppended(first, end).end(), durability);
        } catch (IOException | RuntimeException | Error e) {
            voidUnlessFlushed(file, first, end);
            if (file.writer().isFailed()) {
                for (PendingRecord record = first; record != null && record != end; record = record.next()) {
                    record.withdraw();
                }
            }
            if (!first.isAppended()) {
                throw e;
            }
        }
        return file;
    }

    /** Throws only if it has appended nothing: what it has appended needs its place in the index, or has to become void. */
    private ActiveFile appendUnflushed(PendingRecord first, @Nullable PendingRecord end) throws IOException {
        ActiveFile file = Objects.requireNonNull(appendTo(null, first));
        try {
            PendingRecord next = first.next();
            while (next != null && next != end && appendTo(file, next) != null) {
                next = next.next();
            }
        } catch (IOException | RuntimeException | Error e) {
            return file; // A call for the others meets it again.
        }
        return file;
    }

    /**
     * Appends a record to the buffer of its file.
     *
     * @param only the one file that it may go to, null for any
     * @return the file, or null when nothing was appended, for the active file is another or has no room
     */
    private @Nullable ActiveFile appendTo(@Nullable ActiveFile only, PendingRecord record) throws IOException {
        if (encrypts) {
            record.encryptFor(files.cipherOfActive());
        }
        while (true) {
            boolean memoryIsShort = false;
            lock.lock();
            try {
                refusal.require();
                ActiveFile active = files.active();
                boolean fits = active != null && active.hasRoomFor(record.length(), record.expires());
                if (only != null && !(fits && only == active)) {
                    return null;
                }
                if (active != null && fits) {
                    return append(record, active);
                }
                if (files.mayBegin()) {
                    ActiveFile next = nextIfMemory(active);
                    if (next != null) {
                        return append(record, next);
                    }
                    memoryIsShort = true;
                }
            } finally {
                lock.unlock();
            }
            if (memoryIsShort) {
                sealer.sealRolled(); // The background may have met the same.
            } else {
                sealer.awaitRoom();
            }
        }
    }

    /** The lock is held. Null where there is no memory for buffers, and files that wait for being sealed have some. */
    private @Nullable ActiveFile nextIfMemory(@Nullable ActiveFile full) throws IOException {
        try {
            return next(full);
        } catch (OutOfMemoryError e) {
            if (files.waiting().isEmpty()) {
                throw e;
            }
            return null;
        }
    }

    /** The lock is held. */
    private ActiveFile next(@Nullable ActiveFile full) throws IOException {
        ActiveFile next = files.beginActive();
        if (full != null) {
            sealer.sealLater();
            listener.run();
        }
        return next;
    }

    /** The lock is held. */
    private ActiveFile append(PendingRecord record, ActiveFile file) throws IOException {
        file.append(record, files.takeSequence());
        count(record.length());
        return file;
    }

    /** The lock is held. */
    private void count(long recordBytes) {
        bytesPut.add(recordBytes);
        countedListener.run();
        periodic.appended(recordBytes);
    }

    /** From the last to the first, since a flush by others meanwhile may have reached the first of them and no others. */
    private void voidUnlessFlushed(ActiveFile file, PendingRecord first, @Nullable PendingRecord end) {
        if (file.writer().isFailed()) {
            return;
        }
        lock.lock();
        try {
            boolean voided = true;
            while (voided && first.isAppended()) {
                voided = file.voidUnflushed(lastAppended(first, end));
            }
        } catch (RuntimeException | Error e) {
            return; // What could not be made void stands.
        } finally {
            lock.unlock();
        }
    }

    // ---- records of streams, which stand in files of their own

    /** Sees to it that one more record can be listed in a stream's file. */
    void makeRoomInIndexBlock(ActiveFile file, boolean expires) throws IOException {
        lock.lock();
        try {
            file.makeRoomInIndexBlock(expires);
        } finally {
            lock.unlock();
        }
    }

    /** The sequence number of a record that is complete, but for its header, in a stream's file. */
    long takeSequence() throws IOException {
        lock.lock();
        try {
            refusal.require();
            return files.takeSequence();
        } finally {
            lock.unlock();
        }
    }

    /** Lists a record in a stream's file that has reached its durability. */
    void list(ActiveFile file, IndexBlock.Listed entry, boolean compressed) {
        lock.lock();
        try {
            file.list(entry, compressed);
            count(entry.length());
        } finally {
            lock.unlock();
        }
    }

    // ---- the end

    /**
     * Ends all writing.
     *
     * @throws IOException under the conditions of {@link FileSealer#close}
     */
    public void close() throws IOException {
        store.background().stop();
        sealer.close();
    }

    /** Ends all writing without a promise. */
    public void abandon() throws IOException {
        store.background().stop();
        sealer.abandon();
    }
}
