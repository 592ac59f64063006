package org.blobarena.cache;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.InstantSource;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.format.FileNames;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobWriter;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.engine.StoreBackdoor;
import org.blobarena.store.internal.engine.StoreEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A persistent cache of large values, bounded in bytes on disk, in one directory, for one process at a time.
 *
 * <pre>{@code
 * try (BlobCache<String> tiles = BlobCache.builder(KeyCodec.utf8()).maximumBytes(10L << 30).open(directory)) {
 *     byte[] tile = tiles.get("7/66/42", key -> render(key)); // rendered once, whoever asks
 *     tiles.invalidate("7/66/42");
 * }
 * }</pre>
 *
 * <p><b>Bound.</b> Everything in the directory, the index included, takes at most {@link BlobCacheBuilder#maximumBytes} on
 * disk, and for moments {@value #FILES_BEYOND_MAXIMUM} arena files more. Blobs that are read by a stream that is open count
 * until it is closed.
 *
 * <p><b>Eviction.</b> When there is no more room, the oldest arena file goes as a whole. Blobs in it that were used since they
 * were written are written again, up to a part of the file; the others are evicted. Uses are counted in two bits in memory, so
 * reads write nothing to disk. A restart forgets the uses.
 *
 * <p><b>Loads.</b> For each key one caller loads while others wait. A blob that was loaded before the key was put or
 * invalidated is not stored after it. Failures and missing blobs are not cached. A blob that cannot be stored, because it is too
 * large or the disk is full, is returned all the same.
 *
 * <p><b>Damage.</b> A blob that cannot be read counts as absent, so that it is loaded again. It is logged, and counted by {@link
 * CacheStats#readFailures}. One that is damaged on disk is removed. Only a stream or a transfer that has begun throws {@link
 * CorruptBlobException}; the next request finds the blob absent. What {@link #asMap} and {@link #contains} say of such a blob is
 * what a store says.
 *
 * <p><b>Threads and failures.</b> As those of {@link BlobStore}. A process that dies leaves what was written, less the newest
 * according to the durability; what was replaced or invalidated does not come back, nor what was evicted, once its
 * file is gone.
 *
 * @param <K> the type of keys
 */
public final class BlobCache<K> implements Closeable {

    /** The number of arena files, of the greatest length, by which the cache may exceed its maximum for moments. */
    public static final int FILES_BEYOND_MAXIMUM = 2;

    private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);

    private final BlobStore<K> store;
    private final StoreEngine engine;
    private final KeyCodec<K> codec;
    private final Loads loads = new Loads();
    private final @Nullable WriteBudget budget;
    private final AtomicBoolean listenerHasFailed = new AtomicBoolean();
    private volatile Counters counters;

    /**
     * What a cache has beside its store.
     *
     * @param writtenBytesPerDay 0 for no bound
     */
    record Options<K>(
            long writtenBytesPerDay,
            InstantSource clock,
            @Nullable EvictionListener<? super K> listener) {}

    private BlobCache(BlobStore<K> store, StoreEngine engine, KeyCodec<K> codec, Options<K> options) {
        this.store = store;
        this.engine = engine;
        this.codec = codec;
        this.counters = new Counters(engine);
        this.budget = options.writtenBytesPerDay == 0
                ? null
                : new WriteBudget(
                        options.writtenBytesPerDay, options.clock, engine::bytesWritten, new SplittableRandom());
    }

    static <K> BlobCache<K> start(BlobStore<K> store, KeyCodec<K> codec, Options<K> options) throws IOException {
        StoreEngine engine = StoreBackdoor.opened().engineOf(store);
        BlobCache<K> cache = new BlobCache<>(store, engine, codec, options);
        engine.writes().setObserver(cache.loads::written);
        engine.reads().setObserver(cache::removeDamagedOfStream);
        EvictionListener<? super K> listener = options.listener;
        if (listener != null) {
            engine.setEvictionListener((key, bytes) -> cache.tell(listener, key, bytes));
        }
        engine.evictor().start();
        return cache;
    }

    private void tell(EvictionListener<? super K> listener, byte[] key, long bytes) {
        try {
            listener.evicted(codec.decode(key), bytes);
        } catch (RuntimeException | Error e) { // Nothing of it may keep the cache from evicting.
            if (listenerHasFailed.compareAndSet(false, true)) {
                LOG.warn("a listener to evictions failed; if it fails again, nothing is said", e);
            }
        }
    }

    /**
     * Returns a builder, whose {@link BlobCacheBuilder#maximumBytes} has to be set.
     *
     * @param <K> the type of keys
     * @param codec the encoding of keys, the same for the life of the cache
     * @return a builder, for use by one thread
     */
    public static <K> BlobCacheBuilder<K> builder(KeyCodec<K> codec) {
        return new BlobCacheBuilder<>(codec);
    }

    // ---- reading

    /**
     * Returns a blob, loading it if it is absent. Of several callers that miss a key at once, one loads it and the others
     * wait for it; a caller that is interrupted while it waits stops waiting, and no other.
     *
     * @param key the key
     * @param loader makes the blob if it is absent
     * @return the blob, in an array of the caller's own; null if the loader returned null
     * @throws CacheLoadException if the loader failed, here or in the thread that this one waited for
     * @throws InterruptedIOException if this thread was interrupted while it waited for another; the interrupt status stays
     *     set
     * @throws IllegalStateException if the loader of a key loads the same key, directly or by other keys' loaders
     * @throws BlobTooLargeException if the cache holds a blob that is too long for memory
     * @throws IOException in no other case
     */
    public byte @Nullable [] get(K key, BlobLoader<? super K> loader) throws IOException {
        Objects.requireNonNull(loader, "loader");
        byte[] present = getIfPresent(key);
        if (present != null) {
            return present;
        }
        KeyLoad<K> load = new KeyLoad<>(this, key);
        return load.bytes(loader);
    }

    /**
     * Returns a blob if it is present.
     *
     * @param key the key
     * @return the blob, in a new array; null if it is absent or cannot be read
     * @throws BlobTooLargeException if the blob is too long for memory
     */
    public byte @Nullable [] getIfPresent(K key) {
        byte[] blob = read(key);
        count(blob != null);
        return blob;
    }

    /**
     * Reads a blob into a buffer if it is present, as {@link BlobStore#get(Object, ByteBuffer)} does.
     *
     * @param key the key
     * @param target receives the blob; its position is unchanged if the blob is absent or does not fit
     * @return the length of the blob; empty if it is absent or cannot be read
     */
    public OptionalInt getIfPresent(K key, ByteBuffer target) {
        OptionalInt bytes;
        try {
            bytes = store.get(key, target);
        } catch (IOException e) {
            missed(key, e);
            bytes = OptionalInt.empty();
        }
        count(bytes.isPresent());
        return bytes;
    }

    /**
     * Opens a stream of a blob if it is present.
     *
     * @param key the key
     * @return a stream of the blob as it is now, to be closed; null if it is absent or cannot be opened
     */
    public @Nullable BlobInputStream openStreamIfPresent(K key) {
        BlobInputStream stream = open(key);
        count(stream != null);
        return stream;
    }

    /**
     * Opens a stream of a blob, loading it if it is absent. The blob is written to disk first, then read from there, so it may
     * be larger than memory. The stream that the loader has opened is itself returned if the blob is not admitted; and a
     * new one of the loader's, if the blob turns out to be too large or cannot be stored. Each caller then has one of its own.
     *
     * @param key the key
     * @param loader opens a stream of the blob if it is absent; may be called twice
     * @return a stream, to be closed; null if the loader returned null
     * @throws CacheLoadException if the loader or its stream failed, here or in the thread that this one waited for
     * @throws InterruptedIOException if this thread was interrupted while it waited for another; the interrupt status stays
     *     set
     * @throws IllegalStateException if the loader of a key loads the same key, directly or by other keys' loaders
     * @throws IOException in no other case
     */
    public @Nullable InputStream openStream(K key, StreamLoader<? super K> loader) throws IOException {
        Objects.requireNonNull(loader, "loader");
        InputStream present = openStreamIfPresent(key);
        if (present != null) {
            return present;
        }
        KeyLoad<K> load = new KeyLoad<>(this, key);
        return load.stream(loader);
    }

    /**
     * Writes a blob to a channel if it is present.
     *
     * @param key the key
     * @param target a channel in blocking mode, not closed by this method
     * @return the length of the blob; empty if it is absent
     * @throws IOException if the blob cannot be read, or the target fails
     */
    public OptionalLong transferTo(K key, WritableByteChannel target) throws IOException {
        OptionalLong bytes;
        try {
            bytes = store.transferTo(key, target);
        } catch (CorruptBlobException e) {
            missed(key, e);
            count(false);
            throw e;
        }
        count(bytes.isPresent());
        return bytes;
    }

    /**
     * Returns whether a blob is present. Counts neither as a request nor as a use, also for the time to idle.
     *
     * @param key the key
     * @return whether it is present
     * @throws UncheckedIOException if the record of a blob that may have expired cannot be read
     */
    public boolean contains(K key) {
        return store.contains(key);
    }

    private void count(boolean hit) {
        (hit ? counters.hits : counters.misses).increment();
    }

    /** Reads a blob; null if it is absent, or cannot be read. */
    byte @Nullable [] read(K key) {
        try {
            return store.get(key);
        } catch (IOException e) {
            missed(key, e);
            return null;
        }
    }

    /** Opens a stream of a blob; null if it is absent, or cannot be read. */
    @Nullable BlobInputStream open(K key) {
        try {
            return store.openStream(key);
        } catch (IOException e) {
            missed(key, e);
            return null;
        }
    }

    private void missed(K key, IOException failure) {
        counters.readFailures.increment();
        if (failure instanceof CorruptBlobException damage) {
            removeDamaged(engine.encoded(encoded(key)), damage);
        } else {
            LOG.warn("a blob cannot be read, and counts as absent: {}", failure.toString());
        }
    }

    private void removeDamagedOfStream(EncodedKey key, CorruptBlobException damage) {
        counters.readFailures.increment();
        removeDamaged(key, damage);
    }

    /** Removes a blob if it is still the one in which damage was found, so that the key can be loaded again. */
    private void removeDamaged(EncodedKey key, CorruptBlobException damage) {
        LOG.warn("a blob is removed, since it is damaged: {}", damage.getMessage());
        try {
            boolean unused = engine.writes()
                    .removeIf(
                            key,
                            present -> damage.offset() >= present.offset()
                                    && damage.offset() < present.end()
                                    && damage.file().endsWith(FileNames.arena(present.fileIndex())),
                            StoreBackdoor.opened().optionsOf(store).durability());
        } catch (IOException e) {
            LOG.warn("a blob that is damaged cannot be removed, and counts as absent: {}", e.toString());
        }
    }

    // ---- writing

    /**
     * Stores a blob, replacing any existing one. Where {@link BlobCacheBuilder#writtenBytesPerDay} is set, the blob may not be
     * admitted; the key is then absent.
     *
     * @param key the key
     * @param blob the blob
     * @throws BlobTooLargeException if the blob does not fit an arena file; nothing is changed
     * @throws DiskFullException if the device has no space
     * @throws IOException if the blob cannot be written
     */
    public void put(K key, byte[] blob) throws IOException {
        put(key, ByteBuffer.wrap(blob));
    }

    /**
     * Stores a blob that expires, as {@link #put(Object, byte[])} does.
     *
     * @param key the key
     * @param blob the blob
     * @param expiry when it expires, whatever the builder says
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public void put(K key, byte[] blob, Expiry expiry) throws IOException {
        Objects.requireNonNull(expiry, "expiry");
        if (admits(key, blob.length)) {
            store.put(key, blob, expiry);
            counters.admitted.increment();
        }
    }

    /**
     * Stores the remaining bytes of a buffer, as {@link #put(Object, byte[])} does.
     *
     * @param key the key
     * @param blob the blob, from position to limit, which do not change
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public void put(K key, ByteBuffer blob) throws IOException {
        if (admits(key, blob.remaining())) {
            store.put(key, blob);
            counters.admitted.increment();
        }
    }

    /**
     * Stores what a stream returns up to its end, as {@link #put(Object, byte[])} does. Closes nothing.
     *
     * @param key the key
     * @param blob the stream; not read if the blob is not admitted
     * @throws IOException under the conditions of {@link #put(Object, byte[])}, or if the stream fails
     */
    public void put(K key, InputStream blob) throws IOException {
        Objects.requireNonNull(blob, "blob");
        if (admits(key, WriteBudget.LENGTH_UNKNOWN)) {
            store.put(key, blob);
            counters.admitted.increment();
            streamed(key);
        }
    }

    /**
     * Stores what a function writes, as {@link #put(Object, byte[])} does.
     *
     * @param key the key
     * @param blob writes the blob; not called if the blob is not admitted
     * @throws IOException under the conditions of {@link #put(Object, byte[])}, or if the function fails
     */
    public void put(K key, BlobWriter blob) throws IOException {
        Objects.requireNonNull(blob, "blob");
        if (admits(key, WriteBudget.LENGTH_UNKNOWN)) {
            store.put(key, blob);
            counters.admitted.increment();
            streamed(key);
        }
    }

    /** Whether a blob is to be stored. If it is not, the key's old one goes: it is outdated. */
    private boolean admits(K key, long bytes) throws IOException {
        if (isAdmitted(bytes)) {
            return true;
        }
        boolean unused = store.remove(key);
        return false;
    }

    /** Tells how long a blob was that was admitted before anybody knew. */
    void streamed(K key) throws IOException {
        if (budget != null) {
            budget.streamed(store.sizeOf(key).orElse(0));
        }
    }

    /** Whether a blob is to be stored; counts it if it is not. */
    boolean isAdmitted(long bytes) {
        if (budget == null || budget.admits(bytes)) {
            return true;
        }
        counters.rejected.increment();
        return false;
    }

    /**
     * Removes a blob. A load of the key that is running stores nothing.
     *
     * @param key the key
     * @return whether there was one
     * @throws IOException if the removal cannot be written
     */
    public boolean invalidate(K key) throws IOException {
        return store.remove(key);
    }

    /**
     * Removes the blobs of some keys.
     *
     * @param keys the keys
     * @return the number of blobs that were removed
     * @throws IOException if the removals cannot be written; some may have been made
     */
    public long invalidateAll(Iterable<? extends K> keys) throws IOException {
        return store.removeAll(keys);
    }

    /**
     * Removes all blobs that were put before this call. Loads that are running store nothing. Costs little whatever there is:
     * files are deleted as a whole.
     *
     * @throws IOException if a removal cannot be written; some blobs may have been removed
     */
    public void invalidateAll() throws IOException {
        loads.outdateAll();
        engine.evictAll();
        try {
            store.asMap().clear(); // What stands in files that cannot go yet.
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    /**
     * Returns the cache as a map. Reads of a key are uses, but not requests, as in Caffeine: no hit and no miss is
     * counted. Iterations are no uses. What the map writes is always admitted. {@link BlobStore#asMap()} says the rest.
     *
     * @return a view, valid as long as the cache is open
     */
    public ConcurrentMap<K, byte[]> asMap() {
        return store.asMap();
    }

    // ---- the whole cache

    /**
     * Returns the number of blobs.
     *
     * @return the number of blobs, exact while nobody writes; one that has expired or is idle counts until its file is evicted
     */
    public long size() {
        return store.size();
    }

    /**
     * Returns what the cache has done and what it takes.
     *
     * @return the figures since the opening or the last reset
     */
    public CacheStats stats() {
        engine.requireOpen();
        return counters.stats(engine);
    }

    /** Makes {@link #stats} count from now on. */
    public void resetStats() {
        counters = new Counters(engine);
    }

    /**
     * Closes the cache. Waits for operations in progress, but not for loaders, and forces everything to the device. The blobs
     * stay for the next opening. Closing again has no effect.
     *
     * @throws IOException if not everything could be forced; the cache is closed nevertheless
     */
    @Override
    public void close() throws IOException {
        store.close();
    }

    // ---- for a load

    Loads loads() {
        return loads;
    }

    BlobStore<K> store() {
        return store;
    }

    StoreEngine engine() {
        return engine;
    }

    Counters counters() {
        return counters;
    }

    /** What bounds its writes, if anything does. For tests. */
    @Nullable WriteBudget writeBudget() {
        return budget;
    }

    byte[] encoded(K key) {
        return EncodedKey.bytesOf(codec, key);
    }
}
