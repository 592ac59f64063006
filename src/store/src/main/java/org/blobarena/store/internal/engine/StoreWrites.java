package org.blobarena.store.internal.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.write.PendingRecord;
import org.blobarena.store.internal.write.StreamFiles;
import org.blobarena.store.internal.write.StreamedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes of an open store: append the record of a key, wait for its durability, then point the index at it.
 *
 * <p>A key's lock is held all the while. So what the index shows has reached its durability, and the index never shows the
 * earlier of two records as the later. What takes long comes before the lock: a blob is compressed without it, and one that
 * is long is written to a file of its own, all but its header.
 *
 * <p>Every operation passes the gate, which the close of the store waits at; a writer that is slowed down for the
 * sake of compaction waits outside of it.
 */
public final class StoreWrites implements Closeable {

    private final EngineContext context;
    private final StoreSettings settings;
    private final StreamFiles streamFiles;
    private volatile Consumer<KeyHash> observer = hash -> {};

    StoreWrites(EngineContext context) {
        this.context = context;
        this.settings = context.store().settings();
        this.streamFiles = context.streamFiles();
    }

    StoreSettings settings() {
        return settings;
    }

    public void put(EncodedKey key, ByteBuffer blob, WriteOptions options) throws IOException {
        RecordSizes.requireFits(settings, key, blob.remaining(), options);
        long bytes = recordBytes(key, blob.remaining());
        context.enter(bytes);
        try {
            context.gate().enterToWrite();
            try {
                boolean unused = putInside(key, null, blob, options);
            } finally {
                context.gate().exit();
            }
        } finally {
            context.exit(bytes);
        }
        context.compactor().written(key, blob.remaining());
    }

    /**
     * Stores a blob if the key's location is as wished.
     *
     * @param condition gets the location, null when the key is absent: at first, and again while the key's lock is held
     */
    public boolean putIf(EncodedKey key, Predicate<@Nullable Location> condition, ByteBuffer blob, WriteOptions options)
            throws IOException {
        return putIf(key, condition, new PreparedBlob(blob), options);
    }

    /** The same for a blob that can be tried again if this returns false. */
    boolean putIf(EncodedKey key, Predicate<@Nullable Location> condition, PreparedBlob blob, WriteOptions options)
            throws IOException {
        long blobBytes = blob.bytes().remaining();
        RecordSizes.requireFits(settings, key, blobBytes, options);
        long bytes = recordBytes(key, blobBytes);
        context.enter(bytes);
        try {
            context.gate().enterToWrite();
            try {
                if (!condition.test(context.presence().find(key.hash())) || !putInside(key, condition, blob, options)) {
                    return false;
                }
            } finally {
                context.gate().exit();
            }
        } finally {
            context.exit(bytes);
        }
        context.compactor().written(key, blobBytes);
        return true;
    }

    /** About what a write takes on disk. */
    private static long recordBytes(EncodedKey key, long blobBytes) {
        return RecordHeader.BYTES + (long) key.length() + blobBytes + IndexBlock.ENTRY_BYTES;
    }

    /** @param replacement gets the key of each write, while its lock is held and before anything of it can be read */
    public void setObserver(Consumer<KeyHash> replacement) {
        observer = replacement;
    }

    /**
     * Stores a blob in a call that has passed the gate.
     *
     * @return false if the condition does not hold, and nothing was stored
     */
    boolean putInside(
            EncodedKey key, @Nullable Predicate<@Nullable Location> condition, ByteBuffer blob, WriteOptions options)
            throws IOException {
        return putInside(key, condition, new PreparedBlob(blob), options);
    }

    private boolean putInside(
            EncodedKey key, @Nullable Predicate<@Nullable Location> condition, PreparedBlob blob, WriteOptions options)
            throws IOException {
        Durability durability = options.durability();
        if (!isLong(blob.bytes())) {
            List<PendingRecord> record = List.of(blob.record(this, key, options));
            return lockedIf(key, condition, () -> append(record, durability));
        }
        StreamedRecord record = streamFiles.write(key, blob.bytes(), options);
        boolean stored;
        try {
            stored = lockedIf(key, condition, () -> publishLocked(key, record, durability));
        } catch (IOException | RuntimeException | Error e) {
            streamFiles.cutAfter(e, record);
            throw e;
        }
        if (!stored) {
            record.cut();
        }
        return stored;
    }

    /** Whether a blob in memory is so long that it goes to a file of its own, as a stream does. */
    boolean isLong(ByteBuffer blob) {
        return blob.remaining() > settings.sharedBytesMax();
    }

    /** The record of a blob; takes long where that is compressed. */
    PendingRecord record(EncodedKey key, ByteBuffer blob, WriteOptions options) throws IOException {
        long expiryMillis = options.expiry().millisFrom(settings.clock());
        return PendingRecord.value(key, blob, options.compression(), context.codec(), expiryMillis);
    }

    /** The last step of a write. */
    @FunctionalInterface
    private interface LockedStep {

        void run() throws IOException;
    }

    /** Takes a step with the lock of a key, if the condition holds then or there is none. */
    private boolean lockedIf(EncodedKey key, @Nullable Predicate<@Nullable Location> condition, LockedStep step)
            throws IOException {
        ReentrantLock keyLock = context.keyLocks().of(key.hash());
        keyLock.lock();
        try {
            if (condition != null && !condition.test(context.presence().find(key.hash()))) {
                return false;
            }
            observer.accept(key.hash());
            step.run();
            return true;
        } finally {
            keyLock.unlock();
        }
    }

    /**
     * Removes a key that is present and whose location is as wished.
     *
     * @param condition gets the location while the key's lock is held
     */
    public boolean removeIf(EncodedKey key, Predicate<Location> condition, Durability durability) throws IOException {
        RecordSizes.requireKeyFits(key);
        List<PendingRecord> record = List.of(PendingRecord.tombstone(key));
        Location present;
        context.gate().enterToWrite();
        try {
            ReentrantLock keyLock = context.keyLocks().of(key.hash());
            keyLock.lock();
            try {
                if (context.index().get(key.hash()) == null) {
                    observer.accept(key.hash());
                    makeDurable(durability); // An earlier removal may be less durable than this one promises.
                    return false;
                }
                present = context.presence().find(key.hash());
                if (present != null && !condition.test(present)) {
                    return false;
                }
                observer.accept(key.hash());
                append(record, durability);
            } finally {
                keyLock.unlock();
            }
        } finally {
            context.gate().exit();
        }
        context.compactor().written(key, 0);
        return present != null; // One that had expired is removed as well: the clock may be set back.
    }

    /**
     * Writes the records of several keys, of one type: removals only for those keys that are present.
     *
     * @return how many were written; of the removals, those of keys whose blob had expired do not count
     */
    int write(List<PendingRecord> records, Durability durability) throws IOException {
        Written written;
        BitSet locks = new BitSet();
        long bytes = 0;
        for (PendingRecord record : records) {
            locks.set(KeyLocks.stripeOf(record.key().hash()));
            bytes += record.recordBytes() + IndexBlock.ENTRY_BYTES;
        }
        context.enter(bytes);
        try {
            written = writeInside(records, locks, durability);
        } finally {
            context.exit(bytes);
        }
        for (PendingRecord record : written.records) {
            context.compactor().written(record.key(), record.payloadBytes());
        }
        return written.count;
    }

    private Written writeInside(List<PendingRecord> records, BitSet locks, Durability durability) throws IOException {
        context.gate().enterToWrite();
        try {
            context.keyLocks().lock(locks);
            try {
                for (PendingRecord record : records) {
                    observer.accept(record.key().hash());
                }
                boolean removals = records.get(0).isTombstone();
                List<PendingRecord> written = removals ? indexed(records, durability) : records;
                Written result = new Written(written, removals ? countPresent(written) : written.size());
                append(written, durability);
                return result;
            } finally {
                context.keyLocks().unlock(locks);
            }
        } finally {
            context.gate().exit();
        }
    }

    /** Records that were written, and how many keys are changed by that. */
    private record Written(List<PendingRecord> records, int count) {}

    private int countPresent(List<PendingRecord> records) throws IOException {
        int count = 0;
        for (PendingRecord record : records) {
            count += context.presence().find(record.key().hash()) == null ? 0 : 1;
        }
        return count;
    }

    /**
     * The locks of the keys are held. Those that the index has; the absence of the others is as durable as asked when this
     * returns.
     */
    private List<PendingRecord> indexed(List<PendingRecord> records, Durability durability) throws IOException {
        List<PendingRecord> indexed = new ArrayList<>(records);
        if (indexed.removeIf(record -> context.index().get(record.key().hash()) == null)) {
            makeDurable(durability);
        }
        return indexed;
    }

    /** Makes everything durable that was written before. */
    private void makeDurable(Durability durability) throws IOException {
        try {
            context.writer().files().makeDurable(durability);
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    public void force() throws IOException {
        context.gate().enterToWrite();
        try {
            context.writer().files().makeDurable(Durability.FORCED);
        } catch (IOException e) {
            throw Failures.translate(e);
        } finally {
            context.gate().exit();
        }
    }

    // ---- streams

    /**
     * A blob that is written bit by bit.
     *
     * @param bytesExpected 0 when its length is not known
     * @throws BlobTooLargeException if it is known to be too large
     */
    public BlobSink sink(EncodedKey key, long bytesExpected, WriteOptions options) {
        RecordSizes.requireFits(settings, key, bytesExpected, options);
        context.gate().enter(); // So that a closed store says so now.
        context.gate().exit();
        return new BlobSink(this, context.gate(), streamFiles, new BlobSink.Subject(key, bytesExpected, options));
    }

    /** To be called before bytes of a stream are written, with no lock held; followed by {@link #exit}. */
    void enter(long bytes) throws IOException {
        context.enter(bytes);
    }

    void exit(long bytes) {
        context.exit(bytes);
    }

    /** To be called after bytes of a stream were written, with no lock held; may take a while. */
    void written(EncodedKey key, long bytes) {
        context.compactor().written(key, bytes);
    }

    /**
     * Stores a blob whose record is complete but for its header, in a call that has passed the gate.
     *
     * @return false if the condition does not hold, and nothing was stored
     */
    boolean publish(
            EncodedKey key,
            @Nullable Predicate<@Nullable Location> condition,
            StreamedRecord record,
            Durability durability)
            throws IOException {
        return lockedIf(key, condition, () -> publishLocked(key, record, durability));
    }

    private void publishLocked(EncodedKey key, StreamedRecord record, Durability durability) throws IOException {
        requireIndexed(key);
        Location location;
        try {
            location = record.publish(durability);
        } catch (IOException e) {
            throw Failures.translate(e);
        }
        point(key, location, durability);
    }

    // ---- with the locks of the keys held

    /** Writes records of one type, with one wait for all that go to one file. When one fails, those behind it are not written. */
    private void append(List<PendingRecord> records, Durability durability) throws IOException {
        List<PendingRecord> rest = records;
        while (!rest.isEmpty()) {
            int done = appendFirst(rest, durability);
            rest = rest.subList(done, rest.size());
        }
    }

    /** Writes the first of some records, one at least; returns how many. */
    private int appendFirst(List<PendingRecord> records, Durability durability) throws IOException {
        List<PendingRecord> indexed = indexed(records);
        Throwable failure = null;
        try {
            context.writer().append(indexed, durability);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        int count = 0;
        while (count < indexed.size() && indexed.get(count).isAppended()) {
            try {
                index(indexed.get(count), durability);
            } catch (IOException | RuntimeException | Error e) {
                failure = e; // The others are in the files as well.
            }
            count++;
        }
        if (failure != null) {
            Failures.rethrow(failure);
        }
        return count;
    }

    /** Those before the first that the index has no room for, one at least. */
    private List<PendingRecord> indexed(List<PendingRecord> records) throws IOException {
        for (int i = 0; i < records.size() && !records.get(i).isTombstone(); i++) {
            try {
                requireIndexed(records.get(i).key());
            } catch (IOException e) {
                if (i == 0) {
                    throw e;
                }
                return records.subList(0, i);
            }
        }
        return records;
    }

    /** Before anything is written: refused puts must not use up the space that the index is waiting for. */
    private void requireIndexed(EncodedKey key) throws IOException {
        try {
            context.index().requireRoom(key.hash());
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    /** Makes the index say what a record says that stands in its file. */
    private void index(PendingRecord record, Durability durability) throws IOException {
        if (record.isTombstone()) {
            context.index().remove(record.key().hash());
        } else {
            point(record.key(), record.location(), durability);
        }
    }

    /** Points the index at the record of a blob. */
    private void point(EncodedKey key, Location location, Durability durability) throws IOException {
        try {
            context.index().put(key.hash(), location);
        } catch (IOException e) {
            takeBack(key, location, durability, e);
            throw Failures.translate(e);
        }
    }

    /**
     * Makes a record count for nothing that the index has no room for. Only a key that it does not have meets that, so a
     * tombstone says what is.
     */
    private void takeBack(EncodedKey key, Location location, Durability durability, IOException cause) {
        try {
            context.writer().append(List.of(PendingRecord.tombstone(key)), durability);
        } catch (IOException | RuntimeException | Error e) {
            context.index().postpone(key.hash(), location, cause);
            cause.addSuppressed(e);
        }
    }

    /** Cuts what streams have not published. To be called when nobody writes any more. */
    @Override
    public void close() throws IOException {
        streamFiles.close();
    }
}
