package org.blobarena.format;

/**
 * How long keys and payloads are in the files of a store: as they are, or encrypted, each part behind a nonce and before a
 * tag.
 *
 * <p>In an encrypted store what stands in the place of a key is {@value #NONCE_BYTES} bytes of nonce, the key encrypted, and
 * {@value #TAG_BYTES} bytes of tag; the same of each block of a blob, and of the payload of a record that has no key. Behind
 * the table of a compressed blob, which is not encrypted, stand a nonce and a tag. There are no block tables.
 */
public enum Layout {
    /** Nothing is encrypted. */
    PLAIN(0),
    /** Keys and payloads are encrypted. */
    ENCRYPTED(Layout.SEAL_BYTES);

    /** Bytes of the nonce before what is encrypted. */
    public static final int NONCE_BYTES = 12;

    /** Bytes of the tag behind what is encrypted. */
    public static final int TAG_BYTES = 16;

    /** What encryption adds to a part. */
    public static final int SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

    /** Bytes of an encrypted block of a blob; the last may have less. */
    public static final int SEALED_BLOCK_BYTES = BlockTable.BLOCK_BYTES + SEAL_BYTES;

    private final int sealBytes;

    Layout(int sealBytes) {
        this.sealBytes = sealBytes;
    }

    /**
     * What a part takes beside its own bytes.
     *
     * @return 0 or {@value #SEAL_BYTES} bytes
     */
    public int overheadBytes() {
        return sealBytes;
    }

    /**
     * The longest key.
     *
     * @return bytes
     */
    public int keyBytesMax() {
        return Limits.KEY_BYTES_MAX - sealBytes;
    }

    /**
     * The length of the payload of a blob that is not compressed.
     *
     * @param blobBytes length of the blob
     * @return bytes
     */
    public long payloadBytes(long blobBytes) {
        return this == PLAIN
                ? BlockTable.payloadBytes(blobBytes)
                : blobBytes + (long) BlockTable.blocks(blobBytes) * SEAL_BYTES;
    }

    /**
     * The length of the payload of a compressed blob.
     *
     * @param blobBytes length of the blob
     * @param storedBytes length of its blocks, compressed and not encrypted
     * @return bytes, with the table
     */
    public long compressedPayloadBytes(long blobBytes, long storedBytes) {
        return storedBytes + CompressedTable.bytes(blobBytes) + (BlockTable.blocks(blobBytes) + 1L) * sealBytes;
    }

    /**
     * The length of a blob that is not compressed.
     *
     * @param payloadBytes length of its payload
     * @return bytes
     */
    public long blobBytes(long payloadBytes) {
        return this == PLAIN
                ? BlockTable.blobBytes(payloadBytes)
                : payloadBytes - sealedBlocks(payloadBytes) * SEAL_BYTES;
    }

    /**
     * The longest blob that fits an arena file, whether it gets compressed or not.
     *
     * @param fileBytesMax limit of the file
     * @param keyBytes length of its key
     * @param expires whether it does
     * @return bytes, negative if the key alone does not fit
     */
    public long blobBytesMax(long fileBytesMax, int keyBytes, boolean expires) {
        if (this == PLAIN) {
            return Limits.blobBytesMax(fileBytesMax, keyBytes, expires);
        }
        // That of a plain store has room for the seals of index block and footer too, and for that of the key.
        long payloadBytesMax = Limits.payloadBytesMax(fileBytesMax, keyBytes, expires) - 3L * SEAL_BYTES;
        if (payloadBytesMax < 0) {
            return payloadBytesMax;
        }
        long whole = payloadBytesMax / SEALED_BLOCK_BYTES;
        long rest = payloadBytesMax % SEALED_BLOCK_BYTES;
        return whole * BlockTable.BLOCK_BYTES + Math.max(0, rest - SEAL_BYTES);
    }

    /**
     * What sealing a file adds to it.
     *
     * @param entries that no index block lists yet
     * @param moments whether one of them expires
     * @return bytes of the index block, if there is one, and the footer
     */
    public long sealBytes(int entries, boolean moments) {
        return Limits.sealBytes(entries, moments) + (entries == 0 ? 1L : 2L) * sealBytes;
    }

    /**
     * The length of the record of an index block.
     *
     * @param entries that it lists
     * @param moments whether one of them expires
     * @return bytes; 0 for no entries
     */
    public long indexBlockBytes(int entries, boolean moments) {
        return Limits.indexBlockBytes(entries, moments) + (entries == 0 ? 0 : sealBytes);
    }

    /**
     * The length of the record of a footer.
     *
     * @return bytes
     */
    public int footerRecordBytes() {
        return RecordHeader.BYTES + ArenaFooter.BYTES + sealBytes;
    }

    /** Refuses the length of a payload that no encrypted blob has, which is not compressed. */
    static void requireSealedPayload(long payloadBytes) throws FormatException {
        if (payloadBytes > 0 && (payloadBytes - 1) % SEALED_BLOCK_BYTES < SEAL_BYTES) {
            throw FormatException.corrupt("length of an encrypted payload", "that of whole blocks", payloadBytes);
        }
    }

    private static long sealedBlocks(long payloadBytes) {
        return (payloadBytes + SEALED_BLOCK_BYTES - 1) / SEALED_BLOCK_BYTES;
    }
}
