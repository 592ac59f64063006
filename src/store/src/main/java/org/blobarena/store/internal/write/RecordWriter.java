package org.blobarena.store.internal.write;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.format.IndexBlock;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.Reserve;
import org.blobarena.store.internal.core.StoreContext;
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
    private final UnsealedFiles files;
    private final FileSealer sealer;
    private final PeriodicForce periodic;
    private final ReentrantLock lock;
    private final LongAdder bytesPut = new LongAdder();
    private volatile Runnable listener = () -> {};

    public RecordWriter(StoreContext store, UnsealedFiles files) {
        this.store = store;
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

    /** The bytes of all records that were appended, but for those that compaction has copied. */
    public long bytesPut() {
        return bytesPut.sum();
    }

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
    public void append(List<PendingRecord> records, Durability durability) throws IOException {
        Reserve reserve = store.reserve();
        try {
            ActiveFile file;
            if (records.get(0).isTombstone()) {
                file = reserve.retryWithoutReserve(() -> appendOrVoid(records, durability));
            } else {
                reserve.requireSpared(payloadBytes(records));
                file = appendOrVoid(records, durability);
            }
            file.makeDurable(endOf(records), durability); // Fails for those that could not be made void, if any.
            reserve.written();
        } catch (IOException e) {
            throw Failures.translate(e);
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
            file.makeDurable(endOf(records), durability);
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
                store.refusal().require();
                ActiveFile active = files.active();
                boolean fits = active != null && active.hasRoomFor(record.recordBytes(), record.expires());
                if (only != null && !(fits && only == active)) {
                    return null;
                }
                if (active != null && fits) {
                    return append(record, active);
                }
                if (files.mayBegin()) {
                    return append(record, next(active));
                }
            } finally {
                lock.unlock();
            }
            sealer.awaitRoom();
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
        count(record.recordBytes());
        return file;
    }

    /** The lock is held. */
    private void count(long recordBytes) {
        bytesPut.add(recordBytes);
        periodic.appended(recordBytes);
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
            store.refusal().require();
            return files.takeSequence();
        } finally {
            lock.unlock();
        }
    }

    /** Lists a record in a stream's file that has reached its durability. */
    void list(ActiveFile file, IndexBlock.Entry entry, boolean compressed) {
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
