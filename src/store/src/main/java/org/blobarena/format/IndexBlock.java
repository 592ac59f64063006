package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.blobarena.arena.Location;

/**
 * The payload of an index block: hash, place, type and sequence number of the records since the block before,
 * so that an index can be rebuilt from a sealed file without reading its payloads. Each block points back to
 * the one before, and the footer to the last.
 *
 * <p>One object collects entries and is written again and again, by one thread at a time.
 */
public final class IndexBlock {

    /** The most entries that a block has. */
    public static final int ENTRIES_MAX = 4096;

    /** Bytes before the entries. */
    public static final int HEADER_BYTES = 16;

    /** Bytes of an entry. */
    public static final int ENTRY_BYTES = 32;

    static final int PREVIOUS_OFFSET_OFFSET = 0;
    static final int PREVIOUS_LENGTH_OFFSET = 4;
    static final int COUNT_OFFSET = 8;
    static final int RESERVED_OFFSET = 12;
    static final int ENTRY_HASH_HIGH_OFFSET = 0;
    static final int ENTRY_HASH_LOW_OFFSET = 8;
    static final int ENTRY_SEQUENCE_AND_TYPE_OFFSET = 16;
    static final int ENTRY_OFFSET_OFFSET = 24;
    static final int ENTRY_LENGTH_OFFSET = 28;
    static final int TYPE_SHIFT = 56;

    private final ByteBuffer bytes;

    private IndexBlock(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * An empty block to collect entries in.
     *
     * @return a block with room for {@value #ENTRIES_MAX} entries
     */
    public static IndexBlock empty() {
        IndexBlock block =
                new IndexBlock(ByteBuffer.allocate(payloadBytes(ENTRIES_MAX)).order(ByteOrder.LITTLE_ENDIAN));
        block.clear();
        return block;
    }

    /**
     * Bytes of a block's payload.
     *
     * @param entries how many
     * @return bytes
     */
    public static int payloadBytes(int entries) {
        return HEADER_BYTES + entries * ENTRY_BYTES;
    }

    /**
     * Reads a payload.
     *
     * @param payload the whole payload, from its position to its limit
     * @return the block, which uses the buffer
     * @throws FormatException if it is damaged
     */
    public static IndexBlock decode(ByteBuffer payload) throws FormatException {
        ByteBuffer bytes = payload.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < HEADER_BYTES) {
            throw FormatException.corrupt("length of the index block", "at least " + HEADER_BYTES, bytes.limit());
        }
        int count = bytes.getInt(COUNT_OFFSET);
        if (count < 1 || count > ENTRIES_MAX || bytes.limit() != payloadBytes(count)) {
            throw FormatException.corrupt(
                    "entries of an index block of " + bytes.limit() + " bytes",
                    "1 to " + ENTRIES_MAX + ", as many as fit",
                    count);
        }
        Fixed.requireZero(bytes, RESERVED_OFFSET, HEADER_BYTES);
        bytes.position(bytes.limit());
        IndexBlock block = new IndexBlock(bytes);
        block.requireEntriesOfKeys();
        return block;
    }

    private void requireEntriesOfKeys() throws FormatException {
        for (int i = 0; i < count(); i++) {
            Entry entry = entry(i);
            if (!RecordType.isOfKey(entry.type) || entry.sequence == 0) {
                throw FormatException.corrupt("entry " + i + " of an index block", "a record of a key", entry);
            }
        }
    }

    /**
     * The number of entries.
     *
     * @return 0 to {@value #ENTRIES_MAX}
     */
    public int count() {
        return (bytes.position() - HEADER_BYTES) / ENTRY_BYTES;
    }

    /** Forgets the entries. */
    public void clear() {
        bytes.clear().position(HEADER_BYTES);
    }

    /**
     * Adds an entry.
     *
     * @param entry the entry
     * @throws java.nio.BufferOverflowException if there are {@value #ENTRIES_MAX} already
     */
    public void add(Entry entry) {
        bytes.putLong(entry.hashHigh);
        bytes.putLong(entry.hashLow);
        bytes.putLong(entry.sequence | (long) entry.type << TYPE_SHIFT);
        bytes.putInt((int) entry.offset);
        bytes.putInt((int) entry.length);
    }

    /**
     * Removes the entry of a record that was voided.
     *
     * @param offset the record's offset
     * @return whether there was one
     */
    public boolean removeAt(long offset) {
        for (int i = count() - 1; i >= 0; i--) {
            int at = HEADER_BYTES + i * ENTRY_BYTES;
            if (Integer.toUnsignedLong(bytes.getInt(at + ENTRY_OFFSET_OFFSET)) == offset) {
                int end = bytes.position();
                bytes.put(at, bytes, at + ENTRY_BYTES, end - at - ENTRY_BYTES);
                bytes.position(end - ENTRY_BYTES);
                return true;
            }
        }
        return false;
    }

    /**
     * One entry.
     *
     * @param index 0 to {@link #count} - 1
     * @return the entry
     */
    public Entry entry(int index) {
        int at = HEADER_BYTES + index * ENTRY_BYTES;
        long sequenceAndType = bytes.getLong(at + ENTRY_SEQUENCE_AND_TYPE_OFFSET);
        return new Entry(
                bytes.getLong(at + ENTRY_HASH_HIGH_OFFSET),
                bytes.getLong(at + ENTRY_HASH_LOW_OFFSET),
                (int) (sequenceAndType >>> TYPE_SHIFT),
                sequenceAndType & Limits.SEQUENCE_MAX,
                Integer.toUnsignedLong(bytes.getInt(at + ENTRY_OFFSET_OFFSET)),
                Integer.toUnsignedLong(bytes.getInt(at + ENTRY_LENGTH_OFFSET)));
    }

    /**
     * Where the block before this one is.
     *
     * @param fileId the file
     * @return its location, of length 0 when there is none
     */
    public Location previous(long fileId) {
        return new Location(
                fileId,
                Integer.toUnsignedLong(bytes.getInt(PREVIOUS_OFFSET_OFFSET)),
                Integer.toUnsignedLong(bytes.getInt(PREVIOUS_LENGTH_OFFSET)));
    }

    /**
     * The payload.
     *
     * @param previous where the block before is, of length 0 when there is none
     * @return a view, ready to be read, valid until the next change
     */
    public ByteBuffer encode(Location previous) {
        bytes.putInt(PREVIOUS_OFFSET_OFFSET, (int) previous.offset());
        bytes.putInt(PREVIOUS_LENGTH_OFFSET, (int) previous.length());
        bytes.putInt(COUNT_OFFSET, count());
        bytes.putInt(RESERVED_OFFSET, 0);
        return bytes.duplicate().flip();
    }

    /**
     * A record of a key, without its key.
     *
     * @param hashHigh the first eight bytes of the key's hash
     * @param hashLow the last eight bytes of the key's hash
     * @param type {@link RecordType#VALUE} or {@link RecordType#TOMBSTONE}
     * @param sequence the record's sequence number
     * @param offset the record's offset in the file
     * @param length the record's length
     */
    public record Entry(long hashHigh, long hashLow, int type, long sequence, long offset, long length) {}
}
