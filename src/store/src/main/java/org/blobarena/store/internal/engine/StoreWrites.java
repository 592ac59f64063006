package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Pool;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.compact.WriteThrottle;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.evict.Evictor;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.watch.OperationEvent;
import org.blobarena.store.internal.watch.Recordings;
import org.blobarena.store.internal.write.PendingRecord;
import org.blobarena.store.internal.write.RecordWriter;
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
public final class StoreWrites {

    private final Path directory;
    private final StoreSettings settings;
    private final InstantSource clock;
    private final long sharedBytesMax;
    private final RecordSizes sizes;
    private final KeyHasher hasher;
    private final OperationGate gate;
    private final FileTable files;
    private final @Nullable IdleTime idle;
    private final KeyLocks keyLocks;
    private final SettledIndex index;
    private final Presence presence;
    private final RecordWriter writer;
    private final BlockCodec codec;
    private final StreamFiles streamFiles;
    private final WriteThrottle throttle;
    private final @Nullable Evictor evictor;
    private final Layout layout;
    private final Pool<PendingRecord> records;
    private volatile @Nullable Consumer<KeyHash> observer;

    StoreWrites(EngineContext context) {
        this.directory = context.store().directory().path();
        this.settings = context.store().settings();
        this.layout = context.store().layout();
        this.records = Pool.unbounded(() -> PendingRecord.reusable(layout));
        this.clock = settings.clock();
        this.sharedBytesMax = settings.sharedBytesMax();
        this.sizes = new RecordSizes(settings.fileBytesMax(), layout);
        this.hasher = context.store().hasher();
        this.gate = context.gate();
        this.files = context.store().files();
        this.idle = context.idle();
        this.keyLocks = context.keyLocks();
        this.index = context.index();
        this.presence = context.presence();
        this.writer = context.writer();
        this.codec = context.codec();
        this.streamFiles = context.streamFiles();
        this.throttle = context.compactor().throttle();
        this.evictor = context.evictor();
    }

    StoreSettings settings() {
        return settings;
    }

    /** How records stand in the files. */
    Layout layout() {
        return layout;
    }

    /** What refuses keys and blobs that are too large. */
    RecordSizes sizes() {
        return sizes;
    }

    public <K> void put(KeyCodec<K> codec, K key, ByteBuffer blob, WriteOptions options) throws IOException {
        PendingRecord record = records.take();
        try {
            record.key().set(hasher, codec, key);
            put(record, blob, options);
        } finally {
            record.clear();
            records.give(record);
        }
    }

    public void put(EncodedKey key, ByteBuffer blob, WriteOptions options) throws IOException {
        put(new PendingRecord(key, layout), blob, options);
    }

    /** @param record gets the blob */
    private void put(PendingRecord record, ByteBuffer blob, WriteOptions options) throws IOException {
        OperationEvent event = Recordings.mayRun() ? OperationEvent.begun("put") : null;
        EncodedKey key = record.key();
        sizes.requireFits(key, blob.remaining(), options);
        long bytes = recordBytes(key, blob.remaining());
        enter(bytes);
        try {
            gate.enterToWrite();
            try {
                boolean unused;
                if (isLong(blob)) {
                    unused = putLong(key, null, blob, options);
                } else {
                    setValue(record, blob, options);
                    unused = put(record, null, options.durability());
                }
            } finally {
                gate.exit();
            }
        } finally {
            exit(bytes);
            if (event != null) {
                event.ended(directory);
            }
        }
        throttle.acquire(bytes);
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
        OperationEvent event = Recordings.mayRun() ? OperationEvent.begun("put") : null;
        long blobBytes = blob.bytes().remaining();
        sizes.requireFits(key, blobBytes, options);
        long bytes = recordBytes(key, blobBytes);
        enter(bytes);
        try {
            gate.enterToWrite();
            try {
                if (!condition.test(presence.find(key.hash())) || !putInside(key, condition, blob, options)) {
                    return false;
                }
            } finally {
                gate.exit();
            }
        } finally {
            exit(bytes);
            if (event != null) {
                event.ended(directory);
            }
        }
        throttle.acquire(bytes);
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
            EncodedKey key, @Nullable Predicate<@Nullable Location> condition, PreparedBlob blob, WriteOptions options)
            throws IOException {
        if (isLong(blob.bytes())) {
            return putLong(key, condition, blob.bytes(), options);
        }
        return put(blob.record(this, key, options), condition, options.durability());
    }

    private boolean put(PendingRecord record, @Nullable Predicate<@Nullable Location> condition, Durability durability)
            throws IOException {
        EncodedKey key = record.key();
        ReentrantLock keyLock = keyLocks.of(key.hashHigh());
        keyLock.lock();
        try {
            boolean wanted = isWanted(key, condition);
            if (wanted) {
                append(record, durability);
            }
            return wanted;
        } finally {
            keyLock.unlock();
        }
    }

    private boolean putLong(
            EncodedKey key, @Nullable Predicate<@Nullable Location> condition, ByteBuffer blob, WriteOptions options)
            throws IOException {
        StreamedRecord record = streamFiles.write(key, blob, options);
        boolean stored;
        try {
            stored = publish(key, condition, record, options.durability());
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
        return blob.remaining() > sharedBytesMax;
    }

    /** The record of a blob; takes long where that is compressed. */
    PendingRecord record(EncodedKey key, ByteBuffer blob, WriteOptions options) throws IOException {
        PendingRecord record = new PendingRecord(key, layout);
        setValue(record, blob, options);
        return record;
    }

    private void setValue(PendingRecord record, ByteBuffer blob, WriteOptions options) throws IOException {
        record.setValue(blob, options.compression(), codec, options.expiry().millisFrom(clock));
    }

    /** The lock of a key is held: whether the condition holds, or there is none. If so, the observer gets the key. */
    private boolean isWanted(EncodedKey key, @Nullable Predicate<@Nullable Location> condition) throws IOException {
        if (condition != null && !condition.test(presence.find(key.hash()))) {
            return false;
        }
        observe(key);
        return true;
    }

    private void observe(EncodedKey key) {
        Consumer<KeyHash> told = observer;
        if (told != null) {
            told.accept(key.hash());
        }
    }

    /**
     * Removes a key that is present and whose location is as wished.
     *
     * @param condition gets the location while the key's lock is held
     */
    public boolean removeIf(EncodedKey key, Predicate<Location> condition, Durability durability) throws IOException {
        OperationEvent event = Recordings.mayRun() ? OperationEvent.begun("remove") : null;
        sizes.requireKeyFits(key);
        PendingRecord record = PendingRecord.tombstone(key, layout);
        Location present;
        gate.enterToWrite();
        try {
            ReentrantLock keyLock = keyLocks.of(key.hashHigh());
            keyLock.lock();
            try {
                if (index.getToChange(key.hash()) == null) {
                    observe(key);
                    makeDurable(durability); // An earlier removal may be less durable than this one promises.
                    return false;
                }
                present = presence.find(key.hash());
                if (present != null && !condition.test(present)) {
                    return false;
                }
                observe(key);
                append(record, durability);
            } finally {
                keyLock.unlock();
            }
        } finally {
            gate.exit();
            if (event != null) {
                event.ended(directory);
            }
        }
        throttle.acquire(recordBytes(key, 0));
        return present != null; // One that had expired is removed as well: the clock may be set back.
    }

    /**
     * Writes the records of several keys, of one type: removals only for those keys that are present.
     *
     * @return how many were written; of the removals, those of keys whose blob had expired do not count
     */
    int write(List<PendingRecord> records, Durability durability) throws IOException {
        OperationEvent event = Recordings.mayRun() ? OperationEvent.begun("batch") : null;
        Written written;
        BitSet locks = new BitSet();
        long bytes = 0;
        for (PendingRecord record : records) {
            locks.set(KeyLocks.stripeOf(record.key().hash()));
            bytes += record.length() + IndexBlock.ENTRY_BYTES;
        }
        enter(bytes);
        try {
            written = writeInside(records, locks, durability);
        } finally {
            exit(bytes);
            if (event != null) {
                event.ended(directory);
            }
        }
        for (PendingRecord record : written.records) {
            throttle.acquire(recordBytes(record.key(), record.payloadBytes()));
        }
        return written.count;
    }

    private Written writeInside(List<PendingRecord> records, BitSet locks, Durability durability) throws IOException {
        gate.enterToWrite();
        try {
            keyLocks.lock(locks);
            try {
                for (PendingRecord record : records) {
                    observe(record.key());
                }
                boolean removals = records.get(0).isTombstone();
                List<PendingRecord> written = removals ? indexed(records, durability) : records;
                Written result = new Written(written, removals ? countPresent(written) : written.size());
                append(PendingRecord.chain(written), durability);
                return result;
            } finally {
                keyLocks.unlock(locks);
            }
        } finally {
            gate.exit();
        }
    }

    /** Records that were written, and how many keys are changed by that. */
    private record Written(List<PendingRecord> records, int count) {}

    private int countPresent(List<PendingRecord> records) throws IOException {
        int count = 0;
        for (PendingRecord record : records) {
            count += presence.find(record.key().hash()) == null ? 0 : 1;
        }
        return count;
    }

    /**
     * The locks of the keys are held. Those that the index has; the absence of the others is as durable as asked when this
     * returns.
     */
    private List<PendingRecord> indexed(List<PendingRecord> records, Durability durability) throws IOException {
        List<PendingRecord> indexed = new ArrayList<>();
        for (PendingRecord record : records) {
            if (index.getToChange(record.key().hash()) != null) {
                indexed.add(record);
            }
        }
        if (indexed.size() < records.size()) {
            makeDurable(durability);
        }
        return indexed;
    }

    /** Makes everything durable that was written before. */
    private void makeDurable(Durability durability) throws IOException {
        try {
            writer.files().makeDurable(durability);
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    public void force() throws IOException {
        gate.enterToWrite();
        try {
            writer.files().makeDurable(Durability.FORCED);
        } catch (IOException e) {
            throw Failures.translate(e);
        } finally {
            gate.exit();
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
        sizes.requireFits(key, bytesExpected, options);
        gate.enter(); // So that a closed store says so now.
        gate.exit();
        return new BlobSink(this, gate, streamFiles, new BlobSink.Subject(key, bytesExpected, options));
    }

    /** To be called before so much is written, with no lock held; followed by {@link #exit}. May take a while. */
    void enter(long bytes) throws IOException {
        if (evictor != null) {
            evictor.enter(bytes);
        }
    }

    void exit(long bytes) {
        if (evictor != null) {
            evictor.exit(bytes);
        }
    }

    /** To be called after bytes of a stream were written, with no lock held; may take a while. */
    void written(EncodedKey key, long bytes) {
        throttle.acquire(recordBytes(key, bytes));
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
        ReentrantLock keyLock = keyLocks.of(key.hashHigh());
        keyLock.lock();
        try {
            boolean wanted = isWanted(key, condition);
            if (wanted) {
                publishLocked(key, record, durability);
            }
            return wanted;
        } finally {
            keyLock.unlock();
        }
    }

    private void publishLocked(EncodedKey key, StreamedRecord record, Durability durability) throws IOException {
        IndexProbe place = new IndexProbe();
        place.set(key.hashHigh(), key.hashLow());
        requireIndexed(place);
        try {
            record.publish(durability, place);
        } catch (IOException e) {
            throw Failures.translate(e);
        }
        point(key, place, durability);
    }

    // ---- with the locks of the keys held

    /**
     * Writes the records of a chain, which are of one type, with one wait for all that go to one file. When one fails, those
     * behind it are not written.
     */
    private void append(@Nullable PendingRecord first, Durability durability) throws IOException {
        PendingRecord rest = first;
        while (rest != null) {
            rest = appendFirst(rest, durability);
        }
    }

    /** Writes the first records of a chain, one at least; returns the first that is not written. */
    private @Nullable PendingRecord appendFirst(PendingRecord first, Durability durability) throws IOException {
        PendingRecord end = endOfIndexed(first);
        Throwable failure = null;
        try {
            writer.append(first, end, durability);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        PendingRecord record = first;
        while (record != null && record != end && record.isAppended()) {
            try {
                index(record, durability);
            } catch (IOException | RuntimeException | Error e) {
                failure = e; // The others are in the files as well.
            }
            record = record.next();
        }
        if (failure != null) {
            Failures.rethrow(failure);
        }
        return record;
    }

    /** The first, behind the first of a chain, that the index has no room for; null if there is none. */
    private @Nullable PendingRecord endOfIndexed(PendingRecord first) throws IOException {
        if (first.isTombstone()) {
            return null;
        }
        requireIndexed(first.place());
        PendingRecord next = first.next();
        try {
            while (next != null) {
                requireIndexed(next.place());
                next = next.next();
            }
        } catch (IOException e) {
            return next; // Those before it come first.
        }
        return next;
    }

    /** Before anything is written: refused puts must not use up the space that the index is waiting for. */
    private void requireIndexed(IndexProbe key) throws IOException {
        try {
            index.requireRoom(key);
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    /** Makes the index say what a record says that stands in its file. */
    private void index(PendingRecord record, Durability durability) throws IOException {
        if (record.isTombstone()) {
            index.remove(record.key().hash());
        } else {
            point(record.key(), record.place(), durability);
        }
    }

    /** Points the index at the record of a blob. */
    private void point(EncodedKey key, IndexProbe place, Durability durability) throws IOException {
        noteTime(place);
        try {
            index.put(place);
        } catch (WritesRefusedException e) {
            throw e; // The index is damaged, and may have an earlier blob of the key: that one must stay.
        } catch (IOException e) {
            takeBack(key, place, durability, e);
            throw Failures.translate(e);
        }
    }

    private void noteTime(IndexProbe place) {
        StoreFile file = idle == null ? null : files.get(place.fileIndex());
        if (file != null && idle != null) {
            file.write(idle, place.offset());
        }
    }

    /**
     * Makes a record count for nothing that the index has no room for. Only a key that it does not have meets that, so a
     * tombstone says what is.
     */
    private void takeBack(EncodedKey key, IndexProbe place, Durability durability, IOException cause) {
        try {
            writer.append(PendingRecord.tombstone(key, layout), durability);
        } catch (IOException | RuntimeException | Error e) {
            index.postpone(place, cause);
            cause.addSuppressed(e);
        }
    }
}
