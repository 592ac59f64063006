package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/**
 * The payload of an index block: hash, place, type and sequence number of the records since the block before,
 * so that an index can be rebuilt from a sealed file without reading its payloads. Each block points back to
 * the one before, and the footer to the last. Where one of the blobs expires, the moments of all stand behind the entries.
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

    /** Bytes of a moment. */
    static final int MOMENT_BYTES = Long.BYTES;

    /** Bytes of the longest block's payload. */
    public static final int PAYLOAD_BYTES_MAX = payloadBytes(ENTRIES_MAX, true);

    static final int PREVIOUS_OFFSET_OFFSET = 0;
    static final int PREVIOUS_LENGTH_OFFSET = 4;
    static final int COUNT_OFFSET = 8;
    static final int MOMENTS_OFFSET = 12;
    static final int ENTRY_HASH_HIGH_OFFSET = 0;
    static final int ENTRY_HASH_LOW_OFFSET = 8;
    static final int ENTRY_SEQUENCE_AND_TYPE_OFFSET = 16;
    static final int ENTRY_OFFSET_OFFSET = 24;
    static final int ENTRY_LENGTH_OFFSET = 28;
    static final int MOMENT_OFFSET = 0;
    static final int TYPE_SHIFT = 56;

    private final ByteBuffer bytes;

    /** When each of the blobs expires; null as long as none does. */
    private long @Nullable [] moments;

    private int expiring;

    private IndexBlock(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * An empty block to collect entries in.
     *
     * @return a block with room for {@value #ENTRIES_MAX} entries
     */
    public static IndexBlock empty() {
        IndexBlock block = new IndexBlock(
                ByteBuffer.allocate(payloadBytes(ENTRIES_MAX, false)).order(ByteOrder.LITTLE_ENDIAN));
        block.clear();
        return block;
    }

    /**
     * Bytes of a block's payload.
     *
     * @param entries how many
     * @param moments whether one of them expires
     * @return bytes
     */
    public static int payloadBytes(int entries, boolean moments) {
        return HEADER_BYTES + entries * (ENTRY_BYTES + (moments ? MOMENT_BYTES : 0));
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
        int hasMoments = bytes.getInt(MOMENTS_OFFSET);
        if (hasMoments != 0 && hasMoments != 1) {
            throw FormatException.corrupt("moments of an index block", "0 or 1", Integer.toUnsignedString(hasMoments));
        }
        if (count < 1 || count > ENTRIES_MAX || bytes.limit() != payloadBytes(count, hasMoments == 1)) {
            throw FormatException.corrupt(
                    "entries of an index block of " + bytes.limit() + " bytes",
                    "1 to " + ENTRIES_MAX + ", as many as fit",
                    count);
        }
        bytes.position(payloadBytes(count, false));
        IndexBlock block = new IndexBlock(bytes);
        if (hasMoments == 1) {
            block.readMoments();
        }
        block.requireEntriesOfKeys();
        return block;
    }

    private void readMoments() throws FormatException {
        long[] read = new long[count()];
        int at = bytes.position();
        for (int i = 0; i < read.length; i++) {
            read[i] = bytes.getLong(at + i * MOMENT_BYTES + MOMENT_OFFSET);
            expiring += read[i] == RecordHeader.NEVER ? 0 : 1;
        }
        moments = read;
        if (!hasMoments()) {
            throw FormatException.corrupt("moments of an index block", "one of a blob that expires", "none");
        }
    }

    private void requireEntriesOfKeys() throws FormatException {
        for (int i = 0; i < count(); i++) {
            Entry entry = entry(i);
            if (!RecordType.isOfKey(entry.type)
                    || entry.sequence == 0
                    || (entry.expires() && entry.type != RecordType.VALUE)) {
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

    /**
     * Whether one of the blobs expires.
     *
     * @return whether the moments of all follow the entries
     */
    public boolean hasMoments() {
        return expiring > 0;
    }

    /** Forgets the entries. */
    public void clear() {
        bytes.clear().position(HEADER_BYTES);
        expiring = 0;
    }

    /** Takes the memory now that moments need, so that {@link #add} needs none. */
    public void prepareMoments() {
        if (moments == null) {
            long[] prepared = new long[ENTRIES_MAX];
            Arrays.fill(prepared, RecordHeader.NEVER);
            moments = prepared;
        }
    }

    /**
     * Adds an entry.
     *
     * @param entry the entry
     * @throws java.nio.BufferOverflowException if there are {@value #ENTRIES_MAX} already
     */
    public void add(Listed entry) {
        if (entry.expires()) {
            prepareMoments();
            expiring++;
        }
        if (moments != null && count() < ENTRIES_MAX) {
            moments[count()] = entry.expiryMillis();
        }
        bytes.putLong(entry.hashHigh());
        bytes.putLong(entry.hashLow());
        bytes.putLong(entry.sequence() | (long) entry.type() << TYPE_SHIFT);
        bytes.putInt((int) entry.offset());
        bytes.putInt((int) entry.length());
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
                if (moments != null) {
                    expiring -= moments[i] == RecordHeader.NEVER ? 0 : 1;
                    System.arraycopy(moments, i + 1, moments, i, count() - i - 1);
                }
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
                Integer.toUnsignedLong(bytes.getInt(at + ENTRY_LENGTH_OFFSET)),
                moments == null ? RecordHeader.NEVER : moments[index]);
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
        long[] present = moments;
        bytes.putInt(MOMENTS_OFFSET, hasMoments() ? 1 : 0);
        if (present == null || !hasMoments()) {
            return bytes.duplicate().flip();
        }
        ByteBuffer payload = ByteBuffer.allocate(payloadBytes(count(), true)).order(ByteOrder.LITTLE_ENDIAN);
        payload.put(bytes.duplicate().flip());
        for (int i = 0; i < count(); i++) {
            payload.putLong(present[i]);
        }
        return payload.flip();
    }

    /** What a block says of a record of a key: an {@link Entry}, or the record, which needs no object for it. */
    public interface Listed {

        /**
         * The key.
         *
         * @return the first eight bytes of the key's hash
         */
        long hashHigh();

        /**
         * The key.
         *
         * @return the last eight bytes of the key's hash
         */
        long hashLow();

        /**
         * The type.
         *
         * @return {@link RecordType#VALUE} or {@link RecordType#TOMBSTONE}
         */
        int type();

        /**
         * The sequence number.
         *
         * @return 1 or more
         */
        long sequence();

        /**
         * Where the record begins.
         *
         * @return its offset in the file
         */
        long offset();

        /**
         * How long the record is.
         *
         * @return bytes
         */
        long length();

        /**
         * When the blob expires.
         *
         * @return milliseconds since the epoch, {@link RecordHeader#NEVER} if it does not
         */
        long expiryMillis();

        /**
         * Whether the blob expires.
         *
         * @return false if it does not, or the record is a tombstone
         */
        default boolean expires() {
            return expiryMillis() != RecordHeader.NEVER;
        }
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
     * @param expiryMillis when the blob expires, {@link RecordHeader#NEVER} if it does not
     */
    public record Entry(
            long hashHigh, long hashLow, int type, long sequence, long offset, long length, long expiryMillis)
            implements Listed {

        /**
         * A record that does not expire.
         *
         * @param hashHigh the first eight bytes of the key's hash
         * @param hashLow the last eight bytes of the key's hash
         * @param type {@link RecordType#VALUE} or {@link RecordType#TOMBSTONE}
         * @param sequence the record's sequence number
         * @param offset the record's offset in the file
         * @param length the record's length
         */
        public Entry(long hashHigh, long hashLow, int type, long sequence, long offset, long length) {
            this(hashHigh, hashLow, type, sequence, offset, length, RecordHeader.NEVER);
        }

        /**
         * The entry of a copy of the record.
         *
         * @param copyOffset where that stands in its file
         * @return all else as here
         */
        public Entry at(long copyOffset) {
            return new Entry(hashHigh, hashLow, type, sequence, copyOffset, length, expiryMillis);
        }
    }
}
