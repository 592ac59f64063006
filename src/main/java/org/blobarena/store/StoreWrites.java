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
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * Writes of an open store: append the record of a key, wait for its durability, then point the index at it.
 *
 * <p>A key's lock is held all the while. So what the index shows has reached its durability, and the index never shows the
 * earlier of two records as the later. Every operation passes the gate, which the close of the store waits
 * at; whoever is slowed down for the sake of compaction waits outside of it.
 */
final class StoreWrites implements Closeable {

    private final Parts parts;
    private final BatchAppender batches;
    private final StreamFiles streamFiles;

    /** What the store is made of. */
    record Parts(
            StoreContext store,
            SettledIndex index,
            RecordWriter writer,
            BlockCodec codec,
            KeyLocks keyLocks,
            Compactor compactor,
            OperationGate gate) {}

    StoreWrites(Parts parts) {
        this.parts = parts;
        this.batches = new BatchAppender(parts.store.reserve(), parts.writer);
        this.streamFiles = new StreamFiles(parts.store, parts.writer, parts.codec);
    }

    StoreSettings settings() {
        return parts.store.settings();
    }

    EncodedKey encoded(byte[] keyBytes) {
        return parts.store.hasher().encoded(keyBytes);
    }

    void put(byte[] keyBytes, ByteBuffer payload, WriteOptions options) throws IOException {
        EncodedKey key = parts.store.hasher().encoded(keyBytes);
        RecordSizes.requireFits(parts.store.settings(), key, payload.remaining());
        parts.gate.enterToWrite();
        try {
            put(key, payload, options);
        } finally {
            parts.gate.exit();
        }
        parts.compactor.written(key, payload.remaining());
    }

    /**
     * Stores a payload if the key's location is as wished.
     *
     * @param condition gets the location, null when the key is absent, while the key's lock is held
     */
    boolean putIf(EncodedKey key, Predicate<@Nullable Location> condition, ByteBuffer payload, WriteOptions options)
            throws IOException {
        RecordSizes.requireFits(parts.store.settings(), key, payload.remaining());
        parts.gate.enterToWrite();
        try {
            ReentrantLock keyLock = parts.keyLocks.of(key.hash());
            keyLock.lock();
            try {
                if (!condition.test(parts.index.get(key.hash()))) {
                    return false;
                }
                append(key, options.durability(), appender(key, payload, options));
            } finally {
                keyLock.unlock();
            }
        } finally {
            parts.gate.exit();
        }
        parts.compactor.written(key, payload.remaining());
        return true;
    }

    /**
     * Removes a key that is present and whose location is as wished.
     *
     * @param condition gets the location while the key's lock is held
     */
    boolean removeIf(EncodedKey key, Predicate<Location> condition, Durability durability) throws IOException {
        RecordSizes.requireKeyFits(key);
        parts.gate.enterToWrite();
        try {
            ReentrantLock keyLock = parts.keyLocks.of(key.hash());
            keyLock.lock();
            try {
                Location present = parts.index.get(key.hash());
                if (present == null) {
                    makeDurable(durability); // An earlier removal may be less durable than this one promises.
                    return false;
                }
                if (!condition.test(present)) {
                    return false;
                }
                WrittenRecords written = parts.writer.append(RecordType.TOMBSTONE, key, Payload.none(), durability);
                if (!written.locations().isEmpty()) {
                    removeFromIndex(key.hash(), present);
                }
                written.rethrow();
            } finally {
                keyLock.unlock();
            }
        } finally {
            parts.gate.exit();
        }
        parts.compactor.written(key, 0);
        return true;
    }

    /** A part of a batch. */
    @FunctionalInterface
    interface BatchStep {

        /** Returns what it has written. */
        List<BatchRecord> run() throws IOException;
    }

    /** Runs a part of a batch with the locks of its keys; returns how many records it has written. */
    int inTurn(BitSet locks, BatchStep step) throws IOException {
        List<BatchRecord> written;
        parts.gate.enterToWrite();
        try {
            parts.keyLocks.lock(locks);
            try {
                written = step.run();
            } finally {
                parts.keyLocks.unlock(locks);
            }
        } finally {
            parts.gate.exit();
        }
        for (BatchRecord record : written) {
            parts.compactor.written(record.key(), record.payload().bytes());
        }
        return written.size();
    }

    /**
     * The locks of the keys are held. Stores the first of some blobs, one at least; returns how many.
     *
     * @throws IOException if none could be written, or the index has no room for one that was
     */
    int putAppended(List<BatchRecord> records, Durability durability) throws IOException {
        WrittenRecords written = batches.append(RecordType.VALUE, indexed(records), durability);
        pointAll(records, written, durability);
        return written.locations().size();
    }

    /** The locks of the keys are held. All are in the files, so each has to be pointed at or taken back, whatever fails. */
    private void pointAll(List<BatchRecord> records, WrittenRecords written, Durability durability) throws IOException {
        Throwable failure = null;
        for (int i = 0; i < written.locations().size(); i++) {
            try {
                point(records.get(i).key(), written.locations().get(i), durability);
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        }
        if (failure != null) {
            written.failed(failure);
        }
        written.rethrow();
    }

    /** The locks of the keys are held. Those before the first that the index has no room for, one at least. */
    private List<BatchRecord> indexed(List<BatchRecord> records) throws IOException {
        for (int i = 0; i < records.size(); i++) {
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

    /**
     * The locks of the keys are held. Those that are present; the absence of the others is as durable as asked when this
     * returns.
     */
    List<BatchRecord> present(List<BatchRecord> records, Durability durability) throws IOException {
        List<BatchRecord> present = new ArrayList<>(records);
        if (present.removeIf(record -> parts.index.get(record.key().hash()) == null)) {
            makeDurable(durability);
        }
        return present;
    }

    /** Makes everything durable that was written before. */
    private void makeDurable(Durability durability) throws IOException {
        try {
            parts.writer.makeDurable(durability);
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    /** The locks of the keys are held, and all are present. Removes the first of them, one at least; returns how many. */
    int removeAppended(List<BatchRecord> records, Durability durability) throws IOException {
        WrittenRecords written = batches.append(RecordType.TOMBSTONE, records, durability);
        int count = written.locations().size();
        Throwable failure = null;
        for (int i = 0; i < count; i++) {
            KeyHash hash = records.get(i).key().hash();
            try {
                removeFromIndex(hash, Objects.requireNonNull(parts.index.get(hash)));
            } catch (RuntimeException | Error e) {
                failure = e; // The others are gone from the files as well.
            }
        }
        if (failure != null) {
            written.failed(failure);
        }
        written.rethrow();
        return count;
    }

    void force() throws IOException {
        parts.gate.enterToWrite();
        try {
            parts.writer.force();
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        } finally {
            parts.gate.exit();
        }
    }

    /**
     * A blob that is written bit by bit.
     *
     * @param bytesExpected 0 when its length is not known
     * @throws BlobTooLargeException if it is known to be too large
     */
    BlobSink sink(byte[] keyBytes, long bytesExpected, WriteOptions options) {
        EncodedKey key = parts.store.hasher().encoded(keyBytes);
        RecordSizes.requireFits(parts.store.settings(), key, bytesExpected);
        parts.gate.enter(); // So that a closed store says so now.
        parts.gate.exit();
        return new BlobSink(this, parts.gate, streamFiles, new BlobSink.Subject(key, bytesExpected, options));
    }

    /** To be called after bytes of a stream were written, with no lock held; may take a while. */
    void written(EncodedKey key, long bytes) {
        parts.compactor.written(key, bytes);
    }

    int streamMemoryBytes() {
        return parts.store.settings().streamMemoryBytes();
    }

    /** Stores a blob whose record is complete but for its header. */
    void publish(EncodedKey key, StreamedRecord record, Durability durability) throws IOException {
        ReentrantLock keyLock = parts.keyLocks.of(key.hash());
        keyLock.lock();
        try {
            append(key, durability, whole(() -> record.publish(durability)));
        } finally {
            keyLock.unlock();
        }
    }

    /** Stores a blob that is in memory, in a call that has passed the parts.gate. */
    void put(EncodedKey key, ByteBuffer payload, WriteOptions options) throws IOException {
        Appender record = appender(key, payload, options); // Before the lock, since to compress takes long.
        ReentrantLock keyLock = parts.keyLocks.of(key.hash());
        keyLock.lock();
        try {
            append(key, options.durability(), record);
        } finally {
            keyLock.unlock();
        }
    }

    private Appender appender(EncodedKey key, ByteBuffer blob, WriteOptions options) throws IOException {
        if (blob.remaining() <= parts.store.settings().sharedBytesMax()) {
            Payload payload = payload(blob, options.compression());
            return () -> parts.writer.append(RecordType.VALUE, key, payload, options.durability());
        }
        return whole(() -> streamFiles.append(key, blob, options));
    }

    /** What the record of a blob shall hold; takes long where that is compressed. */
    Payload payload(ByteBuffer blob, Compression compression) throws IOException {
        return Payload.of(blob, compression, parts.codec);
    }

    /** Writes the record of a value. */
    @FunctionalInterface
    private interface Appender {

        WrittenRecords append() throws IOException;
    }

    /** Writes a record that nothing is left of when it fails. */
    @FunctionalInterface
    private interface WholeAppender {

        Location append() throws IOException;
    }

    private static Appender whole(WholeAppender record) {
        return () -> {
            WrittenRecords written = new WrittenRecords(1); // First: memory may be short.
            written.add(record.append());
            return written;
        };
    }

    /** The key's lock is held. */
    private void append(EncodedKey key, Durability durability, Appender record) throws IOException {
        requireIndexed(key);
        WrittenRecords written = record.append();
        if (!written.locations().isEmpty()) {
            point(key, written.locations().get(0), durability);
        }
        written.rethrow();
    }

    /** The key's lock is held, and its record written. */
    private void point(EncodedKey key, Location location, Durability durability) throws IOException {
        Location replaced;
        try {
            replaced = parts.index.put(key.hash(), location);
        } catch (IOException e) {
            takeBack(key, location, durability, e);
            throw DiskFullException.orSame(e);
        }
        addLive(location, location.length());
        if (replaced != null) {
            addLive(replaced, -replaced.length());
        }
    }

    /** Before anything is written: refused puts must not use up the space that the index is waiting for. */
    private void requireIndexed(EncodedKey key) throws IOException {
        try {
            parts.index.requireRoom(key.hash());
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    /**
     * The key's lock is held. Makes a record count for nothing that the index has no room for. Only a key that it does
     * not have meets that, so a tombstone says what is.
     */
    private void takeBack(EncodedKey key, Location location, Durability durability, IOException cause) {
        try {
            parts.writer
                    .append(RecordType.TOMBSTONE, key, Payload.none(), durability)
                    .rethrow();
        } catch (IOException | RuntimeException | Error e) {
            parts.index.postpone(key.hash(), location, cause);
            cause.addSuppressed(e);
        }
    }

    /** The key's lock is held and its tombstone written. */
    private void removeFromIndex(KeyHash hash, Location expected) {
        Location present = expected;
        while (!parts.index.removeIfEqual(hash, present)) {
            present = parts.index.get(hash);
            if (present == null) {
                throw new IllegalStateException("a key vanished while its lock was held");
            }
        }
        addLive(present, -present.length());
    }

    private void addLive(Location location, long bytes) {
        StoreFile file = parts.store.files().get(location.fileIndex());
        if (file != null) {
            file.addLive(bytes);
        }
    }

    /** Cuts what streams have not published. To be called when nobody writes any more. */
    @Override
    public void close() throws IOException {
        streamFiles.close();
    }
}
