package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.blobarena.arena.Location;

/**
 * The content of the file {@code CLEAN}: what a clean close knew, so that the next opening need not find out.
 *
 * @param storeId the store
 * @param nextSequence the next sequence number
 * @param nextFileId the next id of an arena file
 * @param indexName the file of the index
 * @param indexSize the number of keys in it
 * @param files what was known of every arena file
 */
public record CleanMark(
        UUID storeId, long nextSequence, long nextFileId, String indexName, long indexSize, List<FileState> files) {

    /** Bytes before the table of files. */
    public static final int HEADER_BYTES = 160;

    /** Bytes of a row of the table. */
    public static final int FILE_BYTES = 88;

    /** The longest name of an index file, in bytes. */
    public static final int INDEX_NAME_BYTES_MAX = 64;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int CHECKSUM_OFFSET = 12;
    static final int STORE_ID_OFFSET = 16;
    static final int NEXT_SEQUENCE_OFFSET = 32;
    static final int NEXT_FILE_ID_OFFSET = 40;
    static final int FILE_COUNT_OFFSET = 44;
    static final int INDEX_SIZE_OFFSET = 48;
    static final int INDEX_NAME_LENGTH_OFFSET = 56;
    static final int RESERVED_OFFSET = 60;
    static final int INDEX_NAME_OFFSET = 96;
    static final int FILE_ID_OFFSET = 0;
    static final int FILE_STATUS_OFFSET = 4;
    static final int FILE_LENGTH_OFFSET = 8;
    static final int FILE_RECORD_BYTES_OFFSET = 16;
    static final int FILE_LIVE_BYTES_OFFSET = 24;
    static final int FILE_LAST_BLOCK_OFFSET_OFFSET = 32;
    static final int FILE_LAST_BLOCK_LENGTH_OFFSET = 36;
    static final int FILE_RECORDS_OFFSET = 40;
    static final int FILE_TOMBSTONES_OFFSET = 44;
    static final int FILE_SEQUENCE_MIN_OFFSET = 48;
    static final int FILE_SEQUENCE_MAX_OFFSET = 56;
    static final int FILE_TOMBSTONE_BYTES_OFFSET = 64;
    static final int FILE_COMPRESSED_RECORDS_OFFSET = 72;
    static final int FILE_EXPIRING_RECORDS_OFFSET = 76;
    static final int FILE_EARLIEST_OFFSET = 80;

    /** "BLOBCLEA" in ASCII. */
    static final long MAGIC = 0x41454c43_424f4c42L;

    /** What a file is to the store. */
    public enum Status {
        /** It has no footer and takes no records: one that is damaged. */
        LEFT(0),
        /** It has its footer. */
        SEALED(1),
        /** It goes on taking records. */
        ACTIVE(2);

        private final int number;

        Status(int number) {
            this.number = number;
        }
    }

    /**
     * One arena file.
     *
     * @param fileId its id
     * @param status what it is to the store
     * @param length its bytes
     * @param liveBytes how many of its record bytes are live
     * @param content what its footer says, or would say if it were sealed now, but for the lineage: whatever the file
     *     replaced is gone after a clean close
     */
    public record FileState(long fileId, Status status, long length, long liveBytes, ArenaFooter content) {

        /**
         * How much of the file was known to be whole and on the device.
         *
         * @return all of it; 0 of one that is left as damage, or a crash before, has made it
         */
        public long forcedBytes() {
            return status == Status.LEFT ? 0 : length;
        }
    }

    /**
     * The bytes.
     *
     * @return a new buffer, ready to be read
     */
    public ByteBuffer encode() {
        byte[] name = indexName.getBytes(StandardCharsets.UTF_8);
        if (name.length > INDEX_NAME_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "the name of an index file is longer than " + INDEX_NAME_BYTES_MAX + " bytes: " + indexName);
        }
        ByteBuffer bytes =
                ByteBuffer.allocate(HEADER_BYTES + files.size() * FILE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC_OFFSET, MAGIC);
        bytes.putInt(VERSION_OFFSET, Limits.FORMAT_VERSION);
        Uuids.put(bytes, STORE_ID_OFFSET, storeId);
        bytes.putLong(NEXT_SEQUENCE_OFFSET, nextSequence);
        bytes.putInt(NEXT_FILE_ID_OFFSET, (int) nextFileId);
        bytes.putInt(FILE_COUNT_OFFSET, files.size());
        bytes.putLong(INDEX_SIZE_OFFSET, indexSize);
        bytes.putInt(INDEX_NAME_LENGTH_OFFSET, name.length);
        bytes.put(INDEX_NAME_OFFSET, name);
        int at = HEADER_BYTES;
        for (FileState file : files) {
            encodeFile(bytes, at, file);
            at += FILE_BYTES;
        }
        bytes.putInt(CHECKSUM_OFFSET, Checksums.of(bytes, STORE_ID_OFFSET, bytes.limit()));
        return bytes;
    }

    /**
     * Reads the bytes.
     *
     * @param source the content of the file, from position 0 to its limit
     * @return the mark
     * @throws FormatException if it is damaged or of another version
     */
    public static CleanMark decode(ByteBuffer source) throws FormatException {
        ByteBuffer bytes = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < HEADER_BYTES) {
            throw FormatException.corrupt("length of the clean mark", "at least " + HEADER_BYTES, bytes.limit());
        }
        if (bytes.getLong(MAGIC_OFFSET) != MAGIC || bytes.getInt(VERSION_OFFSET) != Limits.FORMAT_VERSION) {
            throw FormatException.corrupt(
                    "magic and version of the clean mark",
                    Long.toHexString(MAGIC) + " " + Limits.FORMAT_VERSION,
                    Long.toHexString(bytes.getLong(MAGIC_OFFSET)) + " " + bytes.getInt(VERSION_OFFSET));
        }
        int expected = Checksums.of(bytes, STORE_ID_OFFSET, bytes.limit());
        if (expected != bytes.getInt(CHECKSUM_OFFSET)) {
            throw FormatException.corrupt(
                    "checksum of the clean mark",
                    Checksums.hex(expected),
                    Checksums.hex(bytes.getInt(CHECKSUM_OFFSET)));
        }
        Fixed.requireZero(bytes, RESERVED_OFFSET, INDEX_NAME_OFFSET);
        long count = Integer.toUnsignedLong(bytes.getInt(FILE_COUNT_OFFSET));
        int nameLength = bytes.getInt(INDEX_NAME_LENGTH_OFFSET);
        if (bytes.limit() != HEADER_BYTES + count * FILE_BYTES || nameLength < 0 || nameLength > INDEX_NAME_BYTES_MAX) {
            throw FormatException.corrupt("files of a clean mark of " + bytes.limit() + " bytes", "as many", count);
        }
        Fixed.requireZero(bytes, INDEX_NAME_OFFSET + nameLength, HEADER_BYTES);
        String name = name(bytes.slice(INDEX_NAME_OFFSET, nameLength));
        List<FileState> files = new ArrayList<>();
        for (int at = HEADER_BYTES; at < bytes.limit(); at += FILE_BYTES) {
            files.add(decodeFile(bytes, at));
        }
        long nextSequence = Fixed.number(bytes, NEXT_SEQUENCE_OFFSET, 1, Limits.SEQUENCE_MAX);
        long nextFileId = Integer.toUnsignedLong(bytes.getInt(NEXT_FILE_ID_OFFSET));
        requireOrder(nextSequence, nextFileId, files);
        return new CleanMark(
                Uuids.get(bytes, STORE_ID_OFFSET),
                nextSequence,
                nextFileId,
                name,
                Fixed.number(bytes, INDEX_SIZE_OFFSET, 0, Long.MAX_VALUE),
                List.copyOf(files));
    }

    /** Files stand in the order of their ids, each once, and what was given before is not given again. */
    private static void requireOrder(long nextSequence, long nextFileId, List<FileState> files) throws FormatException {
        long previous = -1;
        for (FileState file : files) {
            if (file.fileId <= previous || file.fileId >= nextFileId) {
                throw FormatException.corrupt(
                        "file id of the clean mark",
                        "more than " + previous + " and less than the next, " + nextFileId,
                        file.fileId);
            }
            if (file.content.sequenceMax() >= nextSequence) {
                throw FormatException.corrupt(
                        "greatest sequence number of a file of the clean mark",
                        "less than the next, " + nextSequence,
                        file.content.sequenceMax());
            }
            previous = file.fileId;
        }
    }

    private static String name(ByteBuffer bytes) throws FormatException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw FormatException.corrupt("index name of the clean mark", "UTF-8", "other bytes");
        }
    }

    private static void encodeFile(ByteBuffer bytes, int at, FileState file) {
        ArenaFooter content = file.content;
        bytes.putInt(at + FILE_ID_OFFSET, (int) file.fileId);
        bytes.putInt(at + FILE_STATUS_OFFSET, file.status.number);
        bytes.putLong(at + FILE_LENGTH_OFFSET, file.length);
        bytes.putLong(at + FILE_RECORD_BYTES_OFFSET, content.recordBytes());
        bytes.putLong(at + FILE_LIVE_BYTES_OFFSET, file.liveBytes);
        bytes.putInt(at + FILE_LAST_BLOCK_OFFSET_OFFSET, (int)
                content.lastIndexBlock().offset());
        bytes.putInt(at + FILE_LAST_BLOCK_LENGTH_OFFSET, (int)
                content.lastIndexBlock().length());
        bytes.putInt(at + FILE_RECORDS_OFFSET, (int) content.records());
        bytes.putInt(at + FILE_TOMBSTONES_OFFSET, (int) content.tombstones());
        bytes.putLong(at + FILE_TOMBSTONE_BYTES_OFFSET, content.tombstoneBytes());
        bytes.putLong(at + FILE_SEQUENCE_MIN_OFFSET, content.sequenceMin());
        bytes.putLong(at + FILE_SEQUENCE_MAX_OFFSET, content.sequenceMax());
        bytes.putInt(at + FILE_COMPRESSED_RECORDS_OFFSET, (int) content.compressedRecords());
        bytes.putInt(at + FILE_EXPIRING_RECORDS_OFFSET, (int) content.expiringRecords());
        bytes.putLong(at + FILE_EARLIEST_OFFSET, content.earliestMillis());
    }

    private static FileState decodeFile(ByteBuffer bytes, int at) throws FormatException {
        long expiring = Integer.toUnsignedLong(bytes.getInt(at + FILE_EXPIRING_RECORDS_OFFSET));
        long fileId = Integer.toUnsignedLong(bytes.getInt(at + FILE_ID_OFFSET));
        ArenaFooter content = new ArenaFooter(
                new Location(
                        fileId,
                        Integer.toUnsignedLong(bytes.getInt(at + FILE_LAST_BLOCK_OFFSET_OFFSET)),
                        Integer.toUnsignedLong(bytes.getInt(at + FILE_LAST_BLOCK_LENGTH_OFFSET))),
                new Location(fileId, 0, 0),
                Integer.toUnsignedLong(bytes.getInt(at + FILE_RECORDS_OFFSET)),
                Integer.toUnsignedLong(bytes.getInt(at + FILE_TOMBSTONES_OFFSET)),
                Fixed.number(bytes, at + FILE_RECORD_BYTES_OFFSET, 0, Long.MAX_VALUE),
                Fixed.number(bytes, at + FILE_TOMBSTONE_BYTES_OFFSET, 0, Long.MAX_VALUE),
                Integer.toUnsignedLong(bytes.getInt(at + FILE_COMPRESSED_RECORDS_OFFSET)),
                expiring,
                Fixed.moment(bytes, at + FILE_EARLIEST_OFFSET, expiring),
                Fixed.number(bytes, at + FILE_SEQUENCE_MIN_OFFSET, 0, Limits.SEQUENCE_MAX),
                Fixed.number(bytes, at + FILE_SEQUENCE_MAX_OFFSET, 0, Limits.SEQUENCE_MAX));
        return new FileState(
                fileId,
                decodeStatus(bytes.getInt(at + FILE_STATUS_OFFSET)),
                Fixed.number(bytes, at + FILE_LENGTH_OFFSET, 0, Location.UNSIGNED_MAX),
                Fixed.number(bytes, at + FILE_LIVE_BYTES_OFFSET, 0, Long.MAX_VALUE),
                content);
    }

    private static Status decodeStatus(int number) throws FormatException {
        for (Status status : Status.values()) {
            if (status.number == number) {
                return status;
            }
        }
        throw FormatException.corrupt("status of a file of the clean mark", "0 to 2", number);
    }
}
