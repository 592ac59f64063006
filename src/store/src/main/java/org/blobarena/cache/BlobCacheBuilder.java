package org.blobarena.cache;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.arena.ReadMode;
import org.blobarena.format.Limits;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.blobarena.store.internal.engine.StoreBackdoor;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Options of a cache, for use by one thread.
 *
 * @param <K> the type of keys
 */
public final class BlobCacheBuilder<K> {

    /** The least {@link #maximumBytes}: an index has half a megabyte at least. */
    public static final long MAXIMUM_BYTES_MIN = 8L << 20;

    private static final int FILES = 64;
    private static final int FILES_MIN = 8;

    /** A file that is filled to less evicts in smaller pieces, and leaves less room unused; but each is forced. */
    private static final int FILLED_FILES = 128;

    private static final long FILLED_BYTES_MIN = 512L << 10;
    private static final long DEFAULT_ARENA_BYTES_MAX = 1L << 30;
    private static final int BUFFERS_PER_FILE = 4;
    private static final int BUFFER_BYTES_MAX = 256 * 1024;

    private static final Duration IDLE_MIN = Duration.ofSeconds(1);

    /** Longer times are this one: some 35,000 years. */
    private static final Duration IDLE_MAX = Duration.ofMillis(1L << 50);

    /** Blobs of a cache are expected to have so many bytes on average: a smaller one makes the index grow. */
    private static final int BLOB_BYTES = 64 * 1024;

    private final KeyCodec<K> codec;
    private final BlobStoreBuilder<K> store;
    private long maximumBytes;
    private long arenaBytesMax;
    private long expectedKeys = -1;
    private long writtenBytesPerDay;
    private long idleMillis;
    private InstantSource clock = InstantSource.system();
    private @Nullable EvictionListener<? super K> listener;
    private @Nullable StoreEnvironment environment;

    BlobCacheBuilder(KeyCodec<K> codec) {
        this.codec = codec;
        this.store = BlobStore.builder(codec);
    }

    /**
     * Sets how much the cache may take on disk with everything that is in its directory. It has to be set. It may change
     * from opening to opening: a cache that holds more evicts what is too much when it is opened.
     *
     * @param bytes {@value #MAXIMUM_BYTES_MIN} or more
     * @return this
     * @throws IllegalArgumentException if it is less than that
     */
    public BlobCacheBuilder<K> maximumBytes(long bytes) {
        if (bytes < MAXIMUM_BYTES_MIN) {
            throw new IllegalArgumentException("a maximum of " + bytes + " bytes is less than " + MAXIMUM_BYTES_MIN);
        }
        maximumBytes = bytes;
        return this;
    }

    /**
     * Sets the greatest length of an arena file, which limits the length of a blob. Files of several blobs are filled to a
     * 128th of {@link #maximumBytes}, or 512 KiB if that is more, and never beyond this: these are the pieces by which the cache evicts.
     *
     * @param bytes 65,536 or more, and no more than an eighth of {@link #maximumBytes}; by default a 64th of it, or 1 GiB
     *     if that is less
     * @return this
     * @throws IllegalArgumentException if it is out of range; {@link #open} checks against the maximum
     */
    public BlobCacheBuilder<K> arenaBytesMax(long bytes) {
        BlobStoreBuilder<K> unused = store.arenaBytesMax(bytes);
        arenaBytesMax = bytes;
        return this;
    }

    /**
     * Sets the expected number of keys, as a hint. The index grows beyond it automatically, and moves to a larger file each
     * time.
     *
     * @param keys 0 or more; by default one for every 64 KiB of {@link #maximumBytes}
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public BlobCacheBuilder<K> expectedKeys(long keys) {
        BlobStoreBuilder<K> unused = store.expectedKeys(keys);
        expectedKeys = keys;
        return this;
    }

    /**
     * Sets what the index is.
     *
     * @param value the kind; {@link IndexKind#AUTOMATIC} by default
     * @return this
     */
    public BlobCacheBuilder<K> index(IndexKind value) {
        BlobStoreBuilder<K> unused = store.index(value);
        return this;
    }

    /**
     * Sets how long blobs live. An expired blob is absent; its space comes back with its file.
     *
     * @param value the expiry of blobs that are put without one of their own, or loaded; {@link Expiry#never} by default
     * @return this
     */
    public BlobCacheBuilder<K> expiry(Expiry value) {
        BlobStoreBuilder<K> unused = store.expiry(value);
        return this;
    }

    /**
     * Sets how long blobs live, as {@link #expiry} does.
     *
     * @param value the time from a put or load on, one millisecond or more
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public BlobCacheBuilder<K> timeToLive(Duration value) {
        return expiry(Expiry.after(value));
    }

    /**
     * Sets how long blobs stay that nobody uses. A blob that was neither read nor written for that long is absent for every
     * method; its space comes back with its file, where it is not kept for its earlier uses. A time to live counts
     * besides: whichever ends first.
     *
     * <p>Uses are the writes of a key, and reads of its blob, {@link BlobCache#asMap} included, a stream when it is opened.
     * {@link BlobCache#contains}, {@code containsKey} and iterations are none.
     *
     * <p><b>Precision.</b> A blob is never absent before its time. It is absent at most a 32nd of the time later, with two
     * exceptions. Blobs that begin within the same 4 KiB of a file share a time: a use of one counts
     * for its neighbours, and a write for neighbours that were idle already. And uses are forgotten when the cache is
     * closed or its process dies: blobs count as used at the opening. A clock that is set back makes blobs stay for so
     * much longer.
     *
     * @param value the time from the last use on, one second or more; by default blobs stay
     * @return this
     * @throws IllegalArgumentException if it is less than one second
     */
    public BlobCacheBuilder<K> timeToIdle(Duration value) {
        if (value.compareTo(IDLE_MIN) < 0) {
            throw new IllegalArgumentException("a time to idle of " + value + " is less than one second");
        }
        idleMillis = value.compareTo(IDLE_MAX) > 0 ? IDLE_MAX.toMillis() : value.toMillis();
        return this;
    }

    /**
     * Sets the durability of writes: what a cache has after a crash.
     *
     * @param value the durability guaranteed when a write returns; {@link Durability#WRITTEN} by default
     * @return this
     */
    public BlobCacheBuilder<K> durability(Durability value) {
        BlobStoreBuilder<K> unused = store.durability(value);
        return this;
    }

    /**
     * Sets the compression of blobs.
     *
     * @param value the compression; {@link Compression#NONE} by default
     * @return this
     */
    public BlobCacheBuilder<K> compression(Compression value) {
        BlobStoreBuilder<K> unused = store.compression(value);
        return this;
    }

    /**
     * Bounds what the cache writes to the device, so that a solid-state drive lasts. Blobs are then admitted at random, with a
     * probability that adapts to the demand. In any 24 hours while it is open, the cache writes no more than this, but
     * for one blob for each thread and what invalidations and the writes of {@link BlobCache#asMap} take, which are always made. A key whose new blob
     * is not admitted loses its old one.
     *
     * @param bytes 1 or more; by default there is no bound
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public BlobCacheBuilder<K> writtenBytesPerDay(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a bound of " + bytes + " bytes a day is less than 1");
        }
        writtenBytesPerDay = bytes;
        return this;
    }

    /**
     * Sets who is told what the cache evicts. The key of each blob that is evicted is then read from disk.
     *
     * @param value the listener; by default there is none
     * @return this
     */
    public BlobCacheBuilder<K> evictionListener(EvictionListener<? super K> value) {
        listener = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Sets the clock of everything that depends on time.
     *
     * @param value the clock; that of the system by default
     * @return this
     */
    public BlobCacheBuilder<K> clock(InstantSource value) {
        BlobStoreBuilder<K> unused = store.clock(value);
        clock = value;
        return this;
    }

    /**
     * Sets the budget that files open for reading count against.
     *
     * @param budget the budget; by default the {@linkplain DescriptorBudget#shared shared} one of the process
     * @return this
     */
    public BlobCacheBuilder<K> descriptors(DescriptorBudget budget) {
        BlobStoreBuilder<K> unused = store.descriptors(budget);
        return this;
    }

    /**
     * Sets how arena files are read once they are sealed.
     *
     * @param mode the mode; {@link ReadMode#POSITIONAL} by default
     * @return this
     */
    public BlobCacheBuilder<K> readMode(ReadMode mode) {
        BlobStoreBuilder<K> unused = store.readMode(mode);
        return this;
    }

    /**
     * Sets whether the warning of a leak says where it was opened.
     *
     * @param value false by default
     * @return this
     * @see BlobStoreBuilder#leakTraces
     */
    public BlobCacheBuilder<K> leakTraces(boolean value) {
        BlobStoreBuilder<K> unused = store.leakTraces(value);
        return this;
    }

    /**
     * Encrypts the cache, with keys that are supplied from outside; see {@link BlobStoreBuilder#keySource}. What was written
     * with a former key is there until it is evicted.
     *
     * @param value supplies the keys; by default there are none
     * @return this
     */
    public BlobCacheBuilder<K> keySource(KeySource value) {
        BlobStoreBuilder<K> unused = store.keySource(value);
        return this;
    }

    /**
     * Opens the cache, and creates it if the directory is missing or empty. What it holds beyond its maximum is evicted
     * before this returns.
     *
     * @param directory the cache's directory; if missing, it is created along with its parents
     * @return the cache, to be closed
     * @throws IllegalStateException if {@link #maximumBytes} is not set
     * @throws IllegalArgumentException if an arena file could be longer than an eighth of the maximum
     * @throws NotAStoreException if the directory holds something else, such as a store
     * @throws StoreLockedException if the cache is open already
     * @throws IOException if the cache cannot be opened, as by {@link BlobStoreBuilder#open}
     */
    public BlobCache<K> open(Path directory) throws IOException {
        if (maximumBytes == 0) {
            throw new IllegalStateException("the maximum of bytes is not set");
        }
        long fileBytes = arenaBytesMax == 0
                ? Math.max(Limits.FILE_BYTES_MAX_MIN, Math.min(DEFAULT_ARENA_BYTES_MAX, maximumBytes / FILES))
                : arenaBytesMax;
        if (fileBytes > maximumBytes / FILES_MIN) {
            throw new IllegalArgumentException("arena files of " + fileBytes
                    + " bytes are longer than an eighth of the " + maximumBytes + " bytes of the cache");
        }
        StoreBackdoor backdoor = StoreBackdoor.opened();
        backdoor.evict(store, new EvictionSettings(maximumBytes, filledBytes(maximumBytes, fileBytes), idleMillis));
        if (environment != null) {
            backdoor.setEnvironment(store, environment);
        }
        if (arenaBytesMax == 0) {
            BlobStoreBuilder<K> unused = store.arenaBytesMax(fileBytes);
        }
        BlobStore<K> opened = store.bufferBytes((int) Math.min(BUFFER_BYTES_MAX, fileBytes / BUFFERS_PER_FILE))
                .expectedKeys(expectedKeys < 0 ? maximumBytes / BLOB_BYTES : expectedKeys)
                .open(directory);
        try {
            return BlobCache.start(opened, codec, new BlobCache.Options<>(writtenBytesPerDay, clock, listener));
        } catch (IOException | RuntimeException | Error e) {
            Throwable unused = Failures.after(e, opened);
            throw e;
        }
    }

    private static long filledBytes(long maximumBytes, long fileBytes) {
        return Math.min(fileBytes, Math.max(FILLED_BYTES_MIN, maximumBytes / FILLED_FILES));
    }

    /** Replaces the file system, the index and the threads. For tests. */
    BlobCacheBuilder<K> environment(StoreEnvironment replacement) {
        environment = replacement;
        return this;
    }

    /** Sets a maximum lower than users may. For tests. */
    BlobCacheBuilder<K> smallMaximumBytes(long bytes) {
        maximumBytes = bytes;
        return this;
    }

    /** The options of the store, of which tests set files shorter than users may. */
    BlobStoreBuilder<K> storeWithFiles(long fileBytes) {
        arenaBytesMax = fileBytes;
        return store;
    }
}
