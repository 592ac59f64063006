package org.blobarena.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.arena.internal.io.Utf8Decoder;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CompactionProgress;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.engine.BatchReader;
import org.blobarena.store.internal.engine.BatchWriter;
import org.blobarena.store.internal.engine.BlobSink;
import org.blobarena.store.internal.engine.ConditionalWrites;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.engine.StoreReads;
import org.blobarena.store.internal.engine.StoreWrites;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.recovery.StoreRepair;
import org.blobarena.store.internal.snapshot.Restoration;
import org.blobarena.store.internal.write.Pacer;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/**
 * A persistent map from keys to blobs, in one directory, for one process at a time; others may {@linkplain #openReadOnly read}.
 *
 * <pre>{@code
 * try (BlobStore<String> pages = BlobStore.open(directory, KeyCodec.utf8())) {
 *     pages.put("https://example.org/", body);
 *     byte[] again = pages.get("https://example.org/"); // null when absent
 *     pages.remove("https://example.org/");
 * }
 * }</pre>
 *
 * <p>Blobs stay on disk. Memory holds about 40 bytes of index per key, mapped from a file. Keys and blobs may be empty but
 * not null. A method copies or consumes its arguments before it returns; the caller may then reuse arrays and buffers. A
 * blob that another thread changes during the call may be stored in part, and be damaged. A key from an {@link Iterable}
 * may change when the next key is requested.
 *
 * <p><b>Options.</b> Writes have the durability, the compression and the expiry that {@link BlobStoreBuilder} sets. {@link
 * #withDurability}, {@link #withCompression} and {@link #withExpiry} return views of the same store whose writes have others.
 *
 * <p><b>Expiry.</b> From its moment on, by the clock of the store, a blob is absent for every method; compaction reclaims its
 * bytes as those of a removed one. A clock that is set back may show a blob again whose bytes are not reclaimed yet,
 * even if its key was removed after it had expired.
 *
 * <p><b>Threads.</b> All methods are safe for use by multiple threads. Each operation on one key is atomic and is visible
 * to every thread once it has returned. Readers never wait for writers. {@link #close} waits for operations in progress;
 * later operations throw {@link StoreClosedException}. An interrupt neither fails an operation nor closes a file; the
 * interrupt status stays set.
 *
 * <p><b>Failure.</b> Methods that read or write throw {@link IOException} when that fails. A write that throws changes
 * nothing that can be read. It may be there after a crash only if a force failed. Damage on disk is a {@link
 * CorruptBlobException} for the keys that it concerns, and for no other. On a full disk writes throw {@link
 * DiskFullException} and reads go on; removals go on for a while, in the space of a file of at most 256 KiB that is reserved
 * for them.
 *
 * @param <K> the type of keys
 */
public final class BlobStore<K> implements Closeable {

    /**
     * The number of arena files, of the greatest length, by which the store may exceed {@link
     * BlobStoreBuilder#maxDeadShare} during writes: the file that takes records, those that compaction reads and writes, and
     * what compaction lags behind.
     */
    public static final int FILES_BEYOND_BOUND = 8;

    static {
        StoreInsides.show();
    }

    private final StoreEngine engine;
    private final StoreReads reads;
    private final StoreWrites writes;
    private final KeyHasher hasher;
    private final KeyCodec<K> codec;
    private final KeyedReads<K> keyed;
    private final WriteOptions options;

    BlobStore(StoreEngine engine, KeyCodec<K> codec, WriteOptions options) {
        this.engine = engine;
        this.reads = engine.reads();
        this.writes = engine.writes();
        this.hasher = engine.hasher();
        this.codec = codec;
        this.keyed = new KeyedReads<>(reads, hasher, codec, engine.directory());
        this.options = options;
    }

    /**
     * Opens a store with the default options, and creates it if the directory is missing or empty.
     *
     * @param <K> the type of keys
     * @param directory the store's directory
     * @param codec the encoding of keys, the same for the life of the store
     * @return the store, to be closed
     * @throws IOException if the store cannot be opened; see {@link BlobStoreBuilder#open}
     */
    public static <K> BlobStore<K> open(Path directory, KeyCodec<K> codec) throws IOException {
        return builder(codec).open(directory);
    }

    /**
     * Opens a temporary store with the default options: an empty store for scratch data, which is deleted when it is closed;
     * or, if its process dies, when the same user opens the next one in the same directory.
     *
     * @param <K> the type of keys
     * @param codec the encoding of keys
     * @return the store, to be closed
     * @throws IOException if the store cannot be made; see {@link BlobStoreBuilder#temporary()}
     */
    public static <K> BlobStore<K> temporary(KeyCodec<K> codec) throws IOException {
        return builder(codec).temporary();
    }

    /**
     * Opens a store to read it only, also while another process writes to it, with the default options.
     *
     * @param <K> the type of keys
     * @param directory the store's directory, in which nothing is changed
     * @param codec the encoding of keys of the store
     * @return the reader, to be closed
     * @throws IOException if the store cannot be opened; see {@link ReadOnlyBlobStoreBuilder#open}
     */
    public static <K> ReadOnlyBlobStore<K> openReadOnly(Path directory, KeyCodec<K> codec) throws IOException {
        return reader(codec).open(directory);
    }

    /**
     * Returns a builder of readers with the default options.
     *
     * @param <K> the type of keys
     * @param codec the encoding of keys of the store
     * @return a builder, for use by one thread
     */
    public static <K> ReadOnlyBlobStoreBuilder<K> reader(KeyCodec<K> codec) {
        return new ReadOnlyBlobStoreBuilder<>(codec);
    }

    /**
     * Returns a builder with the default options.
     *
     * @param <K> the type of keys
     * @param codec the encoding of keys, the same for the life of the store
     * @return a builder, for use by one thread
     */
    public static <K> BlobStoreBuilder<K> builder(KeyCodec<K> codec) {
        return new BlobStoreBuilder<>(codec);
    }

    /**
     * Repairs a store that is not open: takes damaged files out of it and keeps everything else. The readable records of a
     * damaged file are copied to a new file. The damaged file is renamed in the same directory and no longer belongs to the
     * store. A key whose blob is lost is absent and is reported; no older blob of the key comes back. The next opening
     * rebuilds the index.
     *
     * <p>A repair needs space on the device for the copies, space in the JVM's temporary directory for two indexes, and heap
     * for the largest blob and for a record of each lost one. If the process dies during a repair, nothing more is lost and
     * the repair can be repeated.
     *
     * @param directory the store's directory
     * @return what was repaired and what was lost
     * @throws NotAStoreException if there is no store
     * @throws StoreLockedException if the store is open
     * @throws ForeignFileException if an arena file belongs to another store
     * @throws UnsupportedFormatException if a file has a newer format version
     * @throws CorruptBlobException if both copies of the store's identity are damaged
     * @throws DiskFullException if there is no space for the copies; nothing is changed
     * @throws IOException if the store cannot be read or written
     * @throws IllegalStateException if there is no index that can be used in this JVM
     */
    public static RepairReport repair(Path directory) throws IOException {
        return new StoreRepair(BlobStoreBuilder.usualEnvironment(IndexKind.AUTOMATIC)).repair(directory);
    }

    /**
     * Makes a store of a snapshot. Its files are hard links to those of the snapshot where the file system supports them, and else
     * copies, each of which is read back and compared. Both go on independently. The store is complete and on the device when this
     * method returns; after a failure or a crash the directory is no store and can be deleted.
     *
     * <p>The snapshot is not changed, and may stand where nothing can be written. Whether its blobs are right is for {@link
     * ReadOnlyBlobStore#verify()} to say.
     *
     * @param snapshot the directory of a snapshot that was not opened as a store since it was made; it may have been read
     * @param directory the store's directory, missing or empty
     * @param pace how many bytes are copied each second, and who is told of their progress; links do not count
     * @throws NotAStoreException if there is no snapshot, or one that is not complete
     * @throws java.nio.file.FileAlreadyExistsException if the directory is not empty, or the snapshot was opened as a store
     * @throws ForeignFileException if the snapshot has a file of another store
     * @throws UnsupportedFormatException if the snapshot has a newer format version
     * @throws CorruptBlobException if both copies of the snapshot's identity are damaged
     * @throws DiskFullException if there is no space for copies
     * @throws java.io.InterruptedIOException if the thread is interrupted, which ends it
     * @throws IOException if the snapshot cannot be read or the store cannot be written
     */
    public static void restore(Path snapshot, Path directory, Pace pace) throws IOException {
        new Restoration(BlobStoreBuilder.usualEnvironment(IndexKind.AUTOMATIC), Pacer.of(pace))
                .restore(snapshot, directory);
    }

    /**
     * Repairs an encrypted store that is not open, as {@link #repair(Path)} does. An arena file whose header is damaged is lost
     * as a whole.
     *
     * @param directory the store's directory
     * @param keys the keys of the store
     * @return what was repaired and what was lost
     * @throws org.blobarena.store.crypt.StoreKeyException if a key is missing or wrong, or the store is not encrypted; nothing
     *     is changed
     * @throws IOException under the conditions of {@link #repair(Path)}
     * @throws IllegalStateException if there is no index that can be used in this JVM
     */
    public static RepairReport repair(Path directory, KeySource keys) throws IOException {
        return new StoreRepair(
                        BlobStoreBuilder.usualEnvironment(IndexKind.AUTOMATIC), Objects.requireNonNull(keys, "keys"))
                .repair(directory);
    }

    /**
     * Returns a view whose writes have this durability; closing either closes both. Removals, conditional writes, streams
     * and {@linkplain #asMap() maps} of the view have it too.
     *
     * @param durability the durability guaranteed when a write returns
     * @return a view of this store with the same compression and expiry
     */
    public BlobStore<K> withDurability(Durability durability) {
        return with(options.with(Objects.requireNonNull(durability, "durability")));
    }

    /**
     * Returns a view whose writes use this compression; closing either closes both. Conditional writes, streams and
     * {@linkplain #asMap() maps} of the view use it too.
     *
     * @param compression how blobs are stored
     * @return a view of this store with the same durability and expiry
     * @throws IllegalStateException if the library for the compression is missing; the message names it
     */
    public BlobStore<K> withCompression(Compression compression) {
        BlockCodec.requirePresent(Objects.requireNonNull(compression, "compression"));
        return with(options.with(compression));
    }

    /**
     * Returns a view whose writes have this expiry; closing either closes both. Conditional writes, batches, streams and
     * {@linkplain #asMap() maps} of the view have it too.
     *
     * @param expiry when blobs expire
     * @return a view of this store with the same durability and compression
     */
    public BlobStore<K> withExpiry(Expiry expiry) {
        return with(options.with(Objects.requireNonNull(expiry, "expiry")));
    }

    private BlobStore<K> with(WriteOptions replacement) {
        engine.requireOpen();
        return new BlobStore<>(engine, codec, replacement);
    }

    // ---- writing

    /**
     * Stores a blob, replacing any existing one.
     *
     * @param key the key
     * @param blob the blob
     * @throws BlobTooLargeException if the key or the blob is too large; nothing is written
     * @throws WritesRefusedException if the store has to be reopened after an earlier failure
     * @throws DiskFullException if there is no space; the key keeps its old blob
     * @throws IOException if the blob cannot be written; the key keeps its old blob
     */
    public void put(K key, byte[] blob) throws IOException {
        writes.put(codec, key, ByteBuffer.wrap(blob), options);
    }

    /**
     * Stores a blob that expires, replacing any existing one. {@link #withExpiry} returns a view for all other writes.
     *
     * @param key the key
     * @param blob the blob
     * @param expiry when it expires
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public void put(K key, byte[] blob, Expiry expiry) throws IOException {
        WriteOptions expiring = options.with(Objects.requireNonNull(expiry, "expiry"));
        writes.put(codec, key, ByteBuffer.wrap(blob), expiring);
    }

    /**
     * Stores a blob, replacing any existing one.
     *
     * @param key the key
     * @param blob the blob, from position to limit; on success the position moves to the limit
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public void put(K key, ByteBuffer blob) throws IOException {
        writes.put(codec, key, blob.duplicate(), options);
        blob.position(blob.limit());
    }

    /**
     * Stores the content of a stream, replacing any existing blob. Whatever its length, this uses at most about 1 MiB of
     * memory. Readers see the old blob until the new one is complete, and a slow stream delays nobody.
     *
     * @param key the key
     * @param blob the stream, which is read to its end and not closed
     * @throws BlobTooLargeException if the key or the blob is too large; nothing of the blob remains
     * @throws DiskFullException if there is no space; the key keeps its old blob
     * @throws StoreClosedException if the store is closed meanwhile
     * @throws IOException if the stream throws it or the blob cannot be written; the key keeps its old blob
     */
    public void put(K key, InputStream blob) throws IOException {
        BlobSource.put(Objects.requireNonNull(blob, "blob"), sink(key));
    }

    /**
     * Stores the content of a file, replacing any existing blob. Uses at most about 1 MiB of memory.
     *
     * @param key the key
     * @param file the file; a symbolic link is followed
     * @throws BlobTooLargeException if the key or the file is too large; nothing is written
     * @throws IOException if the file cannot be read, or under the conditions of {@link #put(Object, InputStream)}
     */
    public void put(K key, Path file) throws IOException {
        EncodedKey encoded = encoded(key);
        try (BlobSource.Opened opened = BlobSource.Opened.open(file)) {
            BlobSource.put(opened.stream(), writes.sink(encoded, opened.bytes(), options));
        }
    }

    /**
     * Stores what a function writes, replacing any existing blob.
     *
     * <pre>{@code
     * store.put(key, out -> {
     *     try (OutputStream zipped = new GZIPOutputStream(out)) {
     *         page.writeTo(zipped);
     *     }
     * });
     * }</pre>
     *
     * <p>The blob is stored when the function returns. If the function throws, the key keeps its old blob and nothing of the
     * new one remains. This uses at most about 1 MiB of memory. The function runs in the calling thread without any lock; it
     * may be slow, and may use the store.
     *
     * @param key the key
     * @param blob writes the blob
     * @throws BlobTooLargeException if the key or the blob is too large; nothing of the blob remains
     * @throws DiskFullException if there is no space; the key keeps its old blob
     * @throws StoreClosedException if the store is closed meanwhile
     * @throws IOException if the function throws it or the blob cannot be written, even if the function ignores the failure
     *     of a write; the key keeps its old blob
     */
    public void put(K key, BlobWriter blob) throws IOException {
        BlobSource.put(Objects.requireNonNull(blob, "blob"), sink(key));
    }

    /**
     * Opens a stream whose {@link BlobOutputStream#commit} stores a blob, replacing any existing one. If the stream is closed
     * without a commit, the key keeps its old blob. {@link #put(Object, BlobWriter)} needs no commit and no close.
     *
     * @param key the key
     * @return a stream, to be committed and closed
     * @throws BlobTooLargeException if the key is too large
     */
    public BlobOutputStream newOutputStream(K key) {
        return new BlobOutputStream(sink(key), engine.directory());
    }

    /**
     * Stores a blob if the key is absent.
     *
     * @param key the key
     * @param blob the blob
     * @return whether the blob was stored
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public boolean putIfAbsent(K key, byte[] blob) throws IOException {
        return putIfAbsent(key, ByteBuffer.wrap(blob));
    }

    /**
     * Stores a blob if the key is absent.
     *
     * @param key the key
     * @param blob the blob, from position to limit; when it is stored, the position moves to the limit
     * @return whether the blob was stored
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public boolean putIfAbsent(K key, ByteBuffer blob) throws IOException {
        boolean stored = writes.putIf(encoded(key), Objects::isNull, blob.duplicate(), options);
        if (stored) {
            blob.position(blob.limit());
        }
        return stored;
    }

    /**
     * Stores a blob if the key is present.
     *
     * @param key the key
     * @param blob the blob
     * @return whether the blob was stored
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public boolean replace(K key, byte[] blob) throws IOException {
        return writes.putIf(encoded(key), Objects::nonNull, ByteBuffer.wrap(blob), options);
    }

    /**
     * Stores a blob if the key has an expected one, which is read.
     *
     * @param key the key
     * @param expected the expected content
     * @param blob the blob
     * @return whether the blob was stored
     * @throws CorruptBlobException if the blob that the key has is damaged
     * @throws IOException under the conditions of {@link #put(Object, byte[])}
     */
    public boolean replaceIfEqual(K key, byte[] expected, byte[] blob) throws IOException {
        Objects.requireNonNull(expected, "expected");
        return new ConditionalWrites(engine, options)
                .put(encoded(key), before -> Arrays.equals(before, expected), blob)
                .isDone();
    }

    /**
     * Stores many blobs, replacing existing ones, with one flush or one force for all of them; if they are many, for every
     * {@value BatchWriter#CHUNK_KEYS_MAX} keys, 16 MiB or arena file. Other writers of these keys wait that long.
     *
     * <p>Each blob is stored and becomes visible atomically; the batch does not. Readers may see a part of it, as may an
     * opening after a crash. If the batch fails, the blobs up to some point in the order of the map are stored and the rest
     * are not. Only if the index lacks space on a full disk may later blobs be stored too, for keys that were present. Of two
     * keys with the same bytes the later one counts.
     *
     * @param blobs the blobs by key
     * @throws BlobTooLargeException if a key or a blob is too large; nothing is written
     * @throws NullPointerException if a key or a blob is null; nothing is written
     * @throws WritesRefusedException if the store has to be reopened after an earlier failure
     * @throws DiskFullException if there is no space for all of them
     * @throws IOException if not all of them can be written
     */
    public void putAll(Map<? extends K, byte[]> blobs) throws IOException {
        BatchWriter batch = new BatchWriter(writes, options);
        for (Map.Entry<? extends K, byte[]> entry : blobs.entrySet()) {
            batch.addPut(encoded(entry.getKey()), ByteBuffer.wrap(entry.getValue()));
        }
        long unused = batch.write();
    }

    /**
     * Removes a key. When this returns, the absence of the key is durable, even if another caller removed it.
     *
     * @param key the key
     * @return whether the key was present
     * @throws WritesRefusedException if the store has to be reopened after an earlier failure
     * @throws DiskFullException if there is no space, not even in what is reserved for removals; the key keeps its blob
     * @throws IOException if the removal cannot be written; the key keeps its blob
     */
    public boolean remove(K key) throws IOException {
        return writes.removeIf(encoded(key), present -> true, options.durability());
    }

    /**
     * Removes a key if it has an expected blob, which is read.
     *
     * @param key the key
     * @param expected the expected content
     * @return whether the key was removed
     * @throws CorruptBlobException if the blob that the key has is damaged
     * @throws IOException under the conditions of {@link #remove}
     */
    public boolean removeIfEqual(K key, byte[] expected) throws IOException {
        Objects.requireNonNull(expected, "expected");
        return new ConditionalWrites(engine, options)
                .remove(encoded(key), before -> Arrays.equals(before, expected))
                .isDone();
    }

    /**
     * Removes many keys, with as few flushes or forces as {@link #putAll}. Each removal is atomic; the batch is not. If the
     * batch fails, the keys up to some point are removed and the rest are not. A key given twice counts once.
     *
     * @param keys the keys, all of which are held in memory
     * @return how many of them were present
     * @throws BlobTooLargeException if a key is too large; nothing is removed
     * @throws NullPointerException if a key is null; nothing is removed
     * @throws IOException under the conditions of {@link #remove}, for the keys that remain
     */
    public long removeAll(Iterable<? extends K> keys) throws IOException {
        BatchWriter batch = new BatchWriter(writes, options);
        keys.forEach(key -> batch.addRemoval(encoded(key)));
        return batch.write();
    }

    /**
     * Forces all writes that have returned to the device, whatever their durability.
     *
     * @throws IOException if the device reports an error; the store then refuses writes until it is reopened
     */
    public void force() throws IOException {
        writes.force();
    }

    // ---- reading

    /**
     * Reads a blob into a new array.
     *
     * @param key the key
     * @return the blob, or null if the key is absent
     * @throws BlobTooLargeException if the blob is longer than {@link BlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if the blob is damaged
     * @throws IOException if the blob cannot be read
     */
    public byte @Nullable [] get(K key) throws IOException {
        return reads.get(codec, Objects.requireNonNull(key, "key"));
    }

    /**
     * Reads a blob into a buffer.
     *
     * @param key the key
     * @param target the buffer, whose position moves by the blob's length
     * @return the blob's length in bytes, or empty if the key is absent
     * @throws BufferOverflowException if the blob is longer than what remains in the buffer, which is unchanged; {@link
     *     #sizeOf} returns the length
     * @throws CorruptBlobException if the blob is damaged; the position is unchanged, the bytes behind it are not
     * @throws IOException if the blob cannot be read
     */
    public OptionalInt get(K key, ByteBuffer target) throws IOException {
        return keyed.get(key, target);
    }

    /**
     * Reads a blob into a buffer that is reused, or into a larger one if the blob does not fit.
     *
     * <pre>{@code
     * ByteBuffer blob = store.get(key, buffer, ByteBuffer::allocateDirect);
     * }</pre>
     *
     * @param key the key
     * @param reused the buffer, which is cleared, and used if its capacity suffices
     * @param allocator returns a buffer of at least the given capacity in bytes, which is cleared. It runs without a lock,
     *     and again if the key has a longer blob by then
     * @return the buffer used, with the blob from its position 0 to its limit, or null if the key is absent
     * @throws BufferOverflowException if the allocator returns less than the requested capacity
     * @throws BlobTooLargeException if a buffer of more than {@link BlobStoreBuilder#maxBlobBytes} would be allocated
     * @throws CorruptBlobException if the blob is damaged; the content of the buffer has changed
     * @throws IOException if the blob cannot be read
     */
    public @Nullable ByteBuffer get(K key, ByteBuffer reused, IntFunction<? extends ByteBuffer> allocator)
            throws IOException {
        Objects.requireNonNull(allocator, "allocator");
        Objects.requireNonNull(key, "key");
        ByteBuffer target = reused.clear();
        while (true) {
            long length = reads.get(codec, key, target);
            if (length < 0) {
                return null;
            }
            if (length <= target.capacity()) {
                return target.flip();
            }
            target = allocate(length, allocator);
        }
    }

    private ByteBuffer allocate(long length, IntFunction<? extends ByteBuffer> allocator) {
        OpenRecord.requireFitsMemory(length, engine.settings().maxBlobBytes());
        ByteBuffer allocated = allocator.apply((int) length).clear();
        if (allocated.capacity() < length) {
            throw new BufferOverflowException();
        }
        return allocated;
    }

    /**
     * Reads a blob into a file, atomically: observers see the old file or the whole verified blob, even after a loss of
     * power. The new file has the permissions of the old one, and its owner and group where the process may set them. If
     * there is no old file, those who can read the store can read the new one.
     *
     * @param key the key
     * @param file the file, which is replaced, as is a symbolic link. A temporary file beside it, {@code
     *     .blobarena-*.part}, stays if the process dies
     * @return the blob's length in bytes, or empty if the key is absent and the file is unchanged
     * @throws CorruptBlobException if the blob is damaged; the file is unchanged
     * @throws IOException if the blob cannot be read or the file cannot be written; the file is unchanged
     */
    public OptionalLong get(K key, Path file) throws IOException {
        return keyed.get(key, file);
    }

    /**
     * Reads a blob as UTF-8 text.
     *
     * @param key the key
     * @return the text, or null if the key is absent
     * @throws CharacterCodingException if the blob is not well-formed UTF-8
     * @throws BlobTooLargeException if the blob is longer than {@link BlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if the blob is damaged
     * @throws IOException if the blob cannot be read
     */
    public @Nullable String getString(K key) throws IOException {
        StringBuilder text = new StringBuilder();
        return appendTo(key, text) ? text.toString() : null;
    }

    /**
     * Appends a blob to a text, as UTF-8.
     *
     * @param key the key
     * @param target the text, which is unchanged if the key is absent or this method throws
     * @return whether the key is present
     * @throws IOException under the conditions of {@link #getString}
     */
    public boolean appendTo(K key, StringBuilder target) throws IOException {
        Objects.requireNonNull(target, "target");
        try (Scratch lent = Scratch.tryLend()) {
            ByteBuffer blob = verified(key, lent);
            if (blob == null) {
                return false;
            }
            append(blob, target);
            return true;
        }
    }

    private static void append(ByteBuffer blob, StringBuilder target) throws IOException {
        int length = target.length();
        boolean complete = false;
        try (Utf8Decoder decoder = Utf8Decoder.rejecting()) {
            decoder.append(blob, true, target);
            complete = true;
        } finally {
            if (!complete) {
                target.setLength(length);
            }
        }
    }

    /**
     * Applies a function to a blob in the buffer that it was read into, without a copy. The blob is verified first. A new
     * array is read instead, as by {@link #get(Object)}, if the blob with its key and a header of 32 bytes exceeds 64 KiB, or
     * while {@value Scratch#LENT_COUNT} such buffers are in use in the process, so that slow functions hold no more memory.
     *
     * <p>The function runs in the calling thread without any lock. It may use the store, and close it.
     *
     * @param <R> the type of the result
     * @param key the key
     * @param function the function; its buffer is valid during the call
     * @return the result, or null if the key is absent and the function is not called
     * @throws BlobTooLargeException if the blob is longer than {@link BlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if the blob is damaged
     * @throws IOException if the blob cannot be read or the function throws it
     */
    public <R> @Nullable R read(K key, BlobFunction<R> function) throws IOException {
        Objects.requireNonNull(function, "function");
        try (Scratch lent = Scratch.tryLend()) {
            ByteBuffer blob = verified(key, lent);
            return blob == null ? null : function.apply(blob);
        }
    }

    /** A blob to look at, in the buffer that was lent, or a copy if none was. */
    private @Nullable ByteBuffer verified(K key, @Nullable Scratch lent) throws IOException {
        if (lent != null) {
            return reads.verified(codec, Objects.requireNonNull(key, "key"), lent);
        }
        byte[] copy = get(key);
        return copy == null ? null : ByteBuffer.wrap(copy).asReadOnlyBuffer();
    }

    /**
     * Reads a part of a blob. Reads and verifies the blocks of 64 KiB that contain it and the table of their checksums,
     * which has 4 bytes for each block of the blob.
     *
     * @param key the key
     * @param offset the first byte in the blob, 0 to the blob's length; at its length nothing is read
     * @param target the buffer, filled from its position to its limit or the end of the blob; the position moves
     * @return the number of bytes read, or empty if the key is absent
     * @throws IndexOutOfBoundsException if the offset is negative, or greater than the length of a present blob
     * @throws CorruptBlobException if what is read is damaged; the position is unchanged, the bytes behind it are not
     * @throws IOException if the blob cannot be read
     */
    public OptionalInt read(K key, long offset, ByteBuffer target) throws IOException {
        return keyed.read(key, offset, target);
    }

    /**
     * Opens a blob for reading. The stream returns the blob as it is now, whatever happens to the key, until the stream is
     * closed. It uses two blocks of 64 KiB of memory, and 4 bytes for each block of the blob.
     *
     * @param key the key
     * @return a stream, to be closed, or null if the key is absent
     * @throws CorruptBlobException if the record is damaged; a damaged block is found when it is read
     * @throws IOException if the blob cannot be read
     */
    public @Nullable BlobInputStream openStream(K key) throws IOException {
        return keyed.openStream(key);
    }

    /**
     * Writes a blob to a channel, such as a socket or a file, in verified blocks of 64 KiB. These do not pass through the
     * heap unless the blob is short, or {@value Scratch#LENT_COUNT} transfers are in progress in the process: further ones
     * use 8 KiB of heap each and read more often, so that slow targets hold little memory.
     *
     * @param key the key
     * @param target the channel, written from its position and not closed
     * @return the blob's length in bytes, or empty if the key is absent
     * @throws java.nio.channels.IllegalBlockingModeException if the channel is in non-blocking mode
     * @throws CorruptBlobException if the blob is damaged; what precedes the damage is written
     * @throws StoreClosedException if the store is closed meanwhile
     * @throws IOException if the blob cannot be read or the channel cannot be written
     */
    public OptionalLong transferTo(K key, WritableByteChannel target) throws IOException {
        return keyed.transferTo(key, target);
    }

    /**
     * Returns whether a key is present. Reads the index only, or if the blob's arena file has blobs that expire, the start
     * of the record.
     *
     * @param key the key
     * @return whether the key is present, even if its blob is damaged
     * @throws UncheckedIOException if the record is read and that fails, or if the index is damaged
     */
    public boolean contains(K key) {
        return keyed.contains(key);
    }

    /**
     * Returns the length of a blob. Reads the index only, or if the blob's arena file has blobs that are compressed or
     * expire, the start of the record.
     *
     * @param key the key
     * @return the length in bytes, or empty if the key is absent
     * @throws CorruptBlobException if the record is read and damaged
     * @throws IOException if the record cannot be read
     */
    public OptionalLong sizeOf(K key) throws IOException {
        return keyed.sizeOf(key);
    }

    /**
     * Returns where and how a blob is stored. Reads the start of the record, and of a compressed or long blob also a table
     * of 4 bytes for each block of 64 KiB.
     *
     * @param key the key
     * @return the record at this moment, or null if the key is absent
     * @throws CorruptBlobException if what is read is damaged
     * @throws IOException if the record cannot be read
     */
    public @Nullable RecordInfo describe(K key) throws IOException {
        return keyed.describe(key);
    }

    /**
     * Reads the blobs of many keys into a new map.
     *
     * @param keys the keys
     * @return the blobs of the keys that are present, by the key objects given
     * @throws IOException under the conditions of {@link #getAll(Iterable, BiConsumer)}
     */
    public Map<K, byte[]> getAll(Iterable<? extends K> keys) throws IOException {
        Map<K, byte[]> blobs = new HashMap<>();
        getAll(keys, blobs::put);
        return blobs;
    }

    /**
     * Visits the blobs of many keys. They are read in the order of the disk, neighbours together, by several threads ahead of
     * the visit. A few megabytes are read ahead, whatever the number of keys.
     *
     * <p>Each blob is one that its key had during the call; together they are no snapshot. A key given twice is visited
     * twice, an absent key not at all. The action runs in the calling thread and may use the store.
     *
     * @param keys the keys, which are sorted by location {@value BatchReader#CHUNK_KEYS} at a time
     * @param action receives the key object given and a new array
     * @throws BlobTooLargeException if a blob is longer than {@link BlobStoreBuilder#maxBlobBytes}; the visit ends
     * @throws CorruptBlobException if a blob is damaged; the visit ends
     * @throws IOException if a blob cannot be read; the visit ends
     */
    public void getAll(Iterable<? extends K> keys, BiConsumer<? super K, ? super byte[]> action) throws IOException {
        keyed.getAll(keys, action);
    }

    /**
     * Visits every key and blob, in chunks that are read in the order of the disk. A key that is present throughout is
     * visited exactly once, with its old or new blob if it is written meanwhile. A key that is added or removed meanwhile may
     * be visited or not. The action may use the store.
     *
     * @param action receives the key and a new array
     * @throws BlobTooLargeException if a blob is longer than {@link BlobStoreBuilder#maxBlobBytes}; the visit ends
     * @throws CorruptBlobException if a blob is damaged; the visit ends
     * @throws IOException if a blob cannot be read; the visit ends
     */
    public void forEach(BiConsumer<? super K, ? super byte[]> action) throws IOException {
        keyed.forEach(action);
    }

    /**
     * Returns the keys in no particular order, as consistent as {@link #forEach}. The stream reads them from the disk, and
     * throws {@link UncheckedIOException} if that fails.
     *
     * @return a stream, to be closed unless it is read to its end
     */
    public Stream<K> keys() {
        return keyed.keys();
    }

    /**
     * Returns the number of keys. Blobs that have expired count until they are swept, which happens within seconds, but only
     * by {@link #compact} and {@link #stats} if there is no automatic compaction.
     *
     * @return the number of keys, exact while nobody writes and no blob expires
     */
    public long size() {
        return reads.size();
    }

    /**
     * Returns this store as a map of arrays. The map, its entries and its views compare and hash arrays by content; a {@code
     * HashMap} compares them by identity.
     *
     * @return the map that {@link #asMap(ValueCodec)} returns for {@link ValueCodec#bytes}
     */
    public ConcurrentMap<K, byte[]> asMap() {
        return asMap(ValueCodec.bytes());
    }

    /**
     * Returns this store as a map. The map is valid as long as the store is open.
     *
     * <p>The map keeps the contracts of {@code java.util.concurrent}. Single operations are atomic and visible as those of
     * the store. {@code compute} and similar methods hold no lock and may run their function several times; a function that
     * changes its own key runs forever. Views write through. Iterators are as consistent as {@link #forEach} and support
     * {@code remove}. {@code putAll} and {@code clear} are as atomic as {@link #putAll}. Null is refused everywhere. An object
     * that the key codec cannot encode is absent.
     *
     * <p>Values are equal when {@code equals} says so; arrays of bytes, when their content is equal. {@code containsValue}
     * reads all blobs, as does {@code contains} of the values. {@code size} is at most {@link Integer#MAX_VALUE}. {@code put}
     * and {@code remove} read the blob that they return, and fail if it is damaged; the methods of the store do not read it.
     * Failures to read or write are {@link UncheckedIOException}s.
     *
     * @param <V> the type of values
     * @param values the encoding of values as blobs
     * @return a map that writes with the options of this view
     */
    public <V> ConcurrentMap<K, V> asMap(ValueCodec<V> values) {
        return new StoreMap<>(this, engine, codec, Objects.requireNonNull(values, "values"));
    }

    // ---- the whole store

    /**
     * Returns what the store holds now.
     *
     * @return the figures at one moment
     */
    public StoreStats stats() {
        return engine.stats();
    }

    /**
     * Returns what each arena file holds now.
     *
     * @return the figures, in the order of the files' ids
     */
    public List<FileStats> fileStats() {
        return engine.fileStats();
    }

    /**
     * Returns the ids of the keys with which the arena files of an encrypted store are encrypted. A key whose id is not among
     * them is needed no more, but by snapshots and copies; see {@link #compact()}.
     *
     * @return the ids, none if the store is not encrypted
     */
    public SortedSet<Integer> keyIds() {
        return engine.keyIds();
    }

    /**
     * Reclaims nearly all dead space now. Reads and writes go on. What dies meanwhile may remain. In an encrypted store this
     * also moves what is encrypted with another key than the current one.
     *
     * @throws DiskFullException if the device has no space for the copies that have to be made first
     * @throws StoreClosedException if the store is closed meanwhile, which ends the compaction
     * @throws IOException if a file cannot be read or written; nothing is lost
     */
    public void compact() throws IOException {
        compact((done, total) -> {});
    }

    /**
     * Reclaims nearly all dead space now, and reports progress.
     *
     * @param progress called from time to time in the calling thread, while compaction goes on; it may use the store, and
     *     close it. This method throws what it throws, and compaction goes on
     * @throws IOException under the conditions of {@link #compact()}
     */
    public void compact(CompactionProgress progress) throws IOException {
        engine.compact(Objects.requireNonNull(progress, "progress"));
    }

    /** Waits for a running compaction to end, and starts no other automatically until {@link #resumeCompaction}. */
    public void pauseCompaction() {
        engine.pauseCompaction();
    }

    /** Ends the effect of {@link #pauseCompaction}. */
    public void resumeCompaction() {
        engine.resumeCompaction();
    }

    /**
     * Makes another store with the content of this one at one moment: all writes that returned before the call, and none
     * that begins after it. Its arena files are hard links to those of this store where the file system supports them, which
     * takes no space and little time. Elsewhere they are copies. Both stores go on independently.
     * The snapshot is complete and on the device when this method returns. After a failure or a crash the directory is no
     * store; it can be deleted, or be given to {@link #updateSnapshot}.
     *
     * <p>Each copy is read back and compared with what was read. Reads, writes and compaction go on meanwhile; a file that
     * compaction replaces keeps its space until it is copied.
     *
     * <p>A file that two snapshots share, or a snapshot and the store, has the same name in both and never changes, so that
     * bringing a copy of a snapshot up to a later one transfers new files only. It must also delete the files that the later
     * one lacks, as {@code rsync --delete} does, because they may hold what was removed. A snapshot has the identity of its
     * store: neither refuses the files of the other as foreign.
     *
     * @param directory the directory, missing or empty
     * @throws java.nio.file.FileAlreadyExistsException if the directory is not empty
     * @throws DiskFullException if there is no space for copies, or for the end of the file that takes records
     * @throws StoreClosedException if the store is closed meanwhile, which ends it
     * @throws IOException if the snapshot cannot be made
     */
    public void snapshot(Path directory) throws IOException {
        engine.snapshot(Objects.requireNonNull(directory, "directory"), false, null);
    }

    /**
     * Makes a snapshot as {@link #snapshot(Path)} does, at a pace.
     *
     * @param directory the directory, missing or empty
     * @param pace how many bytes are copied each second, and who is told of their progress; links do not count
     * @throws java.io.InterruptedIOException if the thread is interrupted, which ends it
     * @throws IOException under the conditions of {@link #snapshot(Path)}
     */
    public void snapshot(Path directory, Pace pace) throws IOException {
        engine.snapshot(Objects.requireNonNull(directory, "directory"), false, Objects.requireNonNull(pace, "pace"));
    }

    /**
     * Makes a snapshot in the directory of an earlier one of this store, which it replaces; or in one that is missing or
     * empty. Only files that the earlier one lacks are copied, those that the new one does not need are deleted. The rest is as in
     * {@link #snapshot(Path)}.
     *
     * <p>After a failure or a crash the directory is the earlier snapshot or the new one; or, if it comes in the short time when
     * names are exchanged, no store, until this has been called again and has returned. Nobody may read the snapshot at that time.
     *
     * <p>Whether a file is there already is seen by its id, its length, its first 64 KiB and its last 256 KiB. That is enough for
     * snapshots of one store. If two stores have gone on from one snapshot, each needs directories of its own.
     *
     * @param directory the directory
     * @param pace how many bytes are copied each second, and who is told of their progress
     * @throws ForeignFileException if the directory has a snapshot of another store
     * @throws java.nio.file.FileAlreadyExistsException if the directory has other files, or was opened as a store, so that it may
     *     have changed
     * @throws java.io.InterruptedIOException if the thread is interrupted, which ends it
     * @throws IOException under the conditions of {@link #snapshot(Path)}
     */
    public void updateSnapshot(Path directory, Pace pace) throws IOException {
        engine.snapshot(Objects.requireNonNull(directory, "directory"), true, Objects.requireNonNull(pace, "pace"));
    }

    /**
     * Reads everything, verifies every checksum, and compares the index with one that is made of the files in the JVM's
     * temporary directory. Changes nothing in the store.
     *
     * <p>Reads, writes and compaction go on. What there is when this is called is read; what is written later is not, and what
     * compaction replaces before its turn comes is not either, as compaction compares the checksums of all that it copies. Each
     * damaged place is reported once. A file that is being read is deleted after that. While the index is compared, one
     * descriptor is open for each arena file, and what has been deleted since the comparison began keeps its space.
     *
     * @return what was read and what is damaged
     * @throws StoreClosedException if the store is closed meanwhile, which ends it
     * @throws IOException if the comparison cannot be made
     */
    public VerifyReport verify() throws IOException {
        return engine.verify(null);
    }

    /**
     * Verifies everything as {@link #verify()} does, at a pace.
     *
     * @param pace how many bytes of arena files are read each second, and who is told of their progress
     * @return what was read and what is damaged
     * @throws java.io.InterruptedIOException if the thread is interrupted, which ends it
     * @throws IOException under the conditions of {@link #verify()}
     */
    public VerifyReport verify(Pace pace) throws IOException {
        return engine.verify(Objects.requireNonNull(pace, "pace"));
    }

    /**
     * Closes the store and all its views. Waits for operations in progress, forces everything to the device, and leaves the
     * mark by which the next opening reuses the index. Closing again has no effect. A store that is dropped without a close is
     * closed when the garbage collector finds it, which is logged.
     *
     * @throws IOException if not everything could be forced; the store is closed nevertheless, and the next opening recovers
     *     it
     */
    @Override
    public void close() throws IOException {
        engine.close();
    }

    /** For tests. */
    StoreEngine engine() {
        return engine;
    }

    /** Lets go of everything as a dying process would. For tests. */
    void crash() throws IOException {
        engine.crash();
    }

    /** How this view writes. */
    WriteOptions options() {
        return options;
    }

    /** For a blob of unknown length. */
    private BlobSink sink(K key) {
        return writes.sink(encoded(key), 0, options);
    }

    private EncodedKey encoded(K key) {
        return hasher.encoded(EncodedKey.bytesOf(codec, key));
    }
}
