package org.blobarena.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.internal.engine.ReadOnlyEngine;
import org.blobarena.store.internal.engine.StoreReads;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/**
 * A store that is only read: beside its writer in another process, after a crash, in a snapshot, or where nothing may be
 * written. Nothing is written in the directory and nothing is locked; writers do not know of readers, of which there may be
 * any number.
 *
 * <pre>{@code
 * try (ReadOnlyBlobStore<String> pages = BlobStore.openReadOnly(directory, KeyCodec.utf8())) {
 *     byte[] body = pages.get("https://example.org/"); // null when absent
 *     pages.refresh();                                  // from here on, what was written by now
 * }
 * }</pre>
 *
 * <p><b>View.</b> Reads answer from all that had been written at one moment between the beginning and the end of the opening,
 * or of the last {@link #refresh}: what an opening would find if the writer were killed at that moment. So a write counts
 * once it was handed to the operating system; one with {@link org.blobarena.store.api.Durability#BUFFERED} counts some time
 * later. A write in progress may count, even one that will fail. What is not written any more, as files that compaction
 * replaces, stays readable until the next refresh. While {@link #refresh} runs, other threads find for each key what it had
 * before or what it has after.
 *
 * <p><b>Cost.</b> The opening builds an index of its own in the directory of temporary files, about 40 bytes for each key, from
 * the index blocks of the arena files (32 or 40 bytes for each record); of a file that still takes records it reads all. A
 * refresh reads what was added. A reader holds one descriptor for each arena file, beyond the {@linkplain
 * ReadOnlyBlobStoreBuilder#descriptors budget} if there are more, and so keeps the space of files that were deleted since
 * its last refresh.
 *
 * <p><b>Threads.</b> All methods are safe for use by multiple threads. An interrupt neither fails an operation nor closes a
 * file. {@link #close} waits for operations in progress; later ones throw {@link StoreClosedException}.
 *
 * @param <K> the type of keys
 */
public final class ReadOnlyBlobStore<K> implements Closeable {

    private final ReadOnlyEngine engine;
    private final StoreReads reads;
    private final KeyCodec<K> codec;
    private final KeyedReads<K> keyed;

    ReadOnlyBlobStore(ReadOnlyEngine engine, KeyCodec<K> codec) {
        this.engine = engine;
        this.reads = engine.reads();
        this.codec = codec;
        this.keyed = new KeyedReads<>(reads, engine.hasher(), codec, engine.directory());
    }

    /**
     * Moves the view forward: when this returns, it has all that had been written before the call.
     *
     * @throws CorruptBlobException if records contradict each other and cannot be read
     * @throws IOException if the store cannot be read; the view may then be one of no single moment until a refresh succeeds
     */
    public void refresh() throws IOException {
        engine.refresh();
    }

    /**
     * Reads a blob into a new array.
     *
     * @param key the key
     * @return the blob, or null if the key is absent
     * @throws BlobTooLargeException if the blob is longer than {@link ReadOnlyBlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if the blob is damaged
     * @throws IOException if the blob cannot be read
     */
    public byte @Nullable [] get(K key) throws IOException {
        return reads.get(codec, Objects.requireNonNull(key, "key"));
    }

    /**
     * Reads a blob into a buffer; see {@link BlobStore#get(Object, ByteBuffer)}.
     *
     * @param key the key
     * @param target the buffer, whose position moves by the blob's length
     * @return the blob's length in bytes, or empty if the key is absent
     * @throws BufferOverflowException if the blob is longer than what remains in the buffer, which is unchanged
     * @throws CorruptBlobException if the blob is damaged
     * @throws IOException if the blob cannot be read
     */
    public OptionalInt get(K key, ByteBuffer target) throws IOException {
        return keyed.get(key, target);
    }

    /**
     * Reads a blob into a file, atomically; see {@link BlobStore#get(Object, Path)}.
     *
     * @param key the key
     * @param file the file, which is replaced
     * @return the blob's length in bytes, or empty if the key is absent and the file is unchanged
     * @throws CorruptBlobException if the blob is damaged; the file is unchanged
     * @throws IOException if the blob cannot be read or the file cannot be written; the file is unchanged
     */
    public OptionalLong get(K key, Path file) throws IOException {
        return keyed.get(key, file);
    }

    /**
     * Reads a part of a blob; see {@link BlobStore#read(Object, long, ByteBuffer)}.
     *
     * @param key the key
     * @param offset the first byte in the blob, 0 to the blob's length
     * @param target the buffer, filled from its position to its limit or the end of the blob
     * @return the number of bytes read, or empty if the key is absent
     * @throws IndexOutOfBoundsException if the offset is negative, or greater than the length of a present blob
     * @throws CorruptBlobException if what is read is damaged
     * @throws IOException if the blob cannot be read
     */
    public OptionalInt read(K key, long offset, ByteBuffer target) throws IOException {
        return keyed.read(key, offset, target);
    }

    /**
     * Opens a blob for reading. The stream returns the blob as it is now, whatever is written or refreshed meanwhile.
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
     * Writes a blob to a channel; see {@link BlobStore#transferTo}.
     *
     * @param key the key
     * @param target the channel, written from its position and not closed
     * @return the blob's length in bytes, or empty if the key is absent
     * @throws CorruptBlobException if the blob is damaged; what precedes the damage is written
     * @throws IOException if the blob cannot be read or the channel cannot be written
     */
    public OptionalLong transferTo(K key, WritableByteChannel target) throws IOException {
        return keyed.transferTo(key, target);
    }

    /**
     * Returns whether a key is present.
     *
     * @param key the key
     * @return whether the key is present, even if its blob is damaged
     * @throws UncheckedIOException if the record has to be read and that fails
     */
    public boolean contains(K key) {
        return keyed.contains(key);
    }

    /**
     * Returns the length of a blob.
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
     * Returns where and how a blob is stored.
     *
     * @param key the key
     * @return the record, or null if the key is absent
     * @throws CorruptBlobException if what is read is damaged
     * @throws IOException if the record cannot be read
     */
    public @Nullable RecordInfo describe(K key) throws IOException {
        return keyed.describe(key);
    }

    /**
     * Reads the blobs of many keys, in the order of the disk; see {@link BlobStore#getAll(Iterable)}.
     *
     * @param keys the keys
     * @return the blobs of the keys that are present, by the key objects given
     * @throws BlobTooLargeException if a blob is longer than {@link ReadOnlyBlobStoreBuilder#maxBlobBytes}
     * @throws CorruptBlobException if a blob is damaged
     * @throws IOException if a blob cannot be read
     */
    public Map<K, byte[]> getAll(Iterable<? extends K> keys) throws IOException {
        Map<K, byte[]> blobs = new HashMap<>();
        keyed.getAll(keys, blobs::put);
        return blobs;
    }

    /**
     * Visits every key and blob, in chunks that are read in the order of the disk. If the view moves meanwhile, a key that is
     * present throughout is visited once, with its old or new blob.
     *
     * @param action receives the key and a new array; it may use the store
     * @throws BlobTooLargeException if a blob is longer than {@link ReadOnlyBlobStoreBuilder#maxBlobBytes}; the visit ends
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
     * @return a stream, to be closed
     */
    public Stream<K> keys() {
        return keyed.keys();
    }

    /**
     * Returns the number of keys, with those whose blobs have expired and were not compacted away.
     *
     * @return the number of keys
     */
    public long size() {
        return reads.size();
    }

    /**
     * Returns what the view holds.
     *
     * @return the figures; those of the opening say what was found damaged since, those of compaction are 0, and the index is
     *     this reader's
     */
    public StoreStats stats() {
        return engine.stats();
    }

    /**
     * Returns what each arena file of the view holds.
     *
     * @return the figures, in the order of the files' ids
     */
    public List<FileStats> fileStats() {
        return engine.fileStats();
    }

    /**
     * Reads every record of the view and verifies every checksum. The view stays as it is until this returns, so that what
     * compaction moves meanwhile is neither missed nor read twice; nobody waits but those who refresh.
     *
     * @return what was read and what is damaged
     * @throws IOException if it cannot be done
     */
    public VerifyReport verify() throws IOException {
        return engine.verify(null);
    }

    /**
     * Verifies the view as {@link #verify()} does, at a pace.
     *
     * @param pace how many bytes are read each second, and who is told of their progress
     * @return what was read and what is damaged
     * @throws java.io.InterruptedIOException if the thread is interrupted, which ends it
     * @throws StoreClosedException if the reader is closed meanwhile, which ends it
     * @throws IOException if it cannot be done
     */
    public VerifyReport verify(Pace pace) throws IOException {
        return engine.verify(Objects.requireNonNull(pace, "pace"));
    }

    /**
     * Closes the reader and deletes its index. Closing again has no effect.
     *
     * @throws IOException if its files cannot be closed or deleted
     */
    @Override
    public void close() throws IOException {
        engine.close();
    }
}
