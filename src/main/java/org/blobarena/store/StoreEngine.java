package org.blobarena.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Directory;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/**
 * An open store, in terms of encoded keys.
 *
 * <p><b>Writes</b> are those of {@link StoreWrites}: what the index shows has reached its durability.
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
    private final SettledIndex index;
    private final RecordWriter writer;
    private final BlockCodec codec = new BlockCodec();
    private final RecordReader reader;
    private final RecordReader aheadReader;
    private final StoreWrites writes;
    private final LookupReader lookups;
    private final KeyLocks keyLocks = new KeyLocks();
    private final Compactor compactor;
    private final OperationGate gate;
    private final ReentrantLock closing = new ReentrantLock();

    /** What an opening makes. */
    record Parts(LocationIndex index, StoreOpener.Seams seams, RecordWriter writer, OpenReport report) {}

    StoreEngine(StoreContext store, Parts parts, Closeable lock) {
        this.store = store;
        this.parts = parts;
        this.lock = lock;
        this.writer = parts.writer;
        this.index = new SettledIndex(parts.index, keyLocks, store.files(), writer::refuseWrites);
        this.reader = new RecordReader(store.hasher(), codec, store.settings().maxBlobBytes());
        this.aheadReader = new RecordReader(
                store.hasher(),
                codec,
                Math.min(ReadWindow.BYTES, store.settings().maxBlobBytes()));
        this.compactor = new Compactor(
                store,
                index,
                writer,
                keyLocks,
                parts.seams.backgrounds().apply(store.directory().path().getFileName() + "-compaction"));
        this.gate = new OperationGate(() ->
                new StoreClosedException("the store at " + store.directory().path() + " is closed"));
        this.lookups = new LookupReader(store, index, gate, reader);
        this.writes = new StoreWrites(new StoreWrites.Parts(store, index, writer, codec, keyLocks, compactor, gate));
    }

    OpenReport report() {
        return parts.report;
    }

    Durability durability() {
        return store.settings().durability();
    }

    int maxBlobBytes() {
        return store.settings().maxBlobBytes();
    }

    EncodedKey encoded(byte[] keyBytes) {
        return store.hasher().encoded(keyBytes);
    }

    StoreWrites writes() {
        return writes;
    }

    // ---- reading

    byte @Nullable [] get(EncodedKey key) throws IOException {
        return read(key.hash(), (file, location) -> reader.payload(file, location, key));
    }

    /**
     * What a key has, for a user who is not there yet.
     *
     * @throws BlobTooLargeException if that is long once it is decompressed
     */
    byte @Nullable [] getAhead(EncodedKey key) throws IOException {
        return read(key.hash(), (file, location) -> aheadReader.payload(file, location, key));
    }

    /** What a key has now. */
    CurrentBlob current(EncodedKey key) throws IOException {
        CurrentBlob current =
                read(key.hash(), (file, location) -> new CurrentBlob(location, reader.payload(file, location, key)));
        return current == null ? new CurrentBlob(null, null) : current;
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

    /** Fetches a part of a file that has records; null when the store does not have the file any more. */
    @Nullable StoreFile fill(ReadWindow window, Location span) throws IOException {
        gate.enter();
        try {
            StoreFile file = store.files().get(span.fileIndex());
            if (file != null) {
                window.fill(file, span);
            }
            return file;
        } finally {
            gate.exit();
        }
    }

    /**
     * Verifies a record in a window; its payload, or null when it is of another key with the same hash.
     *
     * @param file what the window was filled from, which may be retired by now
     * @throws BlobTooLargeException as of {@link #getAhead}
     */
    byte @Nullable [] payload(ReadWindow window, StoreFile file, Location location, EncodedKey key) throws IOException {
        return aheadReader.payload(window, file, location, key);
    }

    /** As of {@link LookupReader#get}. */
    <K> long get(KeyCodec<K> codec, K key, ByteBuffer target) throws IOException {
        return lookups.get(codec, key, target);
    }

    /** As of {@link LookupReader#verified}. */
    <K> @Nullable ByteBuffer verified(KeyCodec<K> codec, K key, Scratch scratch) throws IOException {
        return lookups.verified(codec, key, scratch);
    }

    /** How many bytes were read from the offset on, or -1 when the key is absent. */
    int read(byte[] keyBytes, long offset, ByteBuffer target) throws IOException {
        EncodedKey key = store.hasher().encoded(keyBytes);
        int start = target.position();
        Integer count = read(key.hash(), (file, location) -> {
            boolean complete = false;
            try {
                int read = reader.range(file, location, key, offset, target);
                complete = true;
                return read;
            } finally {
                if (!complete) {
                    target.position(start);
                }
            }
        });
        return count == null ? -1 : count;
    }

    /** The blob that a key has now, or null when it is absent. */
    @Nullable BlobView view(byte[] keyBytes) throws IOException {
        EncodedKey key = store.hasher().encoded(keyBytes);
        return read(key.hash(), (file, location) -> view(file, location, key));
    }

    private @Nullable BlobView view(StoreFile file, Location location, EncodedKey key) throws IOException {
        if (!file.pin()) {
            throw new IllegalStateException(file + " is retired");
        }
        BlockReader blocks = null;
        try {
            blocks = reader.blocks(file, location, key);
            return blocks == null ? null : new BlobView(gate, file, blocks);
        } finally {
            if (blocks == null) {
                file.unpin();
            }
        }
    }

    /** The length of the payload, or -1 when the key is absent. */
    long sizeOf(byte[] keyBytes) throws IOException {
        EncodedKey key = store.hasher().encoded(keyBytes);
        Long bytes = read(
                key.hash(),
                (file, location) -> file.content().compressedRecords() == 0
                        ? payloadBytes(location, key)
                        : reader.blobBytes(file, location, key));
        return bytes == null ? -1 : bytes;
    }

    boolean contains(byte[] keyBytes) {
        EncodedKey key = store.hasher().encoded(keyBytes);
        gate.enter();
        try {
            return index.get(key.hash()) != null;
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
        return BlockTable.blobBytes(location.length() - RecordHeader.BYTES - key.length());
    }

    /** Reads something where the index says that it is. */
    @FunctionalInterface
    private interface Reading<T> {

        @Nullable T at(StoreFile file, Location location) throws IOException;
    }

    /**
     * Looks a key up and reads its record; null when there is none. A record that compaction moves at this moment is
     * looked up again: the index has its new place before the old file is closed.
     */
    private <T> @Nullable T read(KeyHash hash, Reading<T> reading) throws IOException {
        gate.enter();
        try {
            Location location = index.get(hash);
            while (location != null) {
                StoreFile file = store.files().get(location.fileIndex());
                if (file != null) {
                    try {
                        return reading.at(file, location);
                    } catch (IllegalStateException | CorruptBlobException e) {
                        // Closed, or gone while an interrupted channel was opened again.
                        if (!file.isRetired()) {
                            throw e;
                        }
                    }
                }
                Location present = index.get(hash);
                if (file == null && location.equals(present)) {
                    throw missingFile(store, location.fileIndex(), location.offset());
                }
                location = present;
            }
            return null;
        } finally {
            gate.exit();
        }
    }

    /** Where the store is. */
    Path directory() {
        return store.directory().path();
    }

    /** The index points there still, so no compaction has moved the record meanwhile. */
    static CorruptBlobException missingFile(StoreContext store, long fileId, long offset) {
        return new CorruptBlobException(
                store.directory().path().resolve(FileNames.arena(fileId)).toString(),
                offset,
                "the index points at a file that the store does not have");
    }

    /** The file of an id. For tests. */
    @Nullable StoreFile file(long id) {
        return store.files().get(id);
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
        return read(hash, (file, location) -> reader.entry(file, location, hash));
    }

    /** The key that a hash stands for, or null when it was removed. */
    byte @Nullable [] key(KeyHash hash) throws IOException {
        return read(hash, (file, location) -> reader.key(file, location, hash));
    }

    // ---- the whole store

    StoreStats stats() {
        gate.enter();
        try {
            return StoreFigures.of(store, index, parts.report, compactor.stats());
        } finally {
            gate.exit();
        }
    }

    List<FileStats> fileStats() {
        gate.enter();
        try {
            return StoreFigures.ofFiles(store);
        } finally {
            gate.exit();
        }
    }

    void compact(CompactionProgress progress) throws IOException {
        requireOpen(); // A close that comes later ends it rather than waiting.
        compactor.compact(progress);
    }

    void snapshot(Path path) throws IOException {
        gate.enterToWrite();
        try {
            Directory target = parts.seams.directories().open(path, true);
            List<String> present = target.list();
            if (!present.isEmpty()) {
                throw new FileAlreadyExistsException(
                        path.toString(),
                        null,
                        "a snapshot needs an empty directory, and this one has " + present.get(0));
            }
            new Snapshot(store, writer, keyLocks).make(target, compactor.committing());
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        } finally {
            gate.exit();
        }
    }

    void requireOpen() {
        gate.enter();
        gate.exit();
    }

    void pauseCompaction() {
        requireOpen();
        compactor.pause();
    }

    void resumeCompaction() {
        requireOpen();
        compactor.resume();
    }

    /** Holds up all writes, not reads, for as long as it takes. */
    VerifyReport verify() throws IOException {
        gate.enterToWrite();
        try {
            compactor.committing().lock();
            keyLocks.lockAll();
            try {
                return new StoreVerifier(store, index, parts.seams.indexes()).verify();
            } finally {
                keyLocks.unlockAll();
                compactor.committing().unlock();
            }
        } finally {
            gate.exit();
        }
    }

    /** Whoever comes second waits as well: once it returns the store can be opened again. */
    void close() throws IOException {
        OperationGate.requireRoom();
        closing.lock();
        try {
            if (gate.close()) {
                closeParts();
            }
        } finally {
            closing.unlock();
        }
    }

    /**
     * Puts everything on the device and leaves the mark of a clean close, if all of it succeeds. Each step is taken whatever
     * has come of those before: what others have put is written, and the lock given back.
     */
    private void closeParts() throws IOException {
        Throwable failure = Failures.after(null, compactor);
        failure = Failures.after(failure, store.reserve()::giveUpIfShort);
        failure = Failures.after(failure, writes);
        failure = Failures.after(failure, writer::close);
        failure = Failures.after(failure, store.directory()::requireHeld); // Or somebody else's would get the mark.
        failure = failure == null ? Failures.after(null, this::leaveMark) : failure;
        failure = Failures.after(failure, index); // Again does nothing.
        failure = Failures.after(failure, store.files()::close);
        failure = Failures.after(failure, codec);
        failure = Failures.after(failure, lock);
        rethrow(failure);
    }

    private void leaveMark() throws IOException {
        long size = index.size();
        var closed = new StoreFigures.ClosedIndex(index.closeForReopening(), size);
        SmallFiles.replace(
                store.directory(),
                FileNames.CLEAN,
                FileNames.CLEAN_UNFINISHED,
                StoreFigures.mark(store, writer, closed).encode());
    }

    /** Lets go of everything as a dying process would: buffers are dropped and no mark is left. For tests. */
    void crash() throws IOException {
        if (gate.close()) {
            compactor.crash();
            Throwable failure = Failures.after(null, writer::abandon);
            failure = Failures.after(failure, index);
            failure = Failures.after(failure, store.files()::close);
            failure = Failures.after(failure, codec);
            rethrow(Failures.after(failure, lock));
        }
    }

    private static void rethrow(@Nullable Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw DiskFullException.orSame(e);
        }
        Failures.rethrow(failure);
    }
}
