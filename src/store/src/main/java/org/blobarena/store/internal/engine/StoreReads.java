package org.blobarena.store.internal.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
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
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.IndexedKey;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.cache.IdleTime;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.record.Entry;
import org.blobarena.store.internal.record.FileWindow;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.watch.DamageEvent;
import org.blobarena.store.internal.watch.OperationEvent;
import org.blobarena.store.internal.watch.Recordings;
import org.jspecify.annotations.Nullable;

/**
 * Reads of an open store.
 *
 * <p>They take no lock: a read looks the location up and reads the record there, whose key says whether it is the right
 * one. Every read passes the gate.
 */
public final class StoreReads {

    private static final String GET = "get";

    private final StoreContext store;
    private final FileTable files;
    private final SettledIndex index;
    private final Presence presence;
    private final @Nullable IdleTime idle;
    private final OperationGate gate;
    private final Pool<ReadContext> contexts;
    private final int aheadBytesMax;
    private volatile @Nullable BiConsumer<EncodedKey, CorruptBlobException> observer;

    /** @param idle null where blobs stay that nobody uses */
    StoreReads(
            StoreContext store,
            SettledIndex index,
            Presence presence,
            @Nullable IdleTime idle,
            BlockCodec codec,
            OperationGate gate) {
        this.store = store;
        this.files = store.files();
        this.index = index;
        this.presence = presence;
        this.idle = idle;
        this.gate = gate;
        int bytesMax = store.settings().maxBlobBytes();
        this.contexts = Pool.unbounded(() -> new ReadContext(store, codec));
        this.aheadBytesMax = Math.min(FileWindow.BYTES, bytesMax);
    }

    /** Reads something of the record that was found. One that captures nothing is one object for all reads. */
    @FunctionalInterface
    private interface RecordFunction<T, R> {

        /**
         * Null when the record is of another key with the same hash, or has expired.
         *
         * @param with something that the reader needs besides
         */
        @Nullable R apply(ReadContext found, StoreFile file, T with) throws IOException;
    }

    public <K> byte @Nullable [] get(KeyCodec<K> codec, K key) throws IOException {
        OperationEvent event = Recordings.mayRun() ? OperationEvent.begun(GET) : null;
        ReadContext context = contexts.take();
        try {
            context.set(codec, key);
            return read(context, this, (found, file, reads) -> found.blob(file));
        } finally {
            contexts.give(context);
            if (event != null) {
                event.ended(store.directory().path());
            }
        }
    }

    public byte @Nullable [] get(EncodedKey key) throws IOException {
        return read(key, (found, file, reads) -> found.blob(file));
    }

    /**
     * What a key has, for a user who is not there yet.
     *
     * @throws BlobTooLargeException if that is long once it is decompressed
     */
    byte @Nullable [] getAhead(EncodedKey key) throws IOException {
        return read(key, (found, file, reads) -> found.shortBlob(file, reads.aheadBytesMax));
    }

    /** What a key has now. */
    public VersionedBlob current(EncodedKey key) throws IOException {
        VersionedBlob current = read(key, (found, file, reads) -> found.versioned(file));
        return current == null ? new VersionedBlob(null, null) : current;
    }

    /** Whether a key is there. */
    public boolean contains(EncodedKey key) throws IOException {
        gate.enter();
        try {
            return presence.find(key.hash()) != null;
        } finally {
            gate.exit();
        }
    }

    /** Where the record of a key is, or null when it is absent or its blob has expired or is idle. */
    public @Nullable Location locatePresent(EncodedKey key) throws IOException {
        gate.enter();
        try {
            return presence.find(key.hash());
        } finally {
            gate.exit();
        }
    }

    /** Where the record of a key is, or null when it is absent. The blob may have expired or be idle. */
    public @Nullable Location locate(EncodedKey key) throws IOException {
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
            StoreFile file = files.get(span.fileIndex());
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
     * Verifies a record in a window; its payload, or null when it is of another key with the same hash. One that is idle, or
     * that an eviction may write again, may be elsewhere by now and is looked up anew.
     *
     * @param file what the window was filled from, which may be retired by now
     * @throws BlobTooLargeException if that is long once it is decompressed
     */
    byte @Nullable [] payload(FileWindow window, StoreFile file, Location location, EncodedKey key) throws IOException {
        if (idle != null && (!file.useUnlessIdle(idle, location.offset(), idle.now()) || file.isLeaving())) {
            return getAhead(key);
        }
        ReadContext context = contexts.take();
        try {
            context.set(key);
            byte[] payload = context.shortBlob(window, file, location, aheadBytesMax);
            if (payload != null) {
                file.use(location.offset(), location.length());
            }
            return payload;
        } finally {
            contexts.give(context);
        }
    }

    /**
     * Reads a blob into a buffer if that has room for it; its position moves only then.
     *
     * @return the length of the blob, or -1 when the key is absent
     */
    public <K> long get(KeyCodec<K> codec, K key, ByteBuffer target) throws IOException {
        OperationEvent event = Recordings.mayRun() ? OperationEvent.begun(GET) : null;
        ReadContext context = contexts.take();
        try {
            context.set(codec, key);
            Boolean present = read(context, target, (found, file, into) -> found.readIfRoom(file, into) ? true : null);
            return present == null ? -1 : context.blobBytes();
        } finally {
            contexts.give(context);
            if (event != null) {
                event.ended(store.directory().path());
            }
        }
    }

    /** Reads a blob as {@link OpenRecord#verifiedBlob} does; null when the key is absent. */
    public <K> @Nullable ByteBuffer verified(KeyCodec<K> codec, K key, Scratch scratch) throws IOException {
        OperationEvent event = Recordings.mayRun() ? OperationEvent.begun(GET) : null;
        ReadContext context = contexts.take();
        try {
            context.set(codec, key);
            return read(context, scratch, ReadContext::verifiedBlob);
        } finally {
            contexts.give(context);
            if (event != null) {
                event.ended(store.directory().path());
            }
        }
    }

    /** How many bytes were read from the offset on, or -1 when the key is absent. */
    public int read(EncodedKey key, long offset, ByteBuffer target) throws IOException {
        Integer count = read(key, (found, file, reads) -> found.range(file, offset, target));
        return count == null ? -1 : count;
    }

    /** The blob that a key has now, or null when it is absent. */
    public @Nullable BlobView view(EncodedKey key) throws IOException {
        BlobView view = read(key, (found, file, reads) -> reads.view(found, file));
        BiConsumer<EncodedKey, CorruptBlobException> told = observer;
        if (view != null && told != null) {
            view.setObserver(damage -> told.accept(key, damage));
        }
        return view;
    }

    /** @param replacement gets what a view finds damaged after it was opened, and its key; no lock is held then */
    public void setObserver(BiConsumer<EncodedKey, CorruptBlobException> replacement) {
        observer = replacement;
    }

    private @Nullable BlobView view(ReadContext found, StoreFile file) throws IOException {
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
        Long bytes = read(key, (found, file, reads) -> found.sizeOf(file));
        return bytes == null ? -1 : bytes;
    }

    /** Where and how the blob of a key is stored, or null when it is absent. */
    public @Nullable RecordInfo describe(EncodedKey key) throws IOException {
        return read(key, (found, file, reads) -> found.describe(file));
    }

    public long size() {
        gate.enter();
        try {
            return index.size();
        } finally {
            gate.exit();
        }
    }

    private <R> @Nullable R read(EncodedKey key, RecordFunction<StoreReads, R> function) throws IOException {
        ReadContext context = contexts.take();
        try {
            context.set(key);
            return read(context, this, function);
        } finally {
            contexts.give(context);
        }
    }

    private <R> @Nullable R read(KeyHash hash, RecordFunction<StoreReads, R> function) throws IOException {
        ReadContext context = contexts.take();
        try {
            context.set(hash);
            return read(context, this, function);
        } finally {
            contexts.give(context);
        }
    }

    /**
     * Looks a key up and reads its record; null when there is none. A record that compaction moves at this moment is
     * looked up again: the index has its new place before the old file is closed.
     */
    private <T, R> @Nullable R read(ReadContext context, T with, RecordFunction<T, R> function) throws IOException {
        IndexProbe probe = context.probe();
        gate.enter();
        try {
            long now = idle == null ? 0 : idle.now(); // Before the index is asked, which may have a newer record later.
            boolean isPresent = index.find(probe);
            while (isPresent) {
                long fileId = probe.fileIndex();
                long offset = probe.offset();
                StoreFile file = files.get(fileId);
                if (file != null) {
                    if (idle != null && isIdle(idle, context, file, now)) {
                        return null;
                    }
                    try {
                        R result = function.apply(context, file, with);
                        if (result != null && context.isAskedByKey()) {
                            file.use(offset, probe.length());
                            useAgainIfLeaving(probe, file, now);
                        }
                        return result;
                    } catch (IllegalStateException | CorruptBlobException e) {
                        // Closed, or gone while an interrupted channel was opened again.
                        if (!file.isRetired()) {
                            if (e instanceof CorruptBlobException damage && Recordings.mayRun()) {
                                DamageEvent.found(damage);
                            }
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

    /** Whether a record is idle that the probe has found; if it is not, and somebody wants it, this is a use. */
    private static boolean isIdle(IdleTime time, ReadContext context, StoreFile file, long now) {
        long offset = context.probe().offset();
        return context.isAskedByKey() ? !file.useUnlessIdle(time, offset, now) : file.isIdle(time, offset, now);
    }

    /**
     * Notes a use where a record is now. An eviction that writes it again takes its time along, before and after it changes
     * the index: a use that comes after both finds the new place here.
     */
    private void useAgainIfLeaving(IndexProbe probe, StoreFile from, long now) throws IOException {
        if (idle != null && from.isLeaving() && index.find(probe)) {
            StoreFile file = files.get(probe.fileIndex());
            boolean unused = file != null && file.useUnlessIdle(idle, probe.offset(), now);
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

    /** See {@link OperationGate#watch}. */
    public Watched watch(Object owner, Supplier<String> name, Closeable closing) {
        return gate.watch(owner, name, closing);
    }

    /** A cursor of the index, whose user passes the gate for every step. */
    public LocationIndex.Cursor cursor() {
        gate.enter();
        try {
            return index.cursor();
        } finally {
            gate.exit();
        }
    }

    /** The next chunk of keys in the order of their locations, or null after the last. */
    public @Nullable List<IndexedKey> nextChunk(LocationIndex.Cursor cursor) throws IOException {
        List<IndexedKey> chunk = new ArrayList<>();
        gate.enter();
        try {
            while (chunk.isEmpty()) {
                if (!index.next(cursor, (hash, location) -> chunk.add(new IndexedKey(hash, location)))) {
                    return null;
                }
            }
        } finally {
            gate.exit();
        }
        chunk.sort((a, b) -> a.location().compareTo(b.location()));
        return chunk;
    }

    /** The key and payload that a hash has now, or null when it was removed or has expired. */
    public @Nullable Entry entry(KeyHash hash) throws IOException {
        return read(hash, (found, file, reads) -> found.entry(file));
    }

    /** The key that a hash stands for, or null when it was removed or has expired. */
    public byte @Nullable [] key(KeyHash hash) throws IOException {
        return read(hash, (found, file, reads) -> found.key(file));
    }
}
