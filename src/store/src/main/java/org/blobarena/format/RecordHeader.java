package org.blobarena.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The frame of everything in an arena file behind its header: {@value #BYTES} bytes, of a blob that expires the moment at
 * which it does, then the key, then the payload.
 *
 * <p>The header's checksum covers the file id and the offset where the record stands, the header and the key:
 * bytes that were copied or moved to another place do not pass for a record there. The salt, four bytes that
 * only this store can compute, keeps payloads from holding something that passes for a record by design of
 * their author. The payload has a checksum of its own, so that header and key can be trusted, and the next
 * record found, without reading it.
 *
 * <p>Buffers are little-endian. One object is reused for many records, by one thread at a time.
 */
public final class RecordHeader {

    /** Bytes before the key. */
    public static final int BYTES = 32;

    /** The same with the moment at which the blob expires. */
    public static final int BYTES_MAX = BYTES + Long.BYTES;

    /** The moment of a blob that does not expire. It stands in no record. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Offset of the salt, by which a scan searches for the next record behind damage. */
    public static final int SALT_OFFSET = 4;

    static final int CHECKSUM_OFFSET = 0;
    static final int SEQUENCE_OFFSET = 8;
    static final int PAYLOAD_LENGTH_OFFSET = 16;
    static final int PAYLOAD_CHECKSUM_OFFSET = 20;
    static final int FORCED_OFFSET = 24;
    static final int KEY_LENGTH_OFFSET = 28;
    static final int TYPE_OFFSET = 30;
    static final int FLAGS_OFFSET = 31;

    /** The payload is a blob in blocks and their {@link BlockTable}. */
    static final int FLAG_BLOCKS = 1;

    /** The payload is a blob in blocks that are compressed with zstd, and their {@link CompressedTable}. */
    static final int FLAG_ZSTD = 2;

    /** The moment at which the blob expires stands between these bytes and the key. */
    static final int FLAG_EXPIRES = 4;

    private static final int FLAGS_OF_LAYOUT = FLAG_BLOCKS | FLAG_ZSTD;

    private final CRC32C checksum = new CRC32C();
    private Layout layout = Layout.PLAIN;
    private long sequence;
    private long payloadLength;
    private int payloadChecksum;
    private long forcedBytes;
    private int keyLength;
    private int type;
    private int flags;
    private long expiryMillis = NEVER;

    /** A header of nothing yet. */
    public RecordHeader() {}

    /**
     * Says how the records stand that are read or written from now on.
     *
     * @param newLayout that of the store
     */
    public void setLayout(Layout newLayout) {
        layout = newLayout;
    }

    /**
     * How records stand.
     *
     * @return the layout of the store
     */
    public Layout layout() {
        return layout;
    }

    /** What stands somewhere: a {@link Place}, or something that has one and needs no object for it. */
    public interface Placed {

        /**
         * The file.
         *
         * @return its id
         */
        long fileId();

        /**
         * Where in the file.
         *
         * @return offset of the record, under 2^32
         */
        long offset();

        /**
         * What tells the file from others.
         *
         * @return the salt of the file
         */
        int salt();
    }

    /**
     * Where a record stands.
     *
     * @param fileId id of the file
     * @param offset offset of the record in the file, under 2^32
     * @param salt the salt of the file
     */
    public record Place(long fileId, long offset, int salt) implements Placed {}

    /**
     * Sets everything that {@link #encode} writes.
     *
     * @param newType one of {@link RecordType}
     * @param newSequence its sequence number
     * @param newForcedBytes how much of the file was known to be on the device
     */
    public void set(int newType, long newSequence, long newForcedBytes) {
        type = newType;
        sequence = newSequence;
        forcedBytes = Math.min(newForcedBytes, 0xFFFF_FFFFL);
    }

    /**
     * Sets what describes the payload of a blob that does not expire.
     *
     * @param length bytes of the payload
     * @param crc its CRC-32C
     */
    public void setPayload(long length, int crc) {
        payloadLength = length;
        payloadChecksum = crc;
        flags = 0;
        expiryMillis = NEVER;
    }

    /**
     * Sets what describes a payload of blocks and their table.
     *
     * @param length bytes of the payload
     * @param crc the CRC-32C of the table
     */
    public void setBlocks(long length, int crc) {
        setPayload(length, crc);
        flags = FLAG_BLOCKS;
    }

    /**
     * Sets what describes a payload of compressed blocks and their table.
     *
     * @param length bytes of the payload
     * @param crc the CRC-32C of the table
     */
    public void setCompressed(long length, int crc) {
        setPayload(length, crc);
        flags = FLAG_ZSTD;
    }

    /**
     * Sets when the blob expires, after what describes its payload.
     *
     * @param millis since the epoch; {@link #NEVER} if it does not
     */
    public void setExpiry(long millis) {
        expiryMillis = millis;
        flags = (flags & FLAGS_OF_LAYOUT) | (millis == NEVER ? 0 : FLAG_EXPIRES);
    }

    /**
     * Writes the header.
     *
     * @param target where to write {@link #headerBytes} bytes at index 0; gets them as its position and limit
     * @param key the key that will follow, from position to limit, which stay
     * @param place where the record will stand
     */
    public void encode(ByteBuffer target, ByteBuffer key, Placed place) {
        keyLength = key.remaining();
        target.putInt(SALT_OFFSET, place.salt());
        target.putLong(SEQUENCE_OFFSET, sequence);
        target.putInt(PAYLOAD_LENGTH_OFFSET, (int) payloadLength);
        target.putInt(PAYLOAD_CHECKSUM_OFFSET, payloadChecksum);
        target.putInt(FORCED_OFFSET, (int) forcedBytes);
        target.putShort(KEY_LENGTH_OFFSET, (short) keyLength);
        target.put(TYPE_OFFSET, (byte) type);
        target.put(FLAGS_OFFSET, (byte) flags);
        if (expires()) {
            target.putLong(BYTES, expiryMillis);
        }
        target.putInt(CHECKSUM_OFFSET, checksum(target, key, place));
        target.limit(headerBytes()).position(0);
    }

    /**
     * Puts what the tag of the key, or of the payload of a record without one, authenticates of the header: the offset, all
     * that stands between the salt and the key, and in the place of the payload's checksum zero.
     *
     * @param target little-endian; its position moves
     * @param offset of the record
     * @param storedKeyBytes length of the key as it stands in the record
     */
    public void putAuthenticated(ByteBuffer target, long offset, int storedKeyBytes) {
        target.putInt((int) offset);
        target.putLong(sequence);
        target.putInt((int) payloadLength);
        target.putInt(0);
        target.putInt((int) forcedBytes);
        target.putShort((short) storedKeyBytes);
        target.put((byte) type);
        target.put((byte) flags);
        if (expires()) {
            target.putLong(expiryMillis);
        }
    }

    /**
     * Reads the lengths, so that the caller can get the key and call {@link #verify}. They are not to be
     * trusted before.
     *
     * @param source holds a header
     * @param at index of its first byte
     */
    public void decode(ByteBuffer source, int at) {
        sequence = source.getLong(at + SEQUENCE_OFFSET);
        payloadLength = Integer.toUnsignedLong(source.getInt(at + PAYLOAD_LENGTH_OFFSET));
        payloadChecksum = source.getInt(at + PAYLOAD_CHECKSUM_OFFSET);
        forcedBytes = Integer.toUnsignedLong(source.getInt(at + FORCED_OFFSET));
        keyLength = Short.toUnsignedInt(source.getShort(at + KEY_LENGTH_OFFSET));
        type = Byte.toUnsignedInt(source.get(at + TYPE_OFFSET));
        flags = Byte.toUnsignedInt(source.get(at + FLAGS_OFFSET));
        expiryMillis = NEVER;
    }

    /**
     * Checks a header and its key.
     *
     * @param source holds both, one behind the other; its position and limit move meanwhile and come back
     * @param at index of the header's first byte, the one given to {@link #decode}
     * @param place where they were read
     * @throws FormatException if they are not what was written there
     */
    public void verify(ByteBuffer source, int at, Placed place) throws FormatException {
        if (source.getInt(at + SALT_OFFSET) != place.salt()) {
            throw FormatException.corrupt("record salt", "that of the file", "another");
        }
        int expected = checksum(source, at, place);
        int found = source.getInt(at + CHECKSUM_OFFSET);
        if (expected != found) {
            throw FormatException.corrupt("record header checksum", Checksums.hex(expected), Checksums.hex(found));
        }
        verifyFlags();
        if (expires()) {
            expiryMillis = source.getLong(at + BYTES);
            if (expiryMillis == NEVER) {
                throw FormatException.corrupt("moment of expiry", "less than " + NEVER, expiryMillis);
            }
        }
        switch (type) {
            case RecordType.VALUE, RecordType.VOID -> verifyNumbered();
            case RecordType.TOMBSTONE -> {
                verifyNumbered();
                if (payloadLength > 0) {
                    throw FormatException.corrupt("payload length of a tombstone", 0, payloadLength);
                }
            }
            case RecordType.INDEX_BLOCK, RecordType.FOOTER, RecordType.LINEAGE -> verifyWithoutKey();
            default -> throw FormatException.corrupt("record type", "1 to 6", type);
        }
        if (layout == Layout.ENCRYPTED) {
            verifyEncrypted();
        }
        if (forcedBytes > place.offset()) {
            throw FormatException.corrupt("forced bytes of the record", "at most its offset", forcedBytes);
        }
    }

    private void verifyEncrypted() throws FormatException {
        if (payloadChecksum != 0) {
            throw FormatException.corrupt("payload checksum of an encrypted record", 0, Checksums.hex(payloadChecksum));
        }
        if (hasBlocks()) {
            throw FormatException.corrupt("flags of an encrypted record", "0, 2, 4 or 6", flags);
        }
        if (RecordType.isOfKey(type) && keyLength < Layout.SEAL_BYTES) {
            throw FormatException.corrupt("length of an encrypted key", "at least " + Layout.SEAL_BYTES, keyLength);
        }
    }

    private void verifyNumbered() throws FormatException {
        if (sequence < 1 || sequence > Limits.SEQUENCE_MAX) {
            throw FormatException.corrupt(
                    "record sequence", "1 to " + Limits.SEQUENCE_MAX, Long.toUnsignedString(sequence));
        }
    }

    private void verifyWithoutKey() throws FormatException {
        if (sequence != 0) {
            throw FormatException.corrupt("record sequence", 0, Long.toUnsignedString(sequence));
        }
        if (keyLength > 0) {
            throw FormatException.corrupt("key length of a record of type " + type, 0, keyLength);
        }
    }

    private void verifyFlags() throws FormatException {
        boolean ofBlob = type == RecordType.VALUE || type == RecordType.VOID;
        boolean known = flags <= (FLAGS_OF_LAYOUT | FLAG_EXPIRES) && (flags & FLAGS_OF_LAYOUT) != FLAGS_OF_LAYOUT;
        if (!known || (flags != 0 && !ofBlob)) {
            throw FormatException.corrupt("record flags", ofBlob ? "0 to 2 or 4 to 6" : "0", flags);
        }
    }

    /**
     * Checks that the payload has a table of its blocks if, and only if, it is as long as one that needs it, or is
     * compressed.
     *
     * @throws FormatException if not
     */
    public void verifyLayout() throws FormatException {
        if (hasBlocks()) {
            BlockTable.requirePayload(payloadLength);
        } else if (isCompressed()) {
            CompressedTable.requirePayload(payloadLength - 2L * layout.overheadBytes());
        } else if (layout == Layout.ENCRYPTED) {
            Layout.requireSealedPayload(payloadLength);
        } else if (BlockTable.isNeeded(payloadLength)) {
            throw FormatException.corrupt(
                    "record flags of a payload of " + payloadLength + " bytes", FLAG_BLOCKS, flags);
        }
    }

    /**
     * Compares the checksum of a payload.
     *
     * @param crc the CRC-32C of the payload as it was read
     * @throws FormatException if it is another than the header says
     */
    public void verifyPayload(int crc) throws FormatException {
        if (crc != payloadChecksum) {
            throw FormatException.corrupt("payload checksum", Checksums.hex(payloadChecksum), Checksums.hex(crc));
        }
    }

    /**
     * Whether the payload is a blob in blocks and their {@link BlockTable}, whose checksum is then the payload's.
     *
     * @return false if the payload is the blob, or the record is no value
     */
    public boolean hasBlocks() {
        return (flags & FLAG_BLOCKS) != 0;
    }

    /**
     * Whether the payload is a blob in compressed blocks and their {@link CompressedTable}, whose checksum is then the
     * payload's.
     *
     * @return false if the payload has the bytes of the blob, or the record is no value
     */
    public boolean isCompressed() {
        return (flags & FLAG_ZSTD) != 0;
    }

    /**
     * Whether the blob stands in blocks, each with a checksum of its own in a table, or is as long as one that has to.
     *
     * @return false if the payload is the blob, whose checksum is the payload's
     */
    public boolean isInBlocks() {
        return (flags & FLAGS_OF_LAYOUT) != 0
                || payloadLength > BlockTable.BLOCK_BYTES
                || (payloadLength > 0 && layout == Layout.ENCRYPTED);
    }

    /**
     * Whether the blob expires.
     *
     * @return false if it does not, or the record is no value
     */
    public boolean expires() {
        return (flags & FLAG_EXPIRES) != 0;
    }

    /**
     * The moment from which on the blob is absent.
     *
     * @return milliseconds since the epoch once verified, {@link #NEVER} if it does not expire
     */
    public long expiryMillis() {
        return expiryMillis;
    }

    /**
     * The length of what stands before the key.
     *
     * @return {@value #BYTES} bytes, or {@value #BYTES_MAX} if the blob expires
     */
    public int headerBytes() {
        return expires() ? BYTES_MAX : BYTES;
    }

    /**
     * What verifies the payload, or the table of its blocks.
     *
     * @return a CRC-32C
     */
    public int payloadChecksum() {
        return payloadChecksum;
    }

    /**
     * The length of a blob that is not compressed. That of another stands in its table alone.
     *
     * @return bytes of the payload without a table
     */
    public long blobBytes() {
        return hasBlocks() || layout == Layout.ENCRYPTED ? layout.blobBytes(payloadLength) : payloadLength;
    }

    /**
     * The type.
     *
     * @return one of {@link RecordType} once verified
     */
    public int type() {
        return type;
    }

    /**
     * The sequence number.
     *
     * @return 1 or more once verified, 0 for records without a key
     */
    public long sequence() {
        return sequence;
    }

    /**
     * The length of the key as it stands in the record.
     *
     * @return 0 to 65,535 bytes
     */
    public int keyLength() {
        return keyLength;
    }

    /**
     * The length of the payload.
     *
     * @return 0 to 2^32 - 1 bytes
     */
    public long payloadLength() {
        return payloadLength;
    }

    /**
     * The length of the whole record.
     *
     * @return header, key and payload in bytes
     */
    public long recordLength() {
        return headerBytes() + keyLength + payloadLength;
    }

    /**
     * How much of the file was known to be on the device when this record was written: damage below that is
     * never the work of a crash.
     *
     * @return bytes from the start of the file
     */
    public long forcedBytes() {
        return forcedBytes;
    }

    /** Of a header at index 0 of one buffer and a key in another. */
    private int checksum(ByteBuffer header, ByteBuffer key, Placed place) {
        begin(place);
        update(header, SALT_OFFSET, headerBytes());
        update(key, key.position(), key.limit());
        return (int) checksum.getValue();
    }

    /** Of a header and the key right behind it. */
    private int checksum(ByteBuffer record, int at, Placed place) {
        begin(place);
        update(record, at + SALT_OFFSET, at + headerBytes() + keyLength);
        return (int) checksum.getValue();
    }

    private void begin(Placed place) {
        checksum.reset();
        updateInt(place.fileId());
        updateInt(place.offset());
    }

    /** Without a view of the buffer, which would be garbage for every record. */
    private void update(ByteBuffer bytes, int from, int to) {
        int position = bytes.position();
        int limit = bytes.limit();
        checksum.update(bytes.limit(to).position(from));
        bytes.limit(limit).position(position);
    }

    private void updateInt(long value) {
        checksum.update((int) value);
        checksum.update((int) (value >>> 8));
        checksum.update((int) (value >>> 16));
        checksum.update((int) (value >>> 24));
    }
}
