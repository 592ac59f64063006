package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/**
 * Reads of an open store.
 *
 * <p>They take no lock: a read looks the location up and reads the record there, whose key says whether it is the right
 * one. Every read passes the gate.
 */
final class StoreReads {

    private final StoreContext store;
    private final LocationIndex index;
    private final OperationGate gate;
    private final RecordReader reader;
    private final RecordReader aheadReader;
    private final LookupReader lookups;

    StoreReads(StoreContext store, LocationIndex index, BlockCodec codec, OperationGate gate) {
        this.store = store;
        this.index = index;
        this.gate = gate;
        int bytesMax = store.settings().maxBlobBytes();
        this.reader = new RecordReader(store.hasher(), codec, bytesMax);
        this.aheadReader = new RecordReader(store.hasher(), codec, Math.min(ReadWindow.BYTES, bytesMax));
        this.lookups = new LookupReader(store, index, gate, reader);
    }

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
     * @throws BlobTooLargeException if that is long once it is decompressed
     */
    byte @Nullable [] payload(ReadWindow window, StoreFile file, Location location, EncodedKey key) throws IOException {
        return aheadReader.payload(window, file, location, key);
    }

    /** See {@link LookupReader#get}. */
    <K> long get(KeyCodec<K> codec, K key, ByteBuffer target) throws IOException {
        return lookups.get(codec, key, target);
    }

    /** See {@link LookupReader#verified}. */
    <K> @Nullable ByteBuffer verified(KeyCodec<K> codec, K key, Scratch scratch) throws IOException {
        return lookups.verified(codec, key, scratch);
    }

    /** How many bytes were read from the offset on, or -1 when the key is absent. */
    int read(EncodedKey key, long offset, ByteBuffer target) throws IOException {
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
    @Nullable BlobView view(EncodedKey key) throws IOException {
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
    long sizeOf(EncodedKey key) throws IOException {
        Long bytes = read(
                key.hash(),
                (file, location) -> file.content().compressedRecords() == 0
                        ? payloadBytes(location, key)
                        : reader.blobBytes(file, location, key));
        return bytes == null ? -1 : bytes;
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

    /** The index points there still, so no compaction has moved the record meanwhile. */
    static CorruptBlobException missingFile(StoreContext store, long fileId, long offset) {
        return new CorruptBlobException(
                store.directory().path().resolve(FileNames.arena(fileId)).toString(),
                offset,
                "the index points at a file that the store does not have");
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
    @Nullable List<IndexedKey> nextGroup(LocationIndex.Cursor cursor) {
        List<IndexedKey> group = new ArrayList<>();
        gate.enter();
        try {
            while (group.isEmpty()) {
                if (!cursor.next((hash, location) -> group.add(new IndexedKey(hash, location)))) {
                    return null;
                }
            }
        } finally {
            gate.exit();
        }
        group.sort((a, b) -> a.location().compareTo(b.location()));
        return group;
    }

    /** The key and payload that a hash has now, or null when it was removed. */
    @Nullable Entry entry(KeyHash hash) throws IOException {
        return read(hash, (file, location) -> reader.entry(file, location, hash));
    }

    /** The key that a hash stands for, or null when it was removed. */
    byte @Nullable [] key(KeyHash hash) throws IOException {
        return read(hash, (file, location) -> reader.key(file, location, hash));
    }
}
