package org.blobarena.format;

import org.blobarena.arena.ArenaOptions;

/** Numbers that bound what a store can hold. */
public final class Limits {

    /** The format of stores that are not encrypted, as this library writes it. */
    public static final int FORMAT_VERSION = 1;

    /** The format of encrypted stores, and the newest that this library reads. */
    public static final int ENCRYPTED_VERSION = 2;

    /** Bytes of the longest key: its length is an unsigned 16-bit number. */
    public static final int KEY_BYTES_MAX = 65_535;

    /** The smallest limit that can be set for the length of an arena file. */
    public static final long FILE_BYTES_MAX_MIN = 64 * 1024;

    /** Sequence numbers share eight bytes with a record type in index blocks. */
    public static final long SEQUENCE_MAX = (1L << 56) - 1;

    private Limits() {}

    /**
     * The largest payload that an arena file of a given limit can hold as its only record.
     *
     * @param fileBytesMax the limit of the file, {@value #FILE_BYTES_MAX_MIN} to 4 GiB
     * @param keyBytes length of the key
     * @param expires whether the record has a moment of expiry
     * @return bytes
     */
    public static long payloadBytesMax(long fileBytesMax, int keyBytes, boolean expires) {
        return Math.min(fileBytesMax, ArenaOptions.FILE_BYTES_LIMIT)
                - ArenaHeader.BYTES
                - (expires ? RecordHeader.BYTES_MAX : RecordHeader.BYTES)
                - keyBytes
                - sealBytes(1, expires);
    }

    /**
     * The largest blob that an arena file of a given limit can hold as its only record.
     *
     * @param fileBytesMax the limit of the file, {@value #FILE_BYTES_MAX_MIN} to 4 GiB
     * @param keyBytes length of the key
     * @param expires whether the blob expires
     * @return bytes; negative when the key alone is too long
     */
    public static long blobBytesMax(long fileBytesMax, int keyBytes, boolean expires) {
        return BlockTable.blobBytesMax(payloadBytesMax(fileBytesMax, keyBytes, expires));
    }

    /**
     * The bytes that sealing adds to a file.
     *
     * @param entries how many records stand in no index block yet
     * @param moments whether one of them expires
     * @return bytes of the index block, if one is needed, and the footer
     */
    public static long sealBytes(int entries, boolean moments) {
        return indexBlockBytes(entries, moments) + RecordHeader.BYTES + ArenaFooter.BYTES;
    }

    /**
     * The bytes of an index block as a record.
     *
     * @param entries how many it holds
     * @param moments whether one of them expires
     * @return bytes, 0 for none
     */
    public static long indexBlockBytes(int entries, boolean moments) {
        return entries == 0 ? 0 : RecordHeader.BYTES + IndexBlock.payloadBytes(entries, moments);
    }
}
