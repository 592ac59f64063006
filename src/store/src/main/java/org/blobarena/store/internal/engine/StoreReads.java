package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Pool;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FileNames;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.IndexedKey;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.record.Entry;
import org.blobarena.store.internal.record.FileWindow;
import org.blobarena.store.internal.record.OpenRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads of an open store.
 *
 * <p>They take no lock: a read looks the location up and reads the record there, whose key says whether it is the right
 * one. Every read passes the gate.
 */
public final class StoreReads {

    private final StoreContext store;
    private final LocationIndex index;
    private final OperationGate gate;
    private final Pool<Lookup> lookups;
    private final int aheadBytesMax;

    StoreReads(StoreContext store, LocationIndex index, BlockCodec codec, OperationGate gate) {
        this.store = store;
        this.index = index;
        this.gate = gate;
        int bytesMax = store.settings().maxBlobBytes();
        this.lookups = new Pool<>(() -> new Lookup(store.hasher(), codec, bytesMax));
        this.aheadBytesMax = Math.min(FileWindow.BYTES, bytesMax);
    }

    /** Reads the record that a lookup has found. */
    @FunctionalInterface
    private interface Reading<R> {

        /** Null when the record is of another key with the same hash. */
        @Nullable R at(Lookup found, StoreFile file) throws IOException;
    }

    /** The same into something of the caller's. One without state is one object for all reads. */
    @FunctionalInterface
    private interface ReadingInto<T, R> {

        @Nullable R at(Lookup found, StoreFile file, T target) throws IOException;
    }

    public <K> byte @Nullable [] get(KeyCodec<K> codec, K key) throws IOException {
        return read(codec, key, Lookup::blob);
    }

    public byte @Nullable [] get(EncodedKey key) throws IOException {
        return read(key, Lookup::blob);
    }

    /**
     * What a key has, for a user who is not there yet.
     *
     * @throws BlobTooLargeException if that is long once it is decompressed
     */
    byte @Nullable [] getAhead(EncodedKey key) throws IOException {
        return read(key, (found, file) -> found.shortBlob(file, aheadBytesMax));
    }

    /** What a key has now. */
    public CurrentBlob current(EncodedKey key) throws IOException {
        CurrentBlob current = read(key, (found, file) -> new CurrentBlob(found.location(), found.blob(file)));
        return current == null ? new CurrentBlob(null, null) : current;
    }

    /** Where the record of a key is, or null when it is absent. */
    public @Nullable Location locate(EncodedKey key) {
        gate.enter();
        try {
            return index.get(key.hash());
        } finally {
            gate.exit();
        }
    }

    /** Fetches a part of a file that has records; null when the store does not have the file any more. */
    @Nullable StoreFile fill(FileWindow window, Location span) throws IOException {
        gate.enter();
        try {
            StoreFile file = store.files().get(span.fileIndex());
            if (file != null) {
                window.turnTo(file, span.end());
                window.load(span.offset(), (int) span.length());
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
    byte @Nullable [] payload(FileWindow window, StoreFile file, Location location, EncodedKey key) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(key);
            return lookup.shortBlob(window, file, location, aheadBytesMax);
        } finally {
            lookups.give(lookup);
        }
    }

    /**
     * Reads a blob into a buffer if that has room for it; its position moves only then.
     *
     * @return the length of the blob, or -1 when the key is absent
     */
    public <K> long get(KeyCodec<K> codec, K key, ByteBuffer target) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(codec, key);
            Boolean present = read(lookup, target, (found, file, into) -> found.readIfRoom(file, into) ? true : null);
            return present == null ? -1 : lookup.blobBytes();
        } finally {
            lookups.give(lookup);
        }
    }

    /** Reads a blob as {@link OpenRecord#verifiedBlob} does; null when the key is absent. */
    public <K> @Nullable ByteBuffer verified(KeyCodec<K> codec, K key, Scratch scratch) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(codec, key);
            return read(lookup, scratch, Lookup::verifiedBlob);
        } finally {
            lookups.give(lookup);
        }
    }

    /** How many bytes were read from the offset on, or -1 when the key is absent. */
    public int read(EncodedKey key, long offset, ByteBuffer target) throws IOException {
        Integer count = read(key, (found, file) -> found.range(file, offset, target));
        return count == null ? -1 : count;
    }

    /** The blob that a key has now, or null when it is absent. */
    public @Nullable BlobView view(EncodedKey key) throws IOException {
        return read(key, this::view);
    }

    private @Nullable BlobView view(Lookup found, StoreFile file) throws IOException {
        if (!file.pin()) {
            throw new IllegalStateException(file + " is retired");
        }
        BlobView view = null;
        try {
            view = found.view(file, gate);
            return view;
        } finally {
            if (view == null) {
                file.unpin();
            }
        }
    }

    /** The length of the payload, or -1 when the key is absent. */
    public long sizeOf(EncodedKey key) throws IOException {
        Long bytes = read(key, Lookup::sizeOf);
        return bytes == null ? -1 : bytes;
    }

    public long size() {
        gate.enter();
        try {
            return index.size();
        } finally {
            gate.exit();
        }
    }

    private <K, R> @Nullable R read(KeyCodec<K> codec, K key, Reading<R> reading) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(codec, key);
            return read(lookup, reading, (found, file, of) -> of.at(found, file));
        } finally {
            lookups.give(lookup);
        }
    }

    private <R> @Nullable R read(EncodedKey key, Reading<R> reading) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(key);
            return read(lookup, reading, (found, file, of) -> of.at(found, file));
        } finally {
            lookups.give(lookup);
        }
    }

    private <R> @Nullable R read(KeyHash hash, Reading<R> reading) throws IOException {
        Lookup lookup = lookups.take();
        try {
            lookup.set(hash);
            return read(lookup, reading, (found, file, of) -> of.at(found, file));
        } finally {
            lookups.give(lookup);
        }
    }

    /**
     * Looks a key up and reads its record; null when there is none. A record that compaction moves at this moment is
     * looked up again: the index has its new place before the old file is closed.
     */
    private <T, R> @Nullable R read(Lookup lookup, T target, ReadingInto<T, R> reading) throws IOException {
        IndexProbe probe = lookup.probe();
        gate.enter();
        try {
            boolean isPresent = index.find(probe);
            while (isPresent) {
                long fileId = probe.fileIndex();
                long offset = probe.offset();
                StoreFile file = store.files().get(fileId);
                if (file != null) {
                    try {
                        return reading.at(lookup, file, target);
                    } catch (IllegalStateException | CorruptBlobException e) {
                        // Closed, or gone while an interrupted channel was opened again.
                        if (!file.isRetired()) {
                            throw e;
                        }
                    }
                }
                isPresent = index.find(probe);
                if (file == null && isPresent && probe.fileIndex() == fileId && probe.offset() == offset) {
                    throw missingFile(fileId, offset);
                }
            }
            return null;
        } finally {
            gate.exit();
        }
    }

    /** The index points there still, so no compaction has moved the record meanwhile. */
    private CorruptBlobException missingFile(long fileId, long offset) {
        return new CorruptBlobException(
                store.directory().path().resolve(FileNames.arena(fileId)).toString(),
                offset,
                "the index points at a file that the store does not have");
    }

    // ---- iterating

    /** A cursor of the index, whose user passes the gate for every step. */
    public LocationIndex.Cursor cursor() {
        gate.enter();
        try {
            return index.cursor();
        } finally {
            gate.exit();
        }
    }

    /** The next group of keys in the order of their locations, or null after the last. */
    public @Nullable List<IndexedKey> nextGroup(LocationIndex.Cursor cursor) {
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
    public @Nullable Entry entry(KeyHash hash) throws IOException {
        return read(hash, Lookup::entry);
    }

    /** The key that a hash stands for, or null when it was removed. */
    public byte @Nullable [] key(KeyHash hash) throws IOException {
        return read(hash, Lookup::key);
    }
}
