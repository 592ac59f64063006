package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The first bytes of an arena file, by which it names itself.
 *
 * @param fileId its id within the store, 1 to 2^32 - 1, never used again
 * @param storeId the store that it belongs to
 * @param creationSequence the next sequence number of the store when the file was begun: whatever a record in it says of
 *     a key was so at that moment or later
 * @param kept whether an eviction has written its records again
 */
public record ArenaHeader(long fileId, UUID storeId, long creationSequence, boolean kept) {

    /** Bytes of the header. */
    public static final int BYTES = 64;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int FILE_ID_OFFSET = 12;
    static final int STORE_ID_OFFSET = 16;
    static final int CREATION_SEQUENCE_OFFSET = 32;
    static final int KEPT_OFFSET = 40;
    static final int RESERVED_OFFSET = 44;
    static final int CHECKSUM_OFFSET = 60;

    /** "BLOBAREN" in ASCII. */
    static final long MAGIC = 0x4e455241_424f4c42L;

    /**
     * The header of a file of new records.
     *
     * @param fileId see above
     * @param storeId see above
     * @param creationSequence see above
     */
    public ArenaHeader(long fileId, UUID storeId, long creationSequence) {
        this(fileId, storeId, creationSequence, false);
    }

    /**
     * The bytes.
     *
     * @return a new buffer of {@value #BYTES} bytes, ready to be read
     */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC_OFFSET, MAGIC);
        bytes.putInt(VERSION_OFFSET, Limits.FORMAT_VERSION);
        bytes.putInt(FILE_ID_OFFSET, (int) fileId);
        Uuids.put(bytes, STORE_ID_OFFSET, storeId);
        bytes.putLong(CREATION_SEQUENCE_OFFSET, creationSequence);
        bytes.putInt(KEPT_OFFSET, kept ? 1 : 0);
        bytes.putInt(CHECKSUM_OFFSET, Checksums.of(bytes, 0, CHECKSUM_OFFSET));
        return bytes;
    }

    /**
     * Reads the bytes.
     *
     * @param source the first bytes of the file, from position 0 to its limit
     * @return the header
     * @throws FormatException if it is damaged or of a newer version
     */
    public static ArenaHeader decode(ByteBuffer source) throws FormatException {
        ByteBuffer bytes = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        Fixed.requireFrame(bytes, new Fixed.Frame("arena header", BYTES, MAGIC, CHECKSUM_OFFSET));
        Fixed.requireZero(bytes, RESERVED_OFFSET, CHECKSUM_OFFSET);
        int kept = bytes.getInt(KEPT_OFFSET);
        if (kept != 0 && kept != 1) {
            throw FormatException.corrupt("kept", "0 or 1", kept);
        }
        return new ArenaHeader(
                Integer.toUnsignedLong(bytes.getInt(FILE_ID_OFFSET)),
                Uuids.get(bytes, STORE_ID_OFFSET),
                bytes.getLong(CREATION_SEQUENCE_OFFSET),
                kept == 1);
    }
}
