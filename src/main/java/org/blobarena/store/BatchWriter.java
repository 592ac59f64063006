package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.KeyHash;

/**
 * Collects the records of many keys and writes them in groups: one flush or one force for each group.
 *
 * <p>A group holds the locks of all its keys, taken in ascending order, from its first append until the index points
 * at its last record, as a single write does with its one lock: so nothing is visible before it is as durable as
 * asked, and the index never shows the earlier of two records. Groups are bounded, lest a large batch hold up all other
 * writers until it is through. None is larger than an arena file: what a group leaves dead is not counted against the
 * bound of dead space before its end, where the writer waits for compaction if that is behind.
 *
 * <p>The records of a group go to the files in the order of the batch. When one cannot be written, those before it are
 * stored and those behind it are not. For one thread.
 */
final class BatchWriter {

    static final int GROUP_KEYS_MAX = 4096;
    static final long GROUP_BYTES_MAX = 16 << 20;

    private final StoreWrites writes;
    private final WriteOptions options;
    private final Map<KeyHash, BatchRecord> records = new LinkedHashMap<>();

    BatchWriter(StoreWrites writes, WriteOptions options) {
        this.writes = writes;
        this.options = options;
    }

    /** Adds a blob to store, in place of one that the batch may have for the key. */
    void addPut(byte[] keyBytes, ByteBuffer blob) throws IOException {
        EncodedKey key = writes.encoded(keyBytes);
        RecordSizes.requireFits(writes.settings(), key, blob.remaining());
        records.remove(key.hash()); // So that it comes last, where it was given last.
        records.put(key.hash(), new BatchRecord(key, writes.payload(blob, options.compression())));
    }

    /** Adds a key to remove. */
    void addRemoval(byte[] keyBytes) {
        EncodedKey key = writes.encoded(keyBytes);
        RecordSizes.requireKeyFits(key);
        records.put(key.hash(), new BatchRecord(key, Payload.none()));
    }

    /** Stores everything that was added. */
    void put() throws IOException {
        for (List<BatchRecord> group : groups()) {
            writes.inTurn(locks(group), () -> putGroup(group));
        }
    }

    /** Removes everything that was added; returns how many keys there were. */
    long remove() throws IOException {
        long removed = 0;
        for (List<BatchRecord> group : groups()) {
            removed += writes.inTurn(locks(group), () -> removeGroup(group));
        }
        return removed;
    }

    private List<BatchRecord> putGroup(List<BatchRecord> group) throws IOException {
        int done = 0;
        while (done < group.size()) {
            done += writes.putAppended(group.subList(done, group.size()), options.durability());
        }
        return group;
    }

    private List<BatchRecord> removeGroup(List<BatchRecord> group) throws IOException {
        List<BatchRecord> present = writes.present(group, options.durability());
        int done = 0;
        while (done < present.size()) {
            done += writes.removeAppended(present.subList(done, present.size()), options.durability());
        }
        return present;
    }

    private Collection<List<BatchRecord>> groups() {
        List<List<BatchRecord>> groups = new ArrayList<>();
        List<BatchRecord> group = new ArrayList<>();
        long bytesMax = Math.min(GROUP_BYTES_MAX, writes.settings().fileBytesMax());
        long bytes = 0;
        for (BatchRecord record : records.values()) {
            long more = RecordHeader.BYTES
                    + record.key().length()
                    + record.payload().bytes();
            if (!group.isEmpty() && (group.size() == GROUP_KEYS_MAX || bytes + more > bytesMax)) {
                groups.add(group);
                group = new ArrayList<>();
                bytes = 0;
            }
            group.add(record);
            bytes += more;
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return groups;
    }

    private static BitSet locks(List<BatchRecord> group) {
        BitSet locks = new BitSet();
        for (BatchRecord record : group) {
            locks.set(KeyLocks.groupOf(record.key().hash()));
        }
        return locks;
    }
}
