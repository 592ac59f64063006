package org.blobarena.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.arena.Location;
import org.blobarena.arena.ReadMode;
import org.blobarena.arena.internal.budget.BudgetChannels;
import org.blobarena.arena.internal.file.FileOptions;
import org.blobarena.format.Limits;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.internal.core.CompactionSettings;
import org.blobarena.store.internal.core.StoreSettings;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.recovery.OpenedStore;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.internal.recovery.TemporaryStores;
import org.jspecify.annotations.Nullable;

/**
 * Options of a store, for use by one thread.
 *
 * @param <K> the type of keys
 */
public final class BlobStoreBuilder<K> {

    private static final long DEFAULT_ARENA_BYTES_MAX = 1L << 30;
    private static final double DEFAULT_MAX_DEAD_SHARE = 0.30;
    private static final int DEFAULT_MAX_BLOB_BYTES = 256 << 20;
    private static final int PART_OF_HEAP = 4;
    private static final long RESERVE_BYTES_MAX = 1L << 62;
    private static final double MAX_DEAD_SHARE_MIN = 0.05;
    private static final double MAX_DEAD_SHARE_MAX = 0.95;

    private final KeyCodec<K> codec;
    private Durability durability = Durability.WRITTEN;
    private Compression compression = Compression.NONE;
    private Expiry expiry = Expiry.never();
    private InstantSource clock = InstantSource.system();
    private long arenaBytesMax = DEFAULT_ARENA_BYTES_MAX;
    private int bufferBytes = 256 * 1024;
    private long expectedKeys;
    private IndexKind index = IndexKind.AUTOMATIC;
    private boolean createIfMissing = true;
    private boolean requireAllFiles;
    private int streamMemoryBytes = 1 << 20;
    private int maxBlobBytes = defaultMaxBlobBytes(Runtime.getRuntime().maxMemory());
    private long forceBytes;
    private long forceNanos;
    private boolean automaticCompaction = true;
    private double maxDeadShare = DEFAULT_MAX_DEAD_SHARE;
    private long maxDeadBytes = Long.MAX_VALUE;
    private long compactionBytesPerSecond;
    private long compactionReserveBytes;
    private DescriptorBudget descriptors = DescriptorBudget.shared();
    private ReadMode readMode = ReadMode.POSITIONAL;
    private boolean leakTraces;
    private @Nullable EvictionSettings eviction;
    private @Nullable KeySource keySource;
    private @Nullable StoreEnvironment environment;

    BlobStoreBuilder(KeyCodec<K> codec) {
        this.codec = Objects.requireNonNull(codec, "codec");
    }

    /**
     * Sets the durability of writes. {@link BlobStore#withDurability} returns a view with another.
     *
     * @param value the durability guaranteed when a write returns; {@link Durability#WRITTEN} by default
     * @return this
     */
    public BlobStoreBuilder<K> durability(Durability value) {
        durability = Objects.requireNonNull(value, "durability");
        return this;
    }

    /**
     * Sets the compression of blobs. {@link BlobStore#withCompression} returns a view with another. The option may
     * change from opening to opening, because each record says how it is stored.
     *
     * @param value the compression; {@link Compression#NONE} by default
     * @return this
     */
    public BlobStoreBuilder<K> compression(Compression value) {
        compression = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Sets when blobs expire. {@link BlobStore#withExpiry} returns a view with another. The option may change from opening
     * to opening, because each record says when it expires.
     *
     * @param value the expiry; {@link Expiry#never} by default
     * @return this
     */
    public BlobStoreBuilder<K> expiry(Expiry value) {
        expiry = Objects.requireNonNull(value, "expiry");
        return this;
    }

    /**
     * Sets the clock that says which blobs have expired.
     *
     * @param value the clock, called by several threads; {@link InstantSource#system} by default
     * @return this
     */
    public BlobStoreBuilder<K> clock(InstantSource value) {
        clock = Objects.requireNonNull(value, "clock");
        return this;
    }

    /**
     * Sets the greatest length of new arena files, which only the removal of a longer key exceeds. It limits the length
     * of a blob, and how much is read at the first opening after a crash. The option may change from opening to
     * opening.
     *
     * @param bytes 65,536 to 4,294,967,295 (4 GiB - 1); 1 GiB by default
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public BlobStoreBuilder<K> arenaBytesMax(long bytes) {
        if (bytes < Limits.FILE_BYTES_MAX_MIN || bytes > Location.UNSIGNED_MAX) {
            throw new IllegalArgumentException("a limit of " + bytes + " bytes for arena files is not "
                    + Limits.FILE_BYTES_MAX_MIN + " to " + Location.UNSIGNED_MAX);
        }
        arenaBytesMax = bytes;
        return this;
    }

    /**
     * Sets the size of a write buffer, off the heap. Each file that is being written has one, or two if several threads
     * write to it: the active file, at most three files that wait to be sealed, and one file for each blob being
     * written that is too long to be kept in memory.
     *
     * @param bytes 512 or more; 262,144 by default
     * @return this
     * @throws IllegalArgumentException if it is less than 512
     */
    public BlobStoreBuilder<K> bufferBytes(int bytes) {
        ArenaOptions.builder().bufferBytes(bytes);
        bufferBytes = bytes;
        return this;
    }

    /**
     * Sets the expected number of keys, as a hint. The index grows beyond it automatically.
     *
     * @param keys 0 or more; 0 by default
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public BlobStoreBuilder<K> expectedKeys(long keys) {
        if (keys < 0) {
            throw new IllegalArgumentException("an expected number of " + keys + " keys is negative");
        }
        expectedKeys = keys;
        return this;
    }

    /**
     * Sets what the index is. The option may change from opening to opening: an index of another kind than the store has is
     * rebuilt.
     *
     * @param value the kind; {@link IndexKind#AUTOMATIC} by default
     * @return this
     */
    public BlobStoreBuilder<K> index(IndexKind value) {
        index = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Sets whether to create a store if the directory is missing or empty.
     *
     * @param value true by default
     * @return this
     */
    public BlobStoreBuilder<K> createIfMissing(boolean value) {
        createIfMissing = value;
        return this;
    }

    /**
     * Sets whether to refuse a store that has lost an arena file, or the end of one, since it was closed cleanly. The opening
     * then throws {@link CorruptBlobException} and leaves the mark of that close, so that the file can be put back. Otherwise
     * the opening {@linkplain org.blobarena.store.api.OpenReport#damage reports} the file and removes the mark: if the
     * process then dies without a close, no later opening can miss it.
     *
     * @param value false by default
     * @return this
     */
    public BlobStoreBuilder<K> requireAllFiles(boolean value) {
        requireAllFiles = value;
        return this;
    }

    /**
     * Sets the length up to which blobs are read into memory as a whole, as by {@link BlobStore#get(Object)}, {@link
     * BlobStore#getAll(Iterable)}, {@link BlobStore#forEach} and the {@linkplain BlobStore#asMap() map}. These throw
     * {@link BlobTooLargeException} for a longer blob before they allocate memory for it: a compressed blob of a
     * gigabyte may take a few kilobytes on disk. Blobs of any length can be put, and read as a stream, in part, to a
     * channel, to a file, or into a buffer with room for them.
     *
     * @param bytes 1 to 2^31 - 9; by default 256 MiB, or a quarter of the maximum heap if that is less
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public BlobStoreBuilder<K> maxBlobBytes(int bytes) {
        if (bytes < 1 || bytes > OpenRecord.ARRAY_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a limit of " + bytes + " bytes for blobs in memory is not 1 to " + OpenRecord.ARRAY_BYTES_MAX);
        }
        maxBlobBytes = bytes;
        return this;
    }

    /** @param heapBytesMax {@code Long.MAX_VALUE} where there is no limit */
    static int defaultMaxBlobBytes(long heapBytesMax) {
        return (int) Math.min(DEFAULT_MAX_BLOB_BYTES, heapBytesMax / PART_OF_HEAP);
    }

    /**
     * Forces everything in the background each time this many bytes are written.
     *
     * @param bytes 1 or more; by default, the number of bytes causes no force
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public BlobStoreBuilder<K> forceEveryBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("an interval of " + bytes + " bytes between forces is less than 1");
        }
        forceBytes = bytes;
        return this;
    }

    /**
     * Forces everything in the background at intervals.
     *
     * @param interval the pause between two forces, more than 0; by default, time causes no force
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public BlobStoreBuilder<K> forceEvery(Duration interval) {
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("an interval of " + interval + " between forces is not positive");
        }
        boolean forever = interval.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0;
        forceNanos = forever ? Long.MAX_VALUE : interval.toNanos();
        return this;
    }

    /**
     * Sets the greatest share of dead bytes in the arena files: bytes of blobs that were replaced or removed, which
     * compaction reclaims. If the files need N bytes, they take at most N / (1 - share), and {@link
     * BlobStore#FILES_BEYOND_BOUND} files more. A lower share means more copying: for 0.30, random overwrites are
     * written about twice in total.
     *
     * @param share 0.05 to 0.95; 0.30 by default
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public BlobStoreBuilder<K> maxDeadShare(double share) {
        if (!(share >= MAX_DEAD_SHARE_MIN && share <= MAX_DEAD_SHARE_MAX)) {
            throw new IllegalArgumentException(
                    "a share of " + share + " dead bytes is not " + MAX_DEAD_SHARE_MIN + " to " + MAX_DEAD_SHARE_MAX);
        }
        maxDeadShare = share;
        return this;
    }

    /**
     * Sets the greatest number of dead bytes in the arena files, which applies if it is less than {@link
     * #maxDeadShare}.
     *
     * @param bytes 0 or more; by default, the share alone applies
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public BlobStoreBuilder<K> maxDeadBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a bound of " + bytes + " dead bytes is negative");
        }
        maxDeadBytes = bytes;
        return this;
    }

    /**
     * Sets whether compaction runs automatically. If it does not, only {@link BlobStore#compact} reclaims space.
     *
     * @param value true by default
     * @return this
     */
    public BlobStoreBuilder<K> automaticCompaction(boolean value) {
        automaticCompaction = value;
        return this;
    }

    /**
     * Sets how much compaction copies in a second at most. If that is too little to keep up with the writers, they are
     * slowed down.
     *
     * @param bytes 1 or more; by default there is no limit
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public BlobStoreBuilder<K> compactionBytesPerSecond(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a compaction rate of " + bytes + " bytes a second is less than 1");
        }
        compactionBytesPerSecond = bytes;
        return this;
    }

    /**
     * Sets how much space puts leave free on the device for compaction, which copies before it deletes. The length of
     * one arena file is enough. Free space is checked from time to time, so other programs can still use it up.
     *
     * @param bytes 0 to 2^62; 0 by default
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public BlobStoreBuilder<K> compactionReserveBytes(long bytes) {
        if (bytes < 0 || bytes > RESERVE_BYTES_MAX) {
            throw new IllegalArgumentException("a reserve of " + bytes + " bytes is not 0 to " + RESERVE_BYTES_MAX);
        }
        compactionReserveBytes = bytes;
        return this;
    }

    /**
     * Sets the budget that files open for reading count against.
     *
     * @param budget the budget; by default the {@linkplain DescriptorBudget#shared shared} one of the process
     * @return this
     */
    public BlobStoreBuilder<K> descriptors(DescriptorBudget budget) {
        descriptors = Objects.requireNonNull(budget, "budget");
        return this;
    }

    /**
     * Sets how arena files are read once they are sealed.
     *
     * @param mode the mode; {@link ReadMode#POSITIONAL} by default
     * @return this
     */
    public BlobStoreBuilder<K> readMode(ReadMode mode) {
        readMode = Objects.requireNonNull(mode, "mode");
        return this;
    }

    /**
     * Sets whether the warning of a leak says where it was opened. The store, and what is opened of it, is closed in any case
     * if it is dropped without being closed, and a warning is logged; with this option it has the stack of the opening. That
     * costs a stack trace for the store and for each stream, iterator or unfinished blob. The system property {@code
     * org.blobarena.leaks=true} says the same for all stores of the process.
     *
     * @param value false by default
     * @return this
     */
    public BlobStoreBuilder<K> leakTraces(boolean value) {
        leakTraces = value;
        return this;
    }

    /**
     * Encrypts the store, with keys that are supplied from outside. What a store is, it stays: one that was made with keys
     * needs them at every opening, and one that was made without cannot get any. See {@link KeySource} for how keys are
     * replaced.
     *
     * @param value supplies the keys; by default there are none
     * @return this
     */
    public BlobStoreBuilder<K> keySource(KeySource value) {
        keySource = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Opens the store. After a crash this makes the index anew, by the records of the files that were not sealed and by what
     * the others list. What it has found is on the device only some time later. The first write that is forced, and whatever
     * else rests on that, waits until it is; if a force of it fails, the store refuses writes.
     *
     * @param directory the store's directory; if missing, it is created along with its parents
     * @return the store, to be closed
     * @throws NotAStoreException if there is no store and none may be created
     * @throws StoreLockedException if the store is open already
     * @throws ForeignFileException if an arena file belongs to another store
     * @throws UnsupportedFormatException if a file has a newer format version
     * @throws CorruptBlobException if both copies of the store's identity are damaged, or under the condition of {@link
     *     #requireAllFiles}
     * @throws org.blobarena.store.crypt.StoreKeyException if a key is missing or wrong, the store is encrypted and there is no
     *     {@linkplain #keySource source of keys}, or there is one and the store is not encrypted
     * @throws DiskFullException if there is no space for a new store or a new index; nothing is lost
     * @throws IOException if the store cannot be opened
     * @throws IllegalStateException if the {@linkplain #index kind of index} that was asked for is not installed or cannot
     *     be used in this JVM, and the message says why not and what would help; or if the library for the compression is
     *     missing, and the message names it
     */
    public BlobStore<K> open(Path directory) throws IOException {
        StoreSettings settings = settings(createIfMissing);
        StoreEnvironment used = environment();
        OpenedStore opened = new StoreOpener(used, settings).open(directory);
        return new BlobStore<>(
                StoreEngine.start(opened, used), codec, new WriteOptions(durability, compression, expiry));
    }

    /**
     * Opens a temporary store in the default directory of temporary files; see {@link #temporary(Path)}. That directory is
     * the one of {@link ArenaOptions.Builder#temporaryDirectory}.
     *
     * @return an empty store, to be closed
     * @throws IOException under the conditions of {@link #temporary(Path)}
     */
    public BlobStore<K> temporary() throws IOException {
        return temporary(ArenaOptions.defaults().temporaryDirectory());
    }

    /**
     * Opens a temporary store, for data that are not wanted after the process. It is empty, and is deleted when it is closed.
     * A store whose process ends without closing it is deleted when the next temporary store is opened in the same
     * directory by the same user. On a system other than POSIX, that may fail while other programs have its files open.
     *
     * <p>Writes have the durability {@link Durability#BUFFERED}, whatever {@link #durability} says, and nothing is ever
     * forced to the device, not even by {@link BlobStore#force}. The store has no {@linkplain BlobStore#snapshot snapshots}.
     * A warning is logged if the directory is memory (tmpfs or ramfs).
     *
     * @param parent an existing directory, in which the store is a directory {@code blobarena-*.tmp}. Any number of processes
     *     may share it
     * @return an empty store, to be closed
     * @throws DiskFullException if there is no space
     * @throws IOException if the store cannot be made
     * @throws IllegalStateException under the conditions of {@link #open}
     */
    public BlobStore<K> temporary(Path parent) throws IOException {
        StoreSettings settings = settings(true);
        StoreEnvironment used = environment();
        OpenedStore opened = new TemporaryStores(used, settings, parent).open();
        return new BlobStore<>(
                StoreEngine.start(opened, used), codec, new WriteOptions(Durability.BUFFERED, compression, expiry));
    }

    StoreSettings settings(boolean create) {
        BlockCodec.requirePresent(compression);
        return new StoreSettings(
                new FileOptions(
                        bufferBytes,
                        FileOptions.FILE_BYTES_LIMIT,
                        BudgetChannels.of(descriptors),
                        readMode == ReadMode.MAPPED),
                arenaBytesMax,
                expectedKeys,
                create,
                requireAllFiles,
                streamMemoryBytes,
                maxBlobBytes,
                clock,
                forceBytes,
                forceNanos,
                new CompactionSettings(
                        automaticCompaction,
                        maxDeadShare,
                        maxDeadBytes,
                        compactionBytesPerSecond,
                        compactionReserveBytes),
                leakTraces,
                eviction,
                keySource);
    }

    /** Makes it a cache: it evicts rather than compacts. */
    void evict(EvictionSettings settings) {
        eviction = settings;
        automaticCompaction = false;
    }

    /** Replaces the file system and the index. For tests. */
    BlobStoreBuilder<K> environment(StoreEnvironment replacement) {
        environment = replacement;
        return this;
    }

    /** Sets the limit of arena files lower than users may. For tests. */
    BlobStoreBuilder<K> fileBytes(long bytes) {
        arenaBytesMax = bytes;
        return this;
    }

    /** Sets how much of a stream is kept in memory; a longer one goes to a file of its own. For tests. */
    BlobStoreBuilder<K> streamMemoryBytes(int bytes) {
        streamMemoryBytes = bytes;
        return this;
    }

    private StoreEnvironment environment() {
        return environment == null ? usualEnvironment(index) : environment;
    }

    static StoreEnvironment usualEnvironment(IndexKind index) {
        return new StoreEnvironment(StoreOpener::openDirectory, index.choice());
    }
}
