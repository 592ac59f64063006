package org.blobarena.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.DescriptorBudget;
import org.blobarena.format.Limits;
import org.blobarena.index.LocationIndexFactory;
import org.jspecify.annotations.Nullable;

/**
 * Options of a store. For one thread.
 *
 * @param <K> the keys
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
    private long arenaBytesMax = DEFAULT_ARENA_BYTES_MAX;
    private int bufferBytes = 256 * 1024;
    private long expectedKeys;
    private boolean createIfMissing = true;
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
    private StoreOpener.@Nullable Seams seams;

    BlobStoreBuilder(KeyCodec<K> codec) {
        this.codec = Objects.requireNonNull(codec, "codec");
    }

    /**
     * Sets what a write that does not say otherwise has survived when it returns.
     *
     * @param value the durability; {@link Durability#WRITTEN} when not set
     * @return this
     */
    public BlobStoreBuilder<K> durability(Durability value) {
        durability = Objects.requireNonNull(value, "durability");
        return this;
    }

    /**
     * Sets how blobs are stored that are put without saying otherwise, as {@link BlobStore#withCompression} does. It may
     * change from opening to opening: each blob is read as it was stored.
     *
     * @param value the compression; {@link Compression#NONE} when not set
     * @return this
     */
    public BlobStoreBuilder<K> compression(Compression value) {
        compression = Objects.requireNonNull(value, "value");
        return this;
    }

    /**
     * Sets the length that no new arena file exceeds, unless it is to hold the removal of a key that is longer.
     * It bounds the largest blob, and what is read again at the first opening after a crash. It may change
     * from opening to opening.
     *
     * @param bytes 65,536 to 4,294,967,295 (4 GiB - 1); 1 GiB when not set
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
     * Sets the size of the write buffer, off the heap. Each file that is written has one, or two while writers come
     * together: the active file, at most three that wait to be sealed, and one for each blob that is just being written
     * and is too long to be kept in memory.
     *
     * @param bytes 512 or more; 262,144 when not set
     * @return this
     * @throws IllegalArgumentException if it is less than 512
     */
    public BlobStoreBuilder<K> bufferBytes(int bytes) {
        ArenaOptions.builder().bufferBytes(bytes);
        bufferBytes = bytes;
        return this;
    }

    /**
     * Gives a hint how many keys there will be. The index grows past it by itself.
     *
     * @param keys 0 or more; 0 when not set
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public BlobStoreBuilder<K> expectedKeys(long keys) {
        if (keys < 0) {
            throw new IllegalArgumentException("a number of " + keys + " keys is negative");
        }
        expectedKeys = keys;
        return this;
    }

    /**
     * Sets whether a missing or empty directory becomes a store.
     *
     * @param value true when not set
     * @return this
     */
    public BlobStoreBuilder<K> createIfMissing(boolean value) {
        createIfMissing = value;
        return this;
    }

    /**
     * Sets how long a blob may be that is read into memory as a whole, as by {@link BlobStore#get(Object)}, {@link
     * BlobStore#getAll(Iterable)}, {@link BlobStore#forEach} and the {@linkplain BlobStore#asMap() map}. A longer one is a
     * {@link BlobTooLargeException} there, before memory is taken for it: compressed, a blob of a gigabyte may take some
     * kilobytes of disk, so that its space tells nothing. It can be put, read as a stream, in part, to a channel, a file,
     * or a buffer that has room for it, whatever its length.
     *
     * @param bytes 1 to 2^31 - 9; when not set, 256 MiB, or a quarter of the heap that the JVM may use if that is less
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public BlobStoreBuilder<K> maxBlobBytes(int bytes) {
        if (bytes < 1 || bytes > RecordReader.ARRAY_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a blob of " + bytes + " bytes in memory is not 1 to " + RecordReader.ARRAY_BYTES_MAX);
        }
        maxBlobBytes = bytes;
        return this;
    }

    /** @param heapBytesMax {@code Long.MAX_VALUE} where there is no limit */
    static int defaultMaxBlobBytes(long heapBytesMax) {
        return (int) Math.min(DEFAULT_MAX_BLOB_BYTES, heapBytesMax / PART_OF_HEAP);
    }

    /**
     * Sets that everything is forced in the background whenever so many bytes were written.
     *
     * @param bytes 1 or more; when not set, nothing is forced by bytes
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public BlobStoreBuilder<K> forceEveryBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a force every " + bytes + " bytes is less than 1");
        }
        forceBytes = bytes;
        return this;
    }

    /**
     * Sets that everything is forced in the background at intervals.
     *
     * @param interval the pause between two forces, more than 0; when not set, nothing is forced by time
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public BlobStoreBuilder<K> forceEvery(Duration interval) {
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("a force every " + interval + " is not positive");
        }
        boolean forever = interval.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0;
        forceNanos = forever ? Long.MAX_VALUE : interval.toNanos();
        return this;
    }

    /**
     * Sets which part of the arena files may be dead bytes: of blobs that were replaced or removed, until compaction
     * gives their space back. With a needed length of all files of N bytes they have at most N / (1 - share) and a few
     * files more. Less means more copying: what is overwritten at random is written about twice in all for 0.30.
     *
     * @param share 0.05 to 0.95; 0.30 when not set
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
     * Sets how many bytes of the arena files may be dead, if that is less than the share.
     *
     * @param bytes 0 or more; when not set, the share alone counts
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public BlobStoreBuilder<K> maxDeadBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a number of " + bytes + " dead bytes is negative");
        }
        maxDeadBytes = bytes;
        return this;
    }

    /**
     * Sets whether compaction runs by itself. Without it space comes back by {@link BlobStore#compact} alone.
     *
     * @param value true when not set
     * @return this
     */
    public BlobStoreBuilder<K> automaticCompaction(boolean value) {
        automaticCompaction = value;
        return this;
    }

    /**
     * Sets how much compaction copies in a second at most. When writers are faster than it can be then, they are slowed
     * down.
     *
     * @param bytes 1 or more; when not set, there is no limit
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public BlobStoreBuilder<K> compactionBytesPerSecond(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a compaction of " + bytes + " bytes a second is less than 1");
        }
        compactionBytesPerSecond = bytes;
        return this;
    }

    /**
     * Sets how much space puts leave free on the device, so that there is some for the copies that compaction makes
     * before it can delete what it copies from. One arena file is enough. The space is looked at now and then, so other
     * programs can still take it.
     *
     * @param bytes 0 to 2^62; 0 when not set
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
     * Sets what the files open for reading count against.
     *
     * @param budget the budget; the process's {@linkplain DescriptorBudget#shared shared} one when not set
     * @return this
     */
    @SuppressWarnings("exports")
    public BlobStoreBuilder<K> descriptors(DescriptorBudget budget) {
        descriptors = Objects.requireNonNull(budget, "budget");
        return this;
    }

    /**
     * Opens the store.
     *
     * @param directory the store's directory; made, with those above it, when it is missing
     * @return the store, to be closed
     * @throws NotAStoreException if there is no store, and none may be made there
     * @throws StoreLockedException if it is open already
     * @throws ForeignFileException if an arena file belongs to another store
     * @throws UnsupportedFormatException if a file is of a newer format version
     * @throws CorruptBlobException if the store's identity is damaged
     * @throws DiskFullException if there is no space for a new store, or for an index where that has to be made
     *     anew; nothing is lost
     * @throws IOException if it cannot be opened
     * @throws IllegalStateException if the JVM refuses the access to its internals that the index needs; the
     *     message says the flags that grant it. Or if blobs shall be compressed and the library for it is missing; the
     *     message names it
     */
    public BlobStore<K> open(Path directory) throws IOException {
        BlockCodec.requirePresent(compression);
        StoreSettings settings = new StoreSettings(
                ArenaOptions.builder()
                        .bufferBytes(bufferBytes)
                        .descriptors(descriptors)
                        .build(),
                arenaBytesMax,
                expectedKeys,
                createIfMissing,
                streamMemoryBytes,
                maxBlobBytes,
                forceBytes,
                forceNanos,
                new CompactionSettings(
                        automaticCompaction,
                        maxDeadShare,
                        maxDeadBytes,
                        compactionBytesPerSecond,
                        compactionReserveBytes));
        StoreOpener.Seams used = seams();
        OpenedStore opened = new StoreOpener(used, settings).open(directory);
        return new BlobStore<>(StoreEngine.start(opened, used), codec, new WriteOptions(durability, compression));
    }

    /** Replaces the file system and the index. For tests. */
    BlobStoreBuilder<K> seams(StoreOpener.Seams replacement) {
        seams = replacement;
        return this;
    }

    /** Sets the limit of arena files lower than users may. For tests. */
    BlobStoreBuilder<K> fileBytes(long bytes) {
        arenaBytesMax = bytes;
        return this;
    }

    /** Sets how much of a stream is kept in memory, and so from which length on blobs are written aside. For tests. */
    BlobStoreBuilder<K> streamMemoryBytes(int bytes) {
        streamMemoryBytes = bytes;
        return this;
    }

    private StoreOpener.Seams seams() {
        return seams == null ? usualSeams() : seams;
    }

    static StoreOpener.Seams usualSeams() {
        LocationIndexFactory indexes = LocationIndexFactory.installed();
        indexes.prepare(); // Before the first channel is opened.
        return new StoreOpener.Seams(StoreOpener::openDirectory, indexes);
    }
}
