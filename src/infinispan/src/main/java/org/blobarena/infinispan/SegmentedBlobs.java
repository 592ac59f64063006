package org.blobarena.infinispan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.BlobWriter;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.RecordInfo;
import org.jspecify.annotations.Nullable;

/**
 * A store of blobs whose keys belong to segments: it counts, lists and removes them by segment. In the store a key stands
 * behind its segment, 4 bytes, so that the same key in two segments is two.
 *
 * <p>The store's own clock stands still, so that nothing expires by itself: Infinispan wants to see what has expired, to tell
 * listeners. When a blob expires stands in its record nevertheless, where it is read without the blob.
 *
 * <p>A segment has a lock, taken by whoever writes to it. A long value is written before the lock is taken. Who takes several
 * takes them in ascending order. {@link #clear} replaces the store, and has all others wait.
 */
final class SegmentedBlobs {

    /** Moments are not negative, and none has passed at this one. */
    static final Instant NOTHING_EXPIRES = Instant.EPOCH;

    /** No segment has this number. Its one key has the layout. */
    static final byte[] LAYOUT = ByteBuffer.allocate(4).putInt(-1).array();

    /** Before a key in the store stands its segment. */
    static final int PREFIX_BYTES = 4;

    /** A segment lists so many superfluous keys before they are taken out, and as many again as it has keys. */
    private static final int SUPERFLUOUS_KEYS = 1024;

    private final StoreDirectory directory;
    private final BlobStoreBuilder<byte[]> builder;
    private final byte[] layout;
    private final ReentrantLock[] locks;
    private final AtomicLongArray counts;
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private BlobStore<byte[]> store;
    private SegmentKeys keys;

    /** Whether there may be a blob that expires. */
    private volatile boolean expires;

    /** Whether nothing was written since everything was removed. */
    private volatile boolean cleared;

    /** A blob to be written with others. */
    static final class Write {
        private final int segment;
        private final byte[] key;
        private final byte[] blob;
        private final Expiry expiry;

        Write(int segment, byte[] key, byte[] blob, Expiry expiry) {
            this.segment = segment;
            this.key = key;
            this.blob = blob;
            this.expiry = expiry;
        }
    }

    SegmentedBlobs(
            StoreDirectory directory,
            BlobStoreBuilder<byte[]> builder,
            byte[] layout,
            BlobStore<byte[]> store,
            SegmentKeys keys,
            AtomicLongArray counts,
            boolean expires) {
        this.directory = directory;
        this.builder = builder;
        this.layout = layout;
        this.store = store;
        this.keys = keys;
        this.counts = counts;
        this.expires = expires;
        locks = new ReentrantLock[counts.length()];
        Arrays.setAll(locks, segment -> new ReentrantLock());
    }

    /** Returns a key as the store has it. */
    static byte[] withSegment(int segment, byte[] key) {
        return ByteBuffer.allocate(PREFIX_BYTES + key.length)
                .putInt(segment)
                .put(key)
                .array();
    }

    // ---- reading

    int segments() {
        return locks.length;
    }

    /** How many blobs a segment has, those that have expired included. */
    long count(int segment) {
        return counts.get(segment);
    }

    /** Whether there may be a blob that expires. */
    boolean mayExpire() {
        return expires;
    }

    byte @Nullable [] get(int segment, byte[] key) throws IOException {
        use.readLock().lock();
        try {
            return store.get(withSegment(segment, key));
        } finally {
            use.readLock().unlock();
        }
    }

    /** Reads the start of a blob. */
    byte @Nullable [] start(int segment, byte[] key, int bytesMax) throws IOException {
        use.readLock().lock();
        try {
            byte[] start = new byte[bytesMax];
            OptionalInt length = store.read(withSegment(segment, key), 0, ByteBuffer.wrap(start));
            return length.isPresent() ? Arrays.copyOf(start, length.getAsInt()) : null;
        } finally {
            use.readLock().unlock();
        }
    }

    /** Whether there is a blob that has not expired at a moment. */
    boolean contains(int segment, byte[] key, long nowMillis) throws IOException {
        use.readLock().lock();
        try {
            byte[] stored = withSegment(segment, key);
            return expires ? isLive(store.describe(stored), nowMillis) : store.contains(stored);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Returns when a blob expires, or {@link Long#MAX_VALUE} if it does not or is not there. */
    long expiryMillis(int segment, byte[] key) throws IOException {
        use.readLock().lock();
        try {
            RecordInfo record = store.describe(withSegment(segment, key));
            return record == null ? Long.MAX_VALUE : millis(record);
        } finally {
            use.readLock().unlock();
        }
    }

    private static long millis(RecordInfo record) {
        return record.expiry().millisFrom(() -> NOTHING_EXPIRES);
    }

    private static boolean isLive(@Nullable RecordInfo record, long nowMillis) {
        return record != null && millis(record) > nowMillis;
    }

    /**
     * Returns the keys of a segment, of which some may have no blob, or none any more. All that have one while this is called
     * are there, once.
     */
    Collection<byte[]> keys(int segment) throws IOException {
        if (counts.get(segment) == 0) {
            return List.of();
        }
        use.readLock().lock();
        try {
            List<byte[]> listed;
            locks[segment].lock();
            try {
                listed = keys.keys(segment);
            } finally {
                locks[segment].unlock();
            }
            return distinct(listed);
        } finally {
            use.readLock().unlock();
        }
    }

    private static Collection<byte[]> distinct(List<byte[]> listed) {
        Map<ByteBuffer, byte[]> distinct = new LinkedHashMap<>();
        listed.forEach(key -> distinct.put(ByteBuffer.wrap(key), key));
        return distinct.values();
    }

    // ---- writing

    /** Stores a blob. */
    void put(int segment, byte[] key, byte[] blob, Expiry expiry) throws IOException {
        use.readLock().lock();
        try {
            write(segment, key, expiry, stored -> store.put(stored, blob, expiry));
        } finally {
            use.readLock().unlock();
        }
    }

    /** Stores what a writer writes, without holding others up that write to the segment. */
    void put(int segment, byte[] key, BlobWriter blob, Expiry expiry) throws IOException {
        use.readLock().lock();
        try (BlobOutputStream out = store.withExpiry(expiry).newOutputStream(withSegment(segment, key))) {
            blob.writeTo(out);
            write(segment, key, expiry, stored -> out.commit());
        } finally {
            use.readLock().unlock();
        }
    }

    /** Stores a blob under a key as the store has it. */
    @FunctionalInterface
    private interface StoredWrite {
        void write(byte[] stored) throws IOException;
    }

    private void write(int segment, byte[] key, Expiry expiry, StoredWrite write) throws IOException {
        byte[] stored = withSegment(segment, key);
        locks[segment].lock();
        try {
            dropSuperfluousKeys(segment);
            boolean isNew = list(segment, key, stored, expiry);
            write.write(stored);
            if (isNew) {
                counts.incrementAndGet(segment);
            }
        } finally {
            locks[segment].unlock();
        }
    }

    /** Lists a key before its blob is written, and says whether it has none. */
    private boolean list(int segment, byte[] key, byte[] stored, Expiry expiry) throws IOException {
        if (!expiry.isNever()) {
            expires = true;
        }
        cleared = false;
        if (store.contains(stored)) {
            return false;
        }
        keys.add(segment, key);
        return true;
    }

    /** Not between the listing of a key and the writing of its blob. */
    private void dropSuperfluousKeys(int segment) throws IOException {
        if (keys.listed(segment) < SUPERFLUOUS_KEYS + 2 * counts.get(segment)) {
            return;
        }
        List<byte[]> kept = new ArrayList<>();
        for (byte[] key : distinct(keys.keys(segment))) {
            if (store.contains(withSegment(segment, key))) {
                kept.add(key);
            }
        }
        keys.replace(segment, kept);
    }

    /** Stores many blobs with as few flushes or forces as may be. Of one key, the last counts. */
    void putAll(List<Write> writes) throws IOException {
        Map<ByteBuffer, Write> last = new LinkedHashMap<>();
        Map<Expiry, Map<byte[], byte[]>> byExpiry = new LinkedHashMap<>();
        Set<Integer> segments = new TreeSet<>();
        for (Write write : writes) {
            last.put(ByteBuffer.wrap(withSegment(write.segment, write.key)), write);
            segments.add(write.segment);
        }
        use.readLock().lock();
        try {
            segments.forEach(segment -> locks[segment].lock());
            try {
                for (int segment : segments) {
                    dropSuperfluousKeys(segment);
                }
                int[] added = new int[locks.length];
                for (Map.Entry<ByteBuffer, Write> entry : last.entrySet()) {
                    Write write = entry.getValue();
                    byte[] stored = entry.getKey().array();
                    if (list(write.segment, write.key, stored, write.expiry)) {
                        added[write.segment]++;
                    }
                    byExpiry.computeIfAbsent(write.expiry, expiry -> new IdentityHashMap<>())
                            .put(stored, write.blob);
                }
                for (Map.Entry<Expiry, Map<byte[], byte[]>> part : byExpiry.entrySet()) {
                    store.withExpiry(part.getKey()).putAll(part.getValue());
                }
                segments.forEach(segment -> counts.addAndGet(segment, added[segment]));
            } finally {
                segments.forEach(segment -> locks[segment].unlock());
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Removes a blob, and says whether there was one. */
    boolean remove(int segment, byte[] key) throws IOException {
        use.readLock().lock();
        try {
            locks[segment].lock();
            try {
                boolean removed = store.remove(withSegment(segment, key));
                if (removed) {
                    counts.decrementAndGet(segment);
                }
                return removed;
            } finally {
                locks[segment].unlock();
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Removes a blob if it has expired, and returns it; else returns null. */
    byte @Nullable [] removeExpired(int segment, byte[] key, long nowMillis) throws IOException {
        use.readLock().lock();
        try {
            byte[] stored = withSegment(segment, key);
            locks[segment].lock();
            try {
                RecordInfo record = store.describe(stored);
                if (record == null || isLive(record, nowMillis)) {
                    return null;
                }
                byte[] blob = store.get(stored);
                if (store.remove(stored)) {
                    counts.decrementAndGet(segment);
                }
                return blob;
            } finally {
                locks[segment].unlock();
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Removes all blobs of a segment. */
    void removeSegment(int segment) throws IOException {
        use.readLock().lock();
        try {
            locks[segment].lock();
            try {
                if (keys.listed(segment) == 0) {
                    return;
                }
                List<byte[]> stored = new ArrayList<>();
                for (byte[] key : distinct(keys.keys(segment))) {
                    stored.add(withSegment(segment, key));
                }
                counts.addAndGet(segment, -store.removeAll(stored));
                keys.replace(segment, List.of());
            } finally {
                locks[segment].unlock();
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Removes everything in one step, however much there is. Whoever uses the store meanwhile waits. */
    void clear() throws IOException {
        use.writeLock().lock();
        try {
            store.close();
            keys.close();
            directory.discard();
            store = builder.open(directory.blobs());
            store.put(LAYOUT, layout);
            keys = SegmentKeys.create(directory.keys(), locks.length);
            for (int segment = 0; segment < locks.length; segment++) {
                counts.set(segment, 0);
            }
            expires = false;
            cleared = true;
        } finally {
            use.writeLock().unlock();
        }
        directory.deleteDiscarded();
    }

    /** Whether there is nothing since everything was removed, so that the files can go, too. */
    boolean isCleared() {
        return cleared;
    }

    /** Forces everything to the device, and leaves the mark of an orderly end. */
    void close() throws IOException {
        use.writeLock().lock();
        try {
            store.close();
            try (SegmentKeys closed = keys) {
                ByteBuffer saved = closed.save();
                ByteBuffer end = ByteBuffer.allocate(1 + counts.length() * Long.BYTES + saved.remaining());
                end.put((byte) (expires ? 1 : 0));
                for (int segment = 0; segment < counts.length(); segment++) {
                    end.putLong(counts.get(segment));
                }
                directory.writeEnd(end.put(saved).flip());
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
