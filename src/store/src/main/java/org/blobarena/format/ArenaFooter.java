package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.blobarena.arena.Location;

/**
 * The payload of the last record of a sealed file.
 *
 * @param lastIndexBlock where the last index block is, of length 0 when the file holds no record of a key
 * @param lineage where the ids of the files are that this one replaces, of length 0 when it replaces none
 * @param records how many records of keys, values and tombstones, the index blocks list
 * @param tombstones how many of them are tombstones
 * @param recordBytes bytes of all records of keys, also of void ones
 * @param tombstoneBytes bytes of the tombstones
 * @param compressedRecords how many of the values are compressed
 * @param expiringRecords how many of the values expire
 * @param earliestMillis none of those expires before this moment; 0 when there are none
 * @param sequenceMin the least sequence number of them, 0 when there are none
 * @param sequenceMax the greatest sequence number of them, 0 when there are none
 */
public record ArenaFooter(
        Location lastIndexBlock,
        Location lineage,
        long records,
        long tombstones,
        long recordBytes,
        long tombstoneBytes,
        long compressedRecords,
        long expiringRecords,
        long earliestMillis,
        long sequenceMin,
        long sequenceMax) {

    /** Bytes of the payload. */
    public static final int BYTES = 80;

    static final int MAGIC_OFFSET = 0;
    static final int LAST_BLOCK_OFFSET_OFFSET = 8;
    static final int LAST_BLOCK_LENGTH_OFFSET = 12;
    static final int RECORDS_OFFSET = 16;
    static final int TOMBSTONES_OFFSET = 20;
    static final int RECORD_BYTES_OFFSET = 24;
    static final int TOMBSTONE_BYTES_OFFSET = 32;
    static final int SEQUENCE_MIN_OFFSET = 40;
    static final int SEQUENCE_MAX_OFFSET = 48;
    static final int LINEAGE_OFFSET_OFFSET = 56;
    static final int LINEAGE_LENGTH_OFFSET = 60;
    static final int COMPRESSED_RECORDS_OFFSET = 64;
    static final int EXPIRING_RECORDS_OFFSET = 68;
    static final int EARLIEST_OFFSET = 72;

    /** "BLOBSEAL" in ASCII. */
    static final long MAGIC = 0x4c414553_424f4c42L;

    /**
     * The bytes.
     *
     * @return a new buffer of {@value #BYTES} bytes, ready to be read
     */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC_OFFSET, MAGIC);
        bytes.putInt(LAST_BLOCK_OFFSET_OFFSET, (int) lastIndexBlock.offset());
        bytes.putInt(LAST_BLOCK_LENGTH_OFFSET, (int) lastIndexBlock.length());
        bytes.putInt(RECORDS_OFFSET, (int) records);
        bytes.putInt(TOMBSTONES_OFFSET, (int) tombstones);
        bytes.putLong(RECORD_BYTES_OFFSET, recordBytes);
        bytes.putLong(TOMBSTONE_BYTES_OFFSET, tombstoneBytes);
        bytes.putLong(SEQUENCE_MIN_OFFSET, sequenceMin);
        bytes.putLong(SEQUENCE_MAX_OFFSET, sequenceMax);
        bytes.putInt(LINEAGE_OFFSET_OFFSET, (int) lineage.offset());
        bytes.putInt(LINEAGE_LENGTH_OFFSET, (int) lineage.length());
        bytes.putInt(COMPRESSED_RECORDS_OFFSET, (int) compressedRecords);
        bytes.putInt(EXPIRING_RECORDS_OFFSET, (int) expiringRecords);
        bytes.putLong(EARLIEST_OFFSET, earliestMillis);
        return bytes;
    }

    /**
     * Reads a payload whose checksum is right.
     *
     * @param payload the payload, from its position to its limit
     * @param fileId the file
     * @return the footer
     * @throws FormatException if it is none
     */
    public static ArenaFooter decode(ByteBuffer payload, long fileId) throws FormatException {
        ByteBuffer bytes = payload.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() != BYTES) {
            throw FormatException.corrupt("length of the footer", BYTES, bytes.limit());
        }
        if (bytes.getLong(MAGIC_OFFSET) != MAGIC) {
            throw FormatException.corrupt(
                    "magic of the footer", Long.toHexString(MAGIC), Long.toHexString(bytes.getLong(MAGIC_OFFSET)));
        }
        long expiring = Integer.toUnsignedLong(bytes.getInt(EXPIRING_RECORDS_OFFSET));
        return new ArenaFooter(
                location(bytes, fileId, LAST_BLOCK_OFFSET_OFFSET),
                location(bytes, fileId, LINEAGE_OFFSET_OFFSET),
                Integer.toUnsignedLong(bytes.getInt(RECORDS_OFFSET)),
                Integer.toUnsignedLong(bytes.getInt(TOMBSTONES_OFFSET)),
                Fixed.number(bytes, RECORD_BYTES_OFFSET, 0, Long.MAX_VALUE),
                Fixed.number(bytes, TOMBSTONE_BYTES_OFFSET, 0, Long.MAX_VALUE),
                Integer.toUnsignedLong(bytes.getInt(COMPRESSED_RECORDS_OFFSET)),
                expiring,
                Fixed.moment(bytes, EARLIEST_OFFSET, expiring),
                Fixed.number(bytes, SEQUENCE_MIN_OFFSET, 0, Limits.SEQUENCE_MAX),
                Fixed.number(bytes, SEQUENCE_MAX_OFFSET, 0, Limits.SEQUENCE_MAX));
    }

    /** Offset and length stand behind each other. */
    private static Location location(ByteBuffer bytes, long fileId, int at) {
        return new Location(
                fileId,
                Integer.toUnsignedLong(bytes.getInt(at)),
                Integer.toUnsignedLong(bytes.getInt(at + Integer.BYTES)));
    }
}
