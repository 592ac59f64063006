package org.blobarena.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Pool;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.CleanMark;
import org.blobarena.format.FileNames;
import org.blobarena.format.Limits;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.jspecify.annotations.Nullable;

/**
 * An open store, in terms of encoded keys.
 *
 * <p><b>Writes</b> of one key are ordered by the lock of its group: append the record, wait for its durability,
 * then point the index at it. So what the index shows has reached its durability, and the index never shows the
 * earlier of two records as the later.
 *
 * <p><b>Reads</b> take no lock: they look the location up and read the record, which says itself whether it is
 * the right one.
 *
 * <p>Every operation passes the gate; the closer waits there for those in flight, since an index must not be
 * closed under a user.
 */
final class StoreEngine {

    private final StoreContext store;
    private final Parts parts;
    private final Closeable lock;
    private final LocationIndex index;
    private final RecordWriter writer;
    private final RecordReader reader;
    private final Pool<Lookup> lookups;
    private final KeyLocks keyLocks = new KeyLocks();
    private final OperationGate gate;
    private final ReentrantLock closing = new ReentrantLock();
    private long sizeAtClose;

    /** What an opening makes. */
    record Parts(LocationIndex index, LocationIndexFactory indexes, RecordWriter writer, OpenReport report) {}

    StoreEngine(StoreContext store, Parts parts, Closeable lock) {
        this.store = store;
        this.parts = parts;
        this.lock = lock;
        this.index = parts.index;
        this.writer = parts.writer;
        this.reader = new RecordReader(store.hasher());
        this.lookups = new Pool<>(() -> new Lookup(store.hasher(), reader));
        this.gate = new OperationGate(() ->
                new StoreClosedException("the store at " + store.directory().path() + " is closed"));
    }

    OpenReport report() {
        return parts.report;
    }

    Durability durability() {
        return store.settings().durability();
    }

    EncodedKey encoded(byte[] keyBytes) {
        return store.hasher().encoded(keyBytes);
    }

    // ---- writing

    void put(byte[] keyBytes, ByteBuffer payload, Durability durability) throws IOException {
        EncodedKey key = store.hasher().encoded(keyBytes);
        requireFits(key, payload);
        gate.enter();
        try {
            ReentrantLock keyLock = keyLocks.of(key.hash());
            keyLock.lock();
            try {
                append(key, payload, durability);
            } finally {
                keyLock.unlock();
            }
        } finally {
            gate.exit();
        }
    }

    /**
     * Stores a payload if the key's location is as wished.
     *
     * @param condition gets the location, null when the key is absent, while the key's lock is held
     */
    boolean putIf(EncodedKey key, Predicate<@Nullable Location> condition, ByteBuffer payload, Durability durability)
            throws IOException {
        requireFits(key, payload);
        gate.enter();
        try {
            ReentrantLock keyLock = keyLocks.of(key.hash());
            keyLock.lock();
            try {
                if (!condition.test(index.get(key.hash()))) {
                    return false;
                }
                append(key, payload, durability);
                return true;
            } finally {
                keyLock.unlock();
            }
        } finally {
            gate.exit();
        }
    }

    /**
     * Removes a key that is present and whose location is as wished.
     *
     * @param condition gets the location while the key's lock is held
     */
    boolean removeIf(EncodedKey key, Predicate<Location> condition, Durability durability) throws IOException {
        requireKeyFits(key);
        gate.enter();
        try {
            ReentrantLock keyLock = keyLocks.of(key.hash());
            keyLock.lock();
            try {
                Location present = index.get(key.hash());
                if (present == null || !condition.test(present)) {
                    return false;
                }
                writer.append(RecordType.TOMBSTONE, key, ByteBuffer.allocate(0), durability);
                removeFromIndex(key.hash(), present);
                return true;
            } finally {
                keyLock.unlock();
            }
        } finally {
            gate.exit();
        }
    }

    /** A part of a batch. */
    @FunctionalInterface
    interface BatchStep {

        /** Returns how many keys it wrote. */
        long run() throws IOException;
    }

    /** Runs a part of a batch with the locks of its keys. */
    long inTurn(BitSet locks, BatchStep step) throws IOException {
        gate.enter();
        try {
            keyLocks.lock(locks);
            try {
                return step.run();
            } finally {
                keyLocks.unlock(locks);
            }
        } finally {
            gate.exit();
        }
    }

    /**
     * The locks of the keys are held. Stores the first of some blobs, one at least; returns how many.
     *
     * @throws IOException if none could be written, or the index has no room for one that was
     */
    int putAppended(List<BatchRecord> records, Durability durability) throws IOException {
        List<Location> locations = writer.appendAll(RecordType.VALUE, records, durability);
        IOException failure = null;
        for (int i = 0; i < locations.size(); i++) {
            try {
                point(records.get(i).key(), locations.get(i), durability);
            } catch (IOException e) {
                failure = e; // The others are in the files as well, so each has to be pointed at or taken back.
            }
        }
        if (failure != null) {
            throw failure;
        }
        return locations.size();
    }

    /** The locks of the keys are held, and all are present. Removes the first of them, one at least; returns how many. */
    int removeAppended(List<BatchRecord> records, Durability durability) throws IOException {
        int count = writer.appendAll(RecordType.TOMBSTONE, records, durability).size();
        for (BatchRecord record : records.subList(0, count)) {
            KeyHash hash = record.key().hash();
            removeFromIndex(hash, Objects.requireNonNull(index.get(hash)));
        }
        return count;
    }

    /** The key's lock is held. */
    boolean isPresent(EncodedKey key) {
        return index.get(key.hash()) != null;
    }

    void force() throws IOException {
        gate.enter();
        try {
            writer.force();
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        } finally {
            gate.exit();
        }
    }

    /** The key's lock is held. */
    private void append(EncodedKey key, ByteBuffer payload, Durability durability) throws IOException {
        point(key, writer.append(RecordType.VALUE, key, payload, durability), durability);
    }

    /** The key's lock is held, and its record written. */
    private void point(EncodedKey key, Location location, Durability durability) throws IOException {
        Location replaced;
        try {
            replaced = index.put(key.hash(), location);
        } catch (IOException e) {
            takeBack(key, durability, e);
            throw DiskFullException.orSame(e);
        } catch (RuntimeException | Error e) {
            writer.refuseWrites(e);
            throw e;
        }
        addLive(location, location.length());
        if (replaced != null) {
            addLive(replaced, -replaced.length());
        }
    }

    /**
     * The key's lock is held. Makes a record count for nothing that the index has no room for. Only a key that it does
     * not have meets that, so a tombstone says what is.
     */
    private void takeBack(EncodedKey key, Durability durability, IOException cause) {
        try {
            writer.append(RecordType.TOMBSTONE, key, ByteBuffer.allocate(0), durability);
        } catch (IOException | RuntimeException | Error e) {
            cause.addSuppressed(e);
            writer.refuseWrites(cause);
        }
    }

    /** The key's lock is held and its tombstone written. */
    private void removeFromIndex(KeyHash hash, Location expected) {
        Location present = expected;
        try {
            while (!index.removeIfEqual(hash, present)) {
                present = index.get(hash);
                if (present == null) {
                    throw new IllegalStateException("a key vanished while its lock was held");
                }
            }
        } catch (RuntimeException | Error e) {
            writer.refuseWrites(e);
            throw e;
        }
        addLive(present, -present.length());
    }

    private void addLive(Location location, long bytes) {
        StoreFile file = store.files().get(location.fileIndex());
        if (file != null) {
            file.addLive(bytes);
        }
    }

    // ---- reading

    byte @Nullable [] get(EncodedKey key) throws IOException {
        return current(key).payload();
    }

    /** What a key has now. */
    CurrentBlob current(EncodedKey key) throws IOException {
        gate.enter();
        try {
            Location location = index.get(key.hash());
            return new CurrentBlob(location, location == null ? null : reader.payload(file(location), location, key));
        } finally {
            gate.exit();
        }
    }

    /** Where the record of a key is, or null when it is absent. */
    @Nullable Location locate(EncodedKey key) {
        gate.enter();
        try {
            return index.get(key.hash());
        } finally {
            gate.exit();
        }
    }

    /** Fetches a part of a file that has records. */
    void fill(ReadWindow window, Location span) throws IOException {
        gate.enter();
        try {
            window.fill(file(span), span);
        } finally {
            gate.exit();
        }
    }

    /** Verifies a record in a window; its payload, or null when it is of another key with the same hash. */
    byte @Nullable [] payload(ReadWindow window, Location location, EncodedKey key) throws IOException {
        return reader.payload(window, file(location), location, key);
    }

    /**
     * Reads a payload into a buffer if it has room for it; its position moves only then.
     *
     * @return the length of the payload, or -1 when the key is absent
     */
    <K> long get(KeyCodec<K> codec, K key, ByteBuffer target) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(codec, key);
            gate.enter();
            try {
                return index.find(lookup.probe()) ? getFound(lookup, target) : -1;
            } finally {
                gate.exit();
            }
        } finally {
            lookups.give(lookup);
        }
    }

    private long getFound(Lookup lookup, ByteBuffer target) throws IOException {
        long length = lookup.probe().length() - RecordHeader.BYTES - lookup.length();
        if (length > target.remaining()) {
            return length;
        }
        int start = target.position();
        boolean complete = false;
        try {
            complete = reader.payload(lookup.reading(file(lookup.probe())), lookup, target);
        } finally {
            if (!complete) {
                target.position(start);
            }
        }
        return complete ? length : -1;
    }

    /** Reads a payload as {@link RecordReader#verified} does; null when the key is absent. */
    <K> @Nullable ByteBuffer verified(KeyCodec<K> codec, K key, Scratch scratch) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(codec, key);
            gate.enter();
            try {
                return index.find(lookup.probe())
                        ? reader.verified(lookup.reading(file(lookup.probe())), lookup, scratch)
                        : null;
            } finally {
                gate.exit();
            }
        } finally {
            lookups.give(lookup);
        }
    }

    /** The length of the payload, or -1 when the key is absent. */
    long sizeOf(byte[] keyBytes) {
        EncodedKey key = store.hasher().encoded(keyBytes);
        gate.enter();
        try {
            Location location = index.get(key.hash());
            return location == null ? -1 : payloadBytes(location, key);
        } finally {
            gate.exit();
        }
    }

    long size() {
        gate.enter();
        try {
            return index.size();
        } finally {
            gate.exit();
        }
    }

    private static long payloadBytes(Location location, EncodedKey key) {
        return location.length() - RecordHeader.BYTES - key.length();
    }

    private StoreFile file(Location location) throws CorruptBlobException {
        return file(location.fileIndex(), location.offset());
    }

    private StoreFile file(IndexProbe found) throws CorruptBlobException {
        return file(found.fileIndex(), found.offset());
    }

    private StoreFile file(long fileId, long offset) throws CorruptBlobException {
        StoreFile file = store.files().get(fileId);
        if (file == null) {
            throw new CorruptBlobException(
                    store.directory().path().resolve(FileNames.arena(fileId)).toString(),
                    offset,
                    "the index points at a file that the store does not have");
        }
        return file;
    }

    // ---- iterating

    /** A cursor of the index, whose user passes the gate for every step. */
    LocationIndex.Cursor cursor() {
        gate.enter();
        try {
            return index.cursor();
        } finally {
            gate.exit();
        }
    }

    /** The next group of keys in the order of their locations, or null after the last. */
    @Nullable List<Found> nextGroup(LocationIndex.Cursor cursor) {
        List<Found> group = new ArrayList<>();
        gate.enter();
        try {
            while (group.isEmpty()) {
                if (!cursor.next((hash, location) -> group.add(new Found(hash, location)))) {
                    return null;
                }
            }
        } finally {
            gate.exit();
        }
        group.sort((a, b) -> a.location.compareTo(b.location));
        return group;
    }

    /** A key as a cursor saw it. */
    record Found(KeyHash hash, Location location) {}

    /** The key and payload that a hash has now, or null when it was removed. */
    @Nullable Entry entry(KeyHash hash) throws IOException {
        gate.enter();
        try {
            Location location = index.get(hash);
            return location == null ? null : reader.entry(file(location), location, hash);
        } finally {
            gate.exit();
        }
    }

    /** The key that a hash stands for, or null when it was removed. */
    byte @Nullable [] key(KeyHash hash) throws IOException {
        gate.enter();
        try {
            Location location = index.get(hash);
            return location == null ? null : reader.key(file(location), location, hash);
        } finally {
            gate.exit();
        }
    }

    // ---- the whole store

    StoreStats stats() {
        gate.enter();
        try {
            long[] sums = new long[4];
            for (StoreFile file : store.files().all()) {
                long live = file.liveBytes() + file.content().tombstoneBytes();
                sums[0] += live;
                sums[1] += Math.max(0, file.content().recordBytes() - live);
                sums[2]++;
                sums[3] += file.arena().length();
            }
            return new StoreStats(
                    index.size(),
                    sums[0],
                    sums[1],
                    sums[2],
                    sums[3],
                    index.fileBytes(),
                    Limits.FORMAT_VERSION,
                    parts.report);
        } finally {
            gate.exit();
        }
    }

    /** Holds up all writes, not reads, for as long as it takes. */
    VerifyReport verify() throws IOException {
        gate.enter();
        try {
            keyLocks.lockAll();
            try {
                return new StoreVerifier(store, index, parts.indexes).verify();
            } finally {
                keyLocks.unlockAll();
            }
        } finally {
            gate.exit();
        }
    }

    /** Whoever comes second waits as well: once it returns the store can be opened again. */
    void close() throws IOException {
        closing.lock();
        try {
            if (gate.close()) {
                closeParts();
            }
        } finally {
            closing.unlock();
        }
    }

    /** Puts everything on the device and leaves the mark of a clean close. */
    private void closeParts() throws IOException {
        Throwable failure = null;
        try {
            store.reserve().giveUpIfShort();
            writer.close();
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        try {
            if (failure == null) {
                String indexName = closeIndex();
                SmallFiles.replace(
                        store.directory(),
                        FileNames.CLEAN,
                        FileNames.CLEAN_UNFINISHED,
                        mark(indexName).encode());
            } else {
                index.close();
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        failure = closeAfter(failure, store.files()::close);
        failure = closeAfter(failure, lock);
        rethrow(failure);
    }

    /** Lets go of everything as a dying process would: buffers are dropped and no mark is left. For tests. */
    void crash() throws IOException {
        if (gate.close()) {
            Throwable failure = closeAfter(null, writer::abandon);
            index.close();
            failure = closeAfter(failure, store.files()::close);
            rethrow(closeAfter(failure, lock));
        }
    }

    private String closeIndex() throws IOException {
        sizeAtClose = index.size();
        return index.closeForReopening();
    }

    private CleanMark mark(String indexName) {
        List<CleanMark.FileState> states = new ArrayList<>();
        for (StoreFile file : store.files().all()) {
            states.add(new CleanMark.FileState(
                    file.id(),
                    file.isSealed(),
                    file.arena().length(),
                    file.liveBytes(),
                    file.content().toFooter()));
        }
        RecordWriter.Counters counters = writer.counters();
        return new CleanMark(
                store.identity().storeId(),
                counters.nextSequence(),
                counters.nextFileId(),
                indexName,
                sizeAtClose,
                states);
    }

    private static @Nullable Throwable closeAfter(@Nullable Throwable earlier, Closeable resource) {
        try {
            resource.close();
            return earlier;
        } catch (IOException | RuntimeException e) {
            if (earlier == null) {
                return e;
            }
            earlier.addSuppressed(e);
            return earlier;
        }
    }

    private static void rethrow(@Nullable Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw DiskFullException.orSame(e);
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
    }

    void requireFits(EncodedKey key, ByteBuffer payload) {
        requireKeyFits(key);
        long limit = Limits.payloadBytesMax(store.settings().fileBytesMax(), key.length());
        if (limit < 0) {
            throw new BlobTooLargeException("a key of " + key.length() + " bytes leaves no room for a blob in an arena"
                    + " file of " + store.settings().fileBytesMax() + " bytes");
        }
        if (payload.remaining() > limit) {
            throw new BlobTooLargeException("a blob of " + payload.remaining() + " bytes does not fit an arena file of "
                    + store.settings().fileBytesMax() + " bytes: with this key of " + key.length()
                    + " bytes it can have at most " + limit);
        }
    }

    static void requireKeyFits(EncodedKey key) {
        if (key.length() > Limits.KEY_BYTES_MAX) {
            throw new BlobTooLargeException(
                    "a key of " + key.length() + " bytes is longer than the limit of " + Limits.KEY_BYTES_MAX);
        }
    }
}
