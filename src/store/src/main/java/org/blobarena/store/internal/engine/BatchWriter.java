package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.blobarena.index.KeyHash;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.write.PendingRecord;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is to be written under many keys and writes it in chunks: one flush or one force for each chunk.
 *
 * <p>A chunk holds the locks of all its keys, taken in ascending order, from its first append until the index points
 * at its last record, as a single write does with its one lock: so nothing is visible before it is as durable as
 * asked, and the index never shows the earlier of two records. Chunks are bounded, so that a large batch does not hold up
 * all other writers until it is through. None is larger than an arena file: what a chunk leaves dead is not counted against
 * the bound of dead space before its end, where the writer waits for compaction if that is behind. A blob that is long is
 * written by itself, as a single put writes it.
 *
 * <p>The records go to the files in the order of the batch. When one cannot be written, those before it are stored and
 * those behind it are not. For one thread.
 */
public final class BatchWriter {

    public static final int CHUNK_KEYS_MAX = 4096;
    static final long CHUNK_BYTES_MAX = 16 << 20;

    private final StoreWrites writes;
    private final WriteOptions options;
    private final long chunkBytesMax;
    private final Map<KeyHash, Change> changes = new LinkedHashMap<>();
    private final List<PendingRecord> chunk = new ArrayList<>();
    private long chunkBytes;

    /**
     * What is to become of a key.
     *
     * @param blob null to remove it
     */
    private record Change(EncodedKey key, @Nullable ByteBuffer blob) {}

    public BatchWriter(StoreWrites writes, WriteOptions options) {
        this.writes = writes;
        this.options = options;
        this.chunkBytesMax = Math.min(CHUNK_BYTES_MAX, writes.settings().fileBytesMax());
    }

    /** Adds a blob, replacing any that the batch has for the key. */
    public void addPut(EncodedKey key, ByteBuffer blob) {
        writes.sizes().requireFits(key, blob.remaining(), options);
        changes.remove(key.hash()); // So that it comes last, where it was given last.
        changes.put(key.hash(), new Change(key, blob));
    }

    /** Adds a key to remove. */
    public void addRemoval(EncodedKey key) {
        writes.sizes().requireKeyFits(key);
        changes.put(key.hash(), new Change(key, null));
    }

    /** Writes everything that was added, which is to be put or is to be removed; returns how many keys were concerned. */
    public long write() throws IOException {
        long written = 0;
        for (Change change : changes.values()) {
            ByteBuffer blob = change.blob;
            if (blob == null) {
                written += add(PendingRecord.tombstone(change.key, writes.layout()));
            } else if (writes.isLong(blob)) {
                written += writeChunk() + 1;
                writes.put(change.key, blob, options);
            } else {
                written += add(writes.record(change.key, blob, options));
            }
        }
        return written + writeChunk();
    }

    /** Adds a record to the chunk, and writes the one before if that is full; returns how many were written. */
    private int add(PendingRecord record) throws IOException {
        boolean fits = chunk.size() < CHUNK_KEYS_MAX && chunkBytes + record.length() <= chunkBytesMax;
        int written = fits ? 0 : writeChunk();
        chunk.add(record);
        chunkBytes += record.length();
        return written;
    }

    private int writeChunk() throws IOException {
        int written = chunk.isEmpty() ? 0 : writes.write(chunk, options.durability());
        chunk.clear();
        chunkBytes = 0;
        return written;
    }
}
