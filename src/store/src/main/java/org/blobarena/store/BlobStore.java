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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.blobarena.arena.io.Scratch;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/**
 * A persistent map from keys to blobs, in one directory, for one process at a time.
 *
 * <pre>{@code
 * try (BlobStore<String> pages = BlobStore.open(directory, KeyCodec.utf8())) {
 *     pages.put("https://example.org/", body);
 *     byte[] again = pages.get("https://example.org/"); // null when absent
 *     pages.remove("https://example.org/");
 * }
 * }</pre>
 *
 * <p>Blobs stay on disk; memory holds about 40 bytes of index per key, mapped from a file. An empty key and an
 * empty blob are legal, null is not. Arguments are copied or used up before a method returns: arrays and
 * buffers are the caller's again. Until then keys and blobs must not change, since what other threads change meanwhile may be
 * stored in part, and be damaged then; keys of an {@link Iterable} may when the next one is asked for.
 *
 * <p><b>Threads.</b> All methods are safe from any thread. Each operation on one key is atomic, and visible to
 * every thread once it has returned; readers never wait for writers. {@link #close} waits for the operations in
 * flight; later ones get a {@link StoreClosedException}. An interrupt neither fails an operation nor closes a
 * file; the flag stays set.
 *
 * <p><b>Failure.</b> Every method that reads or writes may throw an {@link IOException}. A write that throws has
 * changed nothing that can be read; whether it is there after a crash is open only if a force failed. Damage on
 * disk is a {@link CorruptBlobException} for the keys that it concerns, and for no other. A full disk is a {@link
 * DiskFullException} for whoever writes, while reads go on; removals go on for a while, out of a file of at most
 * 256 KiB that is kept for them.
 *
 * @param <K> the keys
 */
public final class BlobStore<K> implements Closeable {

    /**
     * By how many arena files of the greatest length the store may be longer than {@link BlobStoreBuilder#maxDeadShare}
     * says, while it is written to: the one that takes records, those that compaction reads and writes, and what it is
     * behind.
     */
    public static final int FILES_BEYOND_BOUND = 8;

    private final StoreEngine engine;
    private final KeyCodec<K> codec;
    private final Compression compression;

    BlobStore(StoreEngine engine, KeyCodec<K> codec, Compression compression) {
        this.engine = engine;
        this.codec = codec;
        this.compression = compression;
    }

    /**
     * Opens a store with the usual options, and makes it when the directory is missing or empty.
     *
     * @param <K> the keys
     * @param directory the store's directory
     * @param codec how keys become bytes; the same for the life of the store
     * @return the store, to be closed
     * @throws IOException as of {@link BlobStoreBuilder#open}
     */
    public static <K> BlobStore<K> open(Path directory, KeyCodec<K> codec) throws IOException {
        return builder(codec).open(directory);
    }

    /**
     * Takes damaged files out of a store that is not open, and keeps everything else: afterwards it opens without
     * damage. What can be read of such a file goes to a new one; the file itself gets another name in the same
     * directory and is no part of the store any more. A key whose blob is lost is absent, and listed; no older blob of
     * it comes back. A foreign or newer file is refused as by an opening. The next opening makes the index anew.
     *
     * <p>Needs room on the device for copies of what can be read of the damaged files, room in the JVM's temporary
     * directory for two indexes, heap for the largest blob, and some for each lost one. If the process dies in the
     * middle, nothing more is lost, and the repair can be repeated.
     *
     * @param directory the store's directory
     * @return what was done and what was lost
     * @throws NotAStoreException if there is no store
     * @throws StoreLockedException if it is open
     * @throws ForeignFileException if an arena file belongs to another store
     * @throws UnsupportedFormatException if a file is of a newer format version
     * @throws CorruptBlobException if both copies of the store's identity are damaged
     * @throws DiskFullException if there is no space for the copies; nothing was changed
     * @throws IOException if the store cannot be read or written
     * @throws IllegalStateException if the JVM refuses the access to its internals that an index needs
     */
    public static RepairReport repair(Path directory) throws IOException {
        return new StoreRepair(BlobStoreBuilder.usualSeams()).repair(directory);
    }

    /**
     * Starts with the usual options.
     *
     * @param <K> the keys
     * @param codec how keys become bytes; the same for the life of the store
     * @return a builder, for one thread
     */
    public static <K> BlobStoreBuilder<K> builder(KeyCodec<K> codec) {
        return new BlobStoreBuilder<>(codec);
    }

    /**
     * This store, but that blobs are put with a compression of the caller's choice, streams included. All else is the
     * same, and the same store: a close of either closes both.
     *
     * @param choice how blobs are stored
     * @return a view of the store
     * @throws IllegalStateException if the library for it is missing; the message names it
     */
    public BlobStore<K> compressing(Compression choice) {
        BlockCodec.requirePresent(Objects.requireNonNull(choice, "choice"));
        engine.requireOpen();
        return new BlobStore<>(engine, codec, choice);
    }

    // ---- writing

    /**
     * Stores a blob, in place of one that the key may have, as durably as the store's option says.
     *
     * @param key the key
     * @param blob the blob
     * @throws BlobTooLargeException if the key or the blob is too large; nothing was written
     * @throws WritesRefusedException if an earlier failure has to be resolved by reopening
     * @throws DiskFullException if there is no space; the key has its old blob
     * @throws IOException if it cannot be written; the key has its old blob
     */
    public void put(K key, byte[] blob) throws IOException {
        put(key, ByteBuffer.wrap(blob), engine.settings().durability());
    }

    /**
     * Stores a blob, in place of one that the key may have.
     *
     * @param key the key
     * @param blob the blob
     * @param durability what it shall have survived when this method returns
     * @throws IOException as of {@link #put(Object, byte[])}
     */
    public void put(K key, byte[] blob, Durability durability) throws IOException {
        put(key, ByteBuffer.wrap(blob), durability);
    }

    /**
     * Stores a blob, in place of one that the key may have, as durably as the store's option says.
     *
     * @param key the key
     * @param blob its remaining bytes are the blob; the position moves to the limit on success
     * @throws IOException as of {@link #put(Object, byte[])}
     */
    public void put(K key, ByteBuffer blob) throws IOException {
        put(key, blob, engine.settings().durability());
    }

    /**
     * Stores a blob, in place of one that the key may have.
     *
     * @param key the key
     * @param blob its remaining bytes are the blob; the position moves to the limit on success
     * @param durability what it shall have survived when this method returns
     * @throws IOException as of {@link #put(Object, byte[])}
     */
    public void put(K key, ByteBuffer blob, Durability durability) throws IOException {
        engine.writes().put(encode(key), blob.duplicate(), mode(durability));
        blob.position(blob.limit());
    }

    /**
     * Stores what a stream has, in place of the blob that the key may have, as durably as the store's option says.
     * Whatever its length, memory is at most about 1 MiB; readers see the old blob until the new one is whole, and
     * a slow stream holds up nobody.
     *
     * @param key the key
     * @param blob read to its end, and not closed
     * @throws BlobTooLargeException if the key is too large, or the blob turns out to be; nothing is left of it
     * @throws DiskFullException if there is no space; the key has its old blob
     * @throws StoreClosedException if the store is closed meanwhile
     * @throws IOException what the stream throws, or that the blob cannot be written; the key has its old blob
     */
    public void put(K key, InputStream blob) throws IOException {
        put(key, blob, engine.settings().durability());
    }

    /**
     * Stores what a stream has, in place of the blob that the key may have.
     *
     * @param key the key
     * @param blob read to its end, and not closed
     * @param durability what it shall have survived when this method returns
     * @throws IOException as of {@link #put(Object, InputStream)}
     */
    public void put(K key, InputStream blob, Durability durability) throws IOException {
        Objects.requireNonNull(blob, "blob");
        BlobSource.put(blob, engine.writes().sink(encode(key), 0, mode(durability)));
    }

    /**
     * Stores the content of a file, in place of the blob that the key may have, as durably as the store's option says.
     * Memory is at most about 1 MiB.
     *
     * @param key the key
     * @param file the file; a symbolic link is followed
     * @throws BlobTooLargeException if the file is too large; nothing was written
     * @throws IOException if the file cannot be read; else as of {@link #put(Object, InputStream)}
     */
    public void put(K key, Path file) throws IOException {
        put(key, file, engine.settings().durability());
    }

    /**
     * Stores the content of a file, in place of the blob that the key may have.
     *
     * @param key the key
     * @param file the file; a symbolic link is followed
     * @param durability what it shall have survived when this method returns
     * @throws IOException as of {@link #put(Object, Path)}
     */
    public void put(K key, Path file, Durability durability) throws IOException {
        byte[] keyBytes = encode(key);
        WriteOptions mode = mode(durability);
        try (BlobSource.Opened opened = BlobSource.Opened.open(file)) {
            BlobSource.put(opened.stream(), engine.writes().sink(keyBytes, opened.bytes(), mode));
        }
    }

    /**
     * Stores what a function of the caller's writes, in place of the blob that the key may have, as durably as the store's
     * option says.
     *
     * <pre>{@code
     * store.put(key, out -> {
     *     try (OutputStream zipped = new GZIPOutputStream(out)) {
     *         page.writeTo(zipped);
     *     }
     * });
     * }</pre>
     *
     * <p>The blob is stored when the function returns, and only then. If it throws anything, the key keeps what it had and
     * nothing is left of what was written. Memory is at most about 1 MiB, and a slow function holds up nobody: it runs in
     * the calling thread without any lock, and may use the store.
     *
     * @param key the key
     * @param blob writes the blob, whose bytes become visible together
     * @throws BlobTooLargeException if the key is too large, or the blob turns out to be; nothing is left of it
     * @throws DiskFullException if there is no space; the key has its old blob
     * @throws StoreClosedException if the store is closed meanwhile
     * @throws IOException what the function throws, or that the blob cannot be written, also where the function has passed
     *     over a failed write; the key has its old blob
     */
    public void put(K key, BlobWriter blob) throws IOException {
        put(key, blob, engine.settings().durability());
    }

    /**
     * Stores what a function of the caller's writes, in place of the blob that the key may have, when it returns.
     *
     * @param key the key
     * @param blob writes the blob, whose bytes become visible together
     * @param durability what it shall have survived when this method returns
     * @throws IOException as of {@link #put(Object, BlobWriter)}
     */
    public void put(K key, BlobWriter blob, Durability durability) throws IOException {
        Objects.requireNonNull(blob, "blob");
        BlobSource.put(blob, engine.writes().sink(encode(key), 0, mode(durability)));
    }

    /**
     * A stream that stores a blob, in place of the one that the key may have, at its {@link BlobOutputStream#commit}, as
     * durably as the store's option says. Until then the key keeps what it has, and for good when the stream is closed
     * without a commit. {@link #put(Object, BlobWriter)} does the same without a stream to close.
     *
     * @param key the key
     * @return a stream, to be committed and closed
     * @throws BlobTooLargeException if the key is too large
     */
    public BlobOutputStream newOutputStream(K key) {
        return newOutputStream(key, engine.settings().durability());
    }

    /**
     * A stream that stores a blob, in place of the one that the key may have, at its {@link BlobOutputStream#commit}.
     *
     * @param key the key
     * @param durability what the blob shall have survived when the commit returns
     * @return a stream, to be committed and closed
     * @throws BlobTooLargeException if the key is too large
     */
    public BlobOutputStream newOutputStream(K key, Durability durability) {
        return new BlobOutputStream(engine.writes().sink(encode(key), 0, mode(durability)));
    }

    /**
     * Stores a blob unless the key has one.
     *
     * @param key the key
     * @param blob the blob
     * @return whether it was stored
     * @throws IOException as of {@link #put(Object, byte[])}
     */
    public boolean putIfAbsent(K key, byte[] blob) throws IOException {
        return engine.writes().putIf(encoded(key), Objects::isNull, ByteBuffer.wrap(blob), mode());
    }

    /**
     * Stores a blob unless the key has one.
     *
     * @param key the key
     * @param blob its remaining bytes are the blob; the position moves to the limit when it is stored
     * @return whether it was stored
     * @throws IOException as of {@link #put(Object, byte[])}
     */
    public boolean putIfAbsent(K key, ByteBuffer blob) throws IOException {
        boolean stored = engine.writes().putIf(encoded(key), Objects::isNull, blob.duplicate(), mode());
        if (stored) {
            blob.position(blob.limit());
        }
        return stored;
    }

    /**
     * Stores a blob if the key has one, as durably as the store's option says.
     *
     * @param key the key
     * @param blob the blob
     * @return whether it was stored
     * @throws IOException as of {@link #put(Object, byte[])}
     */
    public boolean replace(K key, byte[] blob) throws IOException {
        return engine.writes().putIf(encoded(key), Objects::nonNull, ByteBuffer.wrap(blob), mode());
    }

    /**
     * Stores a blob if the key has a given one, as durably as the store's option says. Reads that one.
     *
     * @param key the key
     * @param expected the content that the key must have
     * @param blob the blob
     * @return whether it was stored
     * @throws CorruptBlobException if what the key has is damaged
     * @throws IOException as of {@link #put(Object, byte[])}
     */
    public boolean replaceIfEqual(K key, byte[] expected, byte[] blob) throws IOException {
        Objects.requireNonNull(expected, "expected");
        return new ConditionalWrites(engine, mode())
                .put(encoded(key), before -> Arrays.equals(before, expected), blob)
                .isDone();
    }

    /**
     * Stores many blobs, each in place of one that its key may have, as durably as the store's option says.
     *
     * @param blobs the blobs by key
     * @throws IOException as of {@link #putAll(Map, Durability)}
     */
    public void putAll(Map<? extends K, byte[]> blobs) throws IOException {
        putAll(blobs, engine.settings().durability());
    }

    /**
     * Stores many blobs, each in place of one that its key may have: with one flush, or one force, for all of them,
     * or if they are many, for every {@value BatchWriter#GROUP_KEYS_MAX} keys, 16 MiB or arena file. Other writers of
     * these keys wait that long.
     *
     * <p>Each blob is stored and becomes visible atomically, the batch is not: readers see a part of it on the way,
     * and so does an opening after a crash. If the batch fails, a first part of it, in the order of the map, is stored
     * and the rest is not. Only if it is the index that lacks space on a full disk can blobs behind the failure be
     * stored too, for keys that had one before. Of two keys with the same bytes the later one counts.
     *
     * @param blobs the blobs by key
     * @param durability what they shall have survived when this method returns
     * @throws BlobTooLargeException if a key or a blob is too large; nothing was written
     * @throws NullPointerException if a key or a blob is null; nothing was written
     * @throws WritesRefusedException if an earlier failure has to be resolved by reopening
     * @throws DiskFullException if there is no space for all
     * @throws IOException if not all can be written
     */
    public void putAll(Map<? extends K, byte[]> blobs, Durability durability) throws IOException {
        BatchWriter batch = new BatchWriter(engine.writes(), mode(durability));
        for (Map.Entry<? extends K, byte[]> entry : blobs.entrySet()) {
            batch.addPut(encode(entry.getKey()), ByteBuffer.wrap(entry.getValue()));
        }
        long unused = batch.write();
    }

    /**
     * Removes a key, as durably as the store's option says.
     *
     * @param key the key
     * @return whether it had a blob
     * @throws WritesRefusedException if an earlier failure has to be resolved by reopening
     * @throws DiskFullException if there is no space, not even what the store keeps for removals; the
     *     key has its blob still
     * @throws IOException if the removal cannot be written; the key has its blob still
     */
    public boolean remove(K key) throws IOException {
        return remove(key, engine.settings().durability());
    }

    /**
     * Removes a key.
     *
     * @param key the key
     * @param durability what the absence of the key shall have survived when this method returns, whoever
     *     removed it
     * @return whether it had a blob
     * @throws IOException as of {@link #remove(Object)}
     */
    public boolean remove(K key, Durability durability) throws IOException {
        return engine.writes()
                .removeIf(encoded(key), present -> true, Objects.requireNonNull(durability, "durability"));
    }

    /**
     * Removes a key if it has a given blob, as durably as the store's option says. Reads that one.
     *
     * @param key the key
     * @param expected the content that the key must have
     * @return whether it was removed
     * @throws CorruptBlobException if what the key has is damaged
     * @throws IOException as of {@link #remove(Object)}
     */
    public boolean removeIfEqual(K key, byte[] expected) throws IOException {
        Objects.requireNonNull(expected, "expected");
        return new ConditionalWrites(engine, mode())
                .remove(encoded(key), before -> Arrays.equals(before, expected))
                .isDone();
    }

    /**
     * Removes many keys, as durably as the store's option says.
     *
     * @param keys the keys
     * @return how many of them had a blob
     * @throws IOException as of {@link #removeAll(Iterable, Durability)}
     */
    public long removeAll(Iterable<? extends K> keys) throws IOException {
        return removeAll(keys, engine.settings().durability());
    }

    /**
     * Removes many keys, with as few flushes and forces as {@link #putAll(Map, Durability)}, and as atomically: each
     * by itself. If the batch fails, a first part of it is removed and the rest is not. A key given twice counts once.
     *
     * @param keys the keys, held in memory until they are removed
     * @param durability what the absence of the keys shall have survived when this method returns, whoever removed them
     * @return how many of them had a blob
     * @throws BlobTooLargeException if a key is too large; nothing was removed
     * @throws NullPointerException if a key is null; nothing was removed
     * @throws IOException as of {@link #remove(Object)}, for the rest of the keys
     */
    public long removeAll(Iterable<? extends K> keys, Durability durability) throws IOException {
        BatchWriter batch = new BatchWriter(engine.writes(), mode(durability));
        keys.forEach(key -> batch.addRemoval(encode(key)));
        return batch.write();
    }

    /**
     * Puts everything acknowledged so far on the device, whatever its durability was.
     *
     * @throws IOException if the device reports an error; the store then takes no writes until it is reopened
     */
    public void force() throws IOException {
        engine.writes().force();
    }

    // ---- reading

    /**
     * Reads a blob.
     *
     * @param key the key
     * @return a new array, the caller's, or null when the key is absent
     * @throws BlobTooLargeException if the blob is longer than {@link BlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if what is on disk is not what was written
     * @throws IOException if it cannot be read
     */
    public byte @Nullable [] get(K key) throws IOException {
        return engine.reads().get(encoded(key));
    }

    /**
     * Reads a blob into a buffer.
     *
     * @param key the key
     * @param target the blob goes to its position, which moves by the blob's length
     * @return the blob's length in bytes, or empty when the key is absent
     * @throws BufferOverflowException if the blob is longer than what remains in the buffer, which is unchanged;
     *     {@link #sizeOf} tells the length
     * @throws CorruptBlobException if what is on disk is not what was written; the position is then unchanged,
     *     the bytes behind it are not
     * @throws IOException if it cannot be read
     */
    public OptionalInt get(K key, ByteBuffer target) throws IOException {
        int room = target.remaining();
        long length = engine.reads().get(codec, Objects.requireNonNull(key, "key"), target);
        if (length > room) {
            throw new BufferOverflowException();
        }
        return length < 0 ? OptionalInt.empty() : OptionalInt.of((int) length);
    }

    /**
     * Reads a blob into a buffer that is used again and again, and gets a larger one when it has to.
     *
     * <pre>{@code
     * ByteBuffer blob = store.get(key, buffer, ByteBuffer::allocateDirect);
     * }</pre>
     *
     * @param key the key
     * @param reused is cleared and used if the blob fits its capacity
     * @param allocator else gets the blob's length in bytes and gives a buffer of at least that capacity, which is
     *     cleared as well. It runs without a lock, and again if the key has a longer blob by then
     * @return the buffer used, the blob from its position 0 to its limit, or null when the key is absent
     * @throws BufferOverflowException if the allocator gives less than it was asked for
     * @throws CorruptBlobException if what is on disk is not what was written; the bytes in the buffer have changed
     * @throws BlobTooLargeException if the allocator would have to be asked for more than {@link
     *     BlobStoreBuilder#maxBlobBytes}
     * @throws IOException if it cannot be read
     */
    public @Nullable ByteBuffer get(K key, ByteBuffer reused, IntFunction<? extends ByteBuffer> allocator)
            throws IOException {
        Objects.requireNonNull(allocator, "allocator");
        Objects.requireNonNull(key, "key");
        ByteBuffer target = reused.clear();
        while (true) {
            long length = engine.reads().get(codec, key, target);
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
        RecordReader.requireFitsMemory(length, engine.settings().maxBlobBytes());
        ByteBuffer allocated = allocator.apply((int) length).clear();
        if (allocated.capacity() < length) {
            throw new BufferOverflowException();
        }
        return allocated;
    }

    /**
     * Reads a blob and uses it where it was read to, in a buffer of the store's, without a copy. The blob is
     * verified before the function sees it. A blob that with its key and a header of 32 bytes exceeds 64 KiB is read
     * into a new array instead, as by {@link #get(Object)}; and so is any while {@value Scratch#LENT_COUNT} such buffers are
     * in use in the process, so that slow functions hold no more.
     *
     * <p>The function runs in the calling thread and without any lock; it may use the store, and close it.
     *
     * @param <R> the result
     * @param key the key
     * @param function gets the blob in a buffer that is valid during the call
     * @return what the function returned, or null when the key is absent and the function was not called
     * @throws BlobTooLargeException if the blob is longer than {@link BlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if what is on disk is not what was written
     * @throws IOException if it cannot be read, or the function throws one
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
            return engine.reads().verified(codec, Objects.requireNonNull(key, "key"), lent);
        }
        byte[] copy = get(key);
        return copy == null ? null : ByteBuffer.wrap(copy).asReadOnlyBuffer();
    }

    /**
     * Reads a blob as UTF-8.
     *
     * @param key the key
     * @return the text, or null when the key is absent
     * @throws CharacterCodingException if the blob is not well-formed UTF-8
     * @throws BlobTooLargeException if the blob is longer than {@link BlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if what is on disk is not what was written
     * @throws IOException if it cannot be read
     */
    public @Nullable String getString(K key) throws IOException {
        StringBuilder text = new StringBuilder();
        return appendTo(key, text) ? text.toString() : null;
    }

    /**
     * Reads a blob as UTF-8 and appends it to a text.
     *
     * @param key the key
     * @param target what to append to; unchanged when the key is absent and when this method throws
     * @return whether the key is present
     * @throws IOException as of {@link #getString}
     */
    public boolean appendTo(K key, StringBuilder target) throws IOException {
        Objects.requireNonNull(target, "target");
        try (Scratch lent = Scratch.tryLend()) {
            ByteBuffer blob = verified(key, lent);
            if (blob == null) {
                return false;
            }
            TextDecoder.decode(blob, target);
            return true;
        }
    }

    /**
     * Reads the blobs of many keys.
     *
     * @param keys the keys
     * @return the blobs of those that are present, by the very keys given, in a new map that is the caller's
     * @throws IOException as of {@link #getAll(Iterable, BiConsumer)}
     */
    public Map<K, byte[]> getAll(Iterable<? extends K> keys) throws IOException {
        Map<K, byte[]> blobs = new HashMap<>();
        getAll(keys, blobs::put);
        return blobs;
    }

    /**
     * Visits the blobs of many keys in the order in which they are on the disk, which is read forward, neighbours at
     * once, by several threads ahead of the visit. Some megabytes are read ahead, whatever the number of keys.
     *
     * <p>Each blob is what its key had at some moment of the call; together they are no snapshot. A key that is
     * given twice is visited twice, an absent one not at all. The action runs in the calling thread and may use the
     * store.
     *
     * @param keys the keys, of which {@value BatchReader#CHUNK_KEYS} at a time are brought in order
     * @param action gets a key as it was given and a new array, which is its own
     * @throws BlobTooLargeException if a blob is longer than {@link BlobStoreBuilder#maxBlobBytes}; the visit ends there
     * @throws CorruptBlobException if a blob is damaged; the visit ends there
     * @throws IOException if a blob cannot be read; the visit ends there
     */
    public void getAll(Iterable<? extends K> keys, BiConsumer<? super K, ? super byte[]> action) throws IOException {
        Objects.requireNonNull(action, "action");
        new BatchReader<>(engine, codec).visit(keys, action);
    }

    /**
     * Reads a part of a blob. Exactly the blocks of 64 KiB that it touches are read and verified, and the table of
     * their checksums, which is 4 bytes for each block of the blob.
     *
     * @param key the key
     * @param offset of the first byte in the blob, 0 to its length; at its length nothing is read
     * @param target filled from its position, which moves, to its limit or as far as the blob reaches
     * @return how many bytes were read, or empty when the key is absent
     * @throws IndexOutOfBoundsException if the offset is negative, or greater than the blob's length; an absent key
     *     has no length
     * @throws CorruptBlobException if what is on disk is not what was written; the position is then unchanged,
     *     the bytes behind it are not
     * @throws IOException if it cannot be read
     */
    public OptionalInt read(K key, long offset, ByteBuffer target) throws IOException {
        Objects.requireNonNull(target, "target");
        if (offset < 0) {
            throw new IndexOutOfBoundsException("an offset of " + offset + " is negative");
        }
        int count = engine.reads().read(encoded(key), offset, target);
        return count < 0 ? OptionalInt.empty() : OptionalInt.of(count);
    }

    /**
     * Reads a blob into a file, as far as it is right: whoever looks finds the old file or the whole blob, after a loss
     * of power too. The new file has the permissions of the old one, and its owner and group where the process may give
     * files away; where there is none, it can be read by those who can read the store.
     *
     * @param key the key
     * @param file the file, which is replaced, and so is a symbolic link; beside it a temporary one is made meanwhile,
     *     {@code .blobarena-*.part}, which stays if the process dies
     * @return the blob's length in bytes, or empty when the key is absent, and the file is unchanged
     * @throws CorruptBlobException if what is on disk is not what was written; the file is unchanged
     * @throws IOException if the blob cannot be read, or the file not be written; it is unchanged
     */
    public OptionalLong get(K key, Path file) throws IOException {
        try (BlobView blob = engine.reads().view(encoded(key))) {
            if (blob == null) {
                return OptionalLong.empty();
            }
            BlobFile.replace(file, blob, engine.directory());
            return OptionalLong.of(blob.bytes());
        }
    }

    /**
     * Opens a blob for reading. What the stream gives is the blob as it is now, whatever happens to its key, until the
     * stream is closed. Memory is two blocks of 64 KiB, and 4 bytes for each block of the blob.
     *
     * @param key the key
     * @return a stream, to be closed, or null when the key is absent
     * @throws CorruptBlobException if the record is not what was written; damage of a block is found when it is read
     * @throws IOException if it cannot be read
     */
    public @Nullable BlobInputStream openStream(K key) throws IOException {
        BlobView blob = engine.reads().view(encoded(key));
        return blob == null ? null : new BlobInputStream(blob);
    }

    /**
     * Writes a blob to a channel, such as a socket or a file, by blocks of 64 KiB, each of which was verified. They do
     * not pass through the heap, but for short blobs, and while {@value Scratch#LENT_COUNT} transfers are under way in the
     * process: further ones take 8 KiB of heap each and read more often, so that slow targets hold little memory.
     *
     * @param key the key
     * @param target written from its position on, and not closed; a channel that does not block is refused
     * @return the blob's length in bytes, or empty when the key is absent
     * @throws java.nio.channels.IllegalBlockingModeException if the target does not block
     * @throws CorruptBlobException if what is on disk is not what was written; what is before it has been written
     * @throws StoreClosedException if the store is closed meanwhile
     * @throws IOException if the blob cannot be read, or the target not be written
     */
    public OptionalLong transferTo(K key, WritableByteChannel target) throws IOException {
        Objects.requireNonNull(target, "target");
        try (BlobView blob = engine.reads().view(encoded(key))) {
            if (blob == null) {
                return OptionalLong.empty();
            }
            blob.transferTo(target);
            return OptionalLong.of(blob.bytes());
        }
    }

    /**
     * Whether a key has a blob. Asks the index alone.
     *
     * @param key the key
     * @return whether it is present
     */
    public boolean contains(K key) {
        return engine.reads().locate(encoded(key)) != null;
    }

    /**
     * The length of a blob. Asks the index alone, unless the blob's arena file has compressed ones: then the record is
     * asked, but for the blob itself.
     *
     * @param key the key
     * @return bytes, or empty when the key is absent
     * @throws CorruptBlobException if the record has to be asked, and is damaged
     * @throws IOException if it cannot be read
     */
    public OptionalLong sizeOf(K key) throws IOException {
        long size = engine.reads().sizeOf(encoded(key));
        return size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
    }

    /**
     * The number of keys.
     *
     * @return keys, exact when nobody writes
     */
    public long size() {
        return engine.reads().size();
    }

    /**
     * Visits every key and blob, in groups that are read in the order of the disk. A key that is present all the
     * while is visited exactly once; of one that is written meanwhile the old or the new blob is seen; one that
     * comes or goes may be seen or not. The action may use the store.
     *
     * @param action gets the key and a new array, which is its own
     * @throws BlobTooLargeException if a blob is longer than {@link BlobStoreBuilder#maxBlobBytes}; the visit ends there
     * @throws CorruptBlobException if a blob is damaged; the visit ends there
     * @throws IOException if a blob cannot be read
     */
    public void forEach(BiConsumer<? super K, ? super byte[]> action) throws IOException {
        Objects.requireNonNull(action, "action");
        try (LocationIndex.Cursor cursor = engine.reads().cursor()) {
            for (var group = engine.reads().nextGroup(cursor);
                    group != null;
                    group = engine.reads().nextGroup(cursor)) {
                for (IndexedKey found : group) {
                    Entry entry = engine.reads().entry(found.hash());
                    if (entry != null) {
                        action.accept(codec.decode(entry.key()), entry.payload());
                    }
                }
            }
        }
    }

    /**
     * The keys, in no particular order and as consistent as {@link #forEach}. Keys are read from the disk while
     * the stream is; a failure to do so is an {@link UncheckedIOException}.
     *
     * @return a stream, to be closed
     */
    public Stream<K> keys() {
        LocationIndex.Cursor cursor = engine.reads().cursor();
        Iterator<K> keys = keys(cursor);
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(keys, Spliterator.NONNULL | Spliterator.DISTINCT), false)
                .onClose(cursor::close);
    }

    /**
     * This store as a map of arrays: {@link #asMap(ValueCodec)} with {@link ValueCodec#bytes}. Two arrays are the same
     * value when their content is, also where the map, its entries and views are compared or hashed; in a {@code
     * HashMap} they would have to be one object.
     *
     * @return a view, whose life is that of the store
     */
    public ConcurrentMap<K, byte[]> asMap() {
        return asMap(ValueCodec.bytes());
    }

    /**
     * This store as a map. What is written through the map is as durable as the store's option says.
     *
     * <p>The map keeps the contracts of {@code java.util.concurrent}: single operations are atomic and visible like
     * those of the store, {@code compute} and its like may run their function several times and hold no lock
     * meanwhile (one that changes its own key is run for ever), views write through, iterators are as consistent as {@link #forEach} and can remove. Null is refused
     * everywhere. An object that the codec of the keys cannot encode is merely absent where it is looked up. Values
     * are equal when {@code equals} says so, arrays of bytes when their content is equal. {@code
     * containsValue}, and so the map's {@code values().contains}, reads all blobs; {@code size} is at most {@link
     * Integer#MAX_VALUE}; {@code putAll}, {@code clear} are as atomic as {@link #putAll}. Failures to read or write are
     * {@link UncheckedIOException}s. {@code put} and {@code remove} read the blob that they return; where nobody needs
     * it, and where it is damaged, the store's own methods do without.
     *
     * @param <V> the values
     * @param values how values become blobs
     * @return a view, whose life is that of the store
     */
    public <V> ConcurrentMap<K, V> asMap(ValueCodec<V> values) {
        return new StoreMap<>(this, engine, codec, Objects.requireNonNull(values, "values"));
    }

    // ---- the whole store

    /**
     * What the store holds now.
     *
     * @return figures of one moment
     */
    public StoreStats stats() {
        return engine.stats();
    }

    /**
     * What each arena file holds now.
     *
     * @return figures, in the order of the files' ids
     */
    public List<FileStats> fileStats() {
        return engine.fileStats();
    }

    /**
     * Gives back the space of all replaced and removed blobs, nearly, now. Reads and writes go on. What dies meanwhile
     * may stay.
     *
     * @throws DiskFullException if the device has no space for the copies that have to be made first
     * @throws StoreClosedException if the store is closed meanwhile, which ends it
     * @throws IOException if it cannot be done; nothing is lost
     */
    public void compact() throws IOException {
        compact((done, total) -> {});
    }

    /**
     * Gives back the space of all replaced and removed blobs, nearly, now, and tells how far it is.
     *
     * @param progress called now and then on the calling thread, while compaction goes on; it may use the store, and close
     *     it. What it throws, this method throws, and compaction goes on
     * @throws IOException as of {@link #compact()}
     */
    public void compact(CompactionProgress progress) throws IOException {
        engine.compact(Objects.requireNonNull(progress, "progress"));
    }

    /**
     * Makes a store of its own of all that this one holds at one moment: everything that was acknowledged before, and
     * nothing that begins after. Its arena files are second names (hard links) of this store's where the system can give
     * them, which takes no space and hardly any time, and copies elsewhere, for which compaction waits. Both stores go on.
     * It is complete, and on the device, when this returns; after a failure or a crash the directory is no store, and can
     * be deleted.
     *
     * <p>Files that two snapshots, or a snapshot and the store, have in common have the same name and never change, so
     * bringing a copy of one up to a later one transfers new files only. It must delete what the later one has not (as
     * {@code rsync --delete} does), since that may hold what was removed. A snapshot has the store's identity: a store
     * takes its files for its own.
     *
     * @param directory where: missing or empty, best on the same file system
     * @throws java.nio.file.FileAlreadyExistsException if the directory is not empty
     * @throws DiskFullException if there is no space, for copies or for what ends the file that takes records
     * @throws IOException if it cannot be made
     */
    public void snapshot(Path directory) throws IOException {
        engine.snapshot(Objects.requireNonNull(directory, "directory"));
    }

    /**
     * Keeps compaction from running by itself, until {@link #resumeCompaction}. What runs ends first, and writers are not
     * slowed down meanwhile.
     */
    public void pauseCompaction() {
        engine.pauseCompaction();
    }

    /** Lets compaction run by itself again. */
    public void resumeCompaction() {
        engine.resumeCompaction();
    }

    /**
     * Reads everything, compares every checksum, and compares the index with one rebuilt from the files in the
     * JVM's temporary directory. Changes nothing in the store. Writers wait until it is done; readers do not.
     *
     * @return what was read and what is damaged
     * @throws IOException if the comparison cannot be made
     */
    public VerifyReport verify() throws IOException {
        return engine.verify();
    }

    /**
     * Waits for the operations in flight, puts everything on the device and leaves the mark by which the next
     * opening takes the index as it is. Closing again does nothing.
     *
     * @throws IOException if not everything could be put on the device; the store is closed all the same, and
     *     the next opening recovers it
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

    Iterator<K> keys(LocationIndex.Cursor cursor) {
        return new StoreIterator<>(engine.reads(), cursor, found -> {
            byte[] key = engine.reads().key(found.hash());
            return key == null ? null : codec.decode(key);
        });
    }

    private EncodedKey encoded(K key) {
        return engine.encoded(encode(key));
    }

    /** How blobs are put through this view, but for another durability. */
    WriteOptions mode() {
        return mode(engine.settings().durability());
    }

    private WriteOptions mode(Durability durability) {
        return new WriteOptions(Objects.requireNonNull(durability, "durability"), compression);
    }

    private byte[] encode(K key) {
        return KeyCodecs.owned(codec, key);
    }
}
