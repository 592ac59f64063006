package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of an arena file, by which it names itself.
 *
 * @param fileId its id within the store, 1 to 2^32 - 1, never used again
 * @param storeId the store that it belongs to
 * @param creationSequence the next sequence number of the store when the file was begun: whatever a record in it says of
 *     a key was so at that moment or later
 * @param kept whether an eviction has written its records again
 * @param fileKey what the key of the file is derived from; null if the store is not encrypted
 */
public record ArenaHeader(
        long fileId,
        UUID storeId,
        long creationSequence,
        boolean kept,
        @Nullable FileKey fileKey) {

    /**
     * What the key of an encrypted file is derived from, with the key of the user's and the rest of the header.
     *
     * @param keyId of the user's key, 1 to 2^31 - 1
     * @param saltHigh the first eight bytes of what is random, little-endian
     * @param saltLow the other four
     */
    public record FileKey(int keyId, long saltHigh, int saltLow) {}

    /** Bytes of the header. */
    public static final int BYTES = 64;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int FILE_ID_OFFSET = 12;
    static final int STORE_ID_OFFSET = 16;
    static final int CREATION_SEQUENCE_OFFSET = 32;
    static final int KEPT_OFFSET = 40;
    static final int KEY_ID_OFFSET = 44;
    static final int FILE_SALT_OFFSET = 48;
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
     * The header of a file of a store that is not encrypted.
     *
     * @param fileId see above
     * @param storeId see above
     * @param creationSequence see above
     * @param kept see above
     */
    public ArenaHeader(long fileId, UUID storeId, long creationSequence, boolean kept) {
        this(fileId, storeId, creationSequence, kept, null);
    }

    /**
     * The bytes.
     *
     * @return a new buffer of {@value #BYTES} bytes, ready to be read
     */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC_OFFSET, MAGIC);
        bytes.putInt(VERSION_OFFSET, fileKey == null ? Limits.FORMAT_VERSION : Limits.ENCRYPTED_VERSION);
        bytes.putInt(FILE_ID_OFFSET, (int) fileId);
        Uuids.put(bytes, STORE_ID_OFFSET, storeId);
        bytes.putLong(CREATION_SEQUENCE_OFFSET, creationSequence);
        bytes.putInt(KEPT_OFFSET, kept ? 1 : 0);
        if (fileKey != null) {
            bytes.putInt(KEY_ID_OFFSET, fileKey.keyId);
            bytes.putLong(FILE_SALT_OFFSET, fileKey.saltHigh);
            bytes.putInt(FILE_SALT_OFFSET + Long.BYTES, fileKey.saltLow);
        }
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
        FileKey fileKey = null;
        if (bytes.getInt(VERSION_OFFSET) == Limits.ENCRYPTED_VERSION) {
            fileKey = new FileKey(
                    bytes.getInt(KEY_ID_OFFSET),
                    bytes.getLong(FILE_SALT_OFFSET),
                    bytes.getInt(FILE_SALT_OFFSET + Long.BYTES));
            if (fileKey.keyId < 1) {
                throw FormatException.unsupported(
                        "the arena header, which names no key,", Limits.FORMAT_VERSION, Limits.ENCRYPTED_VERSION);
            }
        } else {
            Fixed.requireZero(bytes, KEY_ID_OFFSET, CHECKSUM_OFFSET);
        }
        int kept = bytes.getInt(KEPT_OFFSET);
        if (kept != 0 && kept != 1) {
            throw FormatException.corrupt("kept", "0 or 1", kept);
        }
        return new ArenaHeader(
                Integer.toUnsignedLong(bytes.getInt(FILE_ID_OFFSET)),
                Uuids.get(bytes, STORE_ID_OFFSET),
                bytes.getLong(CREATION_SEQUENCE_OFFSET),
                kept == 1,
                fileKey);
    }
}
