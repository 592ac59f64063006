package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The checksums of the blocks of a blob that has more than one: it stands behind the blob and is a part of the payload,
 * so that a part of the blob can be verified without the rest. The payload's checksum is that of the table.
 *
 * <p>How long a blob is follows from the length of its payload alone, and so from a location.
 *
 * <p>An object collects the checksums of one blob, for one thread.
 */
public final class BlockTable {

    /** Bytes of a block; the last of a blob may have less. */
    public static final int BLOCK_BYTES = 64 * 1024;

    /** Bytes of a row of the table. */
    public static final int ROW_BYTES = 4;

    static final int BLOCK_CHECKSUM_OFFSET = 0;

    private static final int ROWS_AT_FIRST = 16;

    private int[] checksums = new int[ROWS_AT_FIRST];
    private int count;

    /** A table of no blocks yet. */
    public BlockTable() {}

    /**
     * Returns whether a blob is long enough for a table.
     *
     * @param blobBytes its length
     * @return true for more than {@value #BLOCK_BYTES} bytes
     */
    public static boolean isNeeded(long blobBytes) {
        return blobBytes > BLOCK_BYTES;
    }

    /**
     * Returns the number of blocks.
     *
     * @param blobBytes length of a blob, at most 2^32 - 1
     * @return blocks, of which only the last can be shorter than the others
     */
    public static int blocks(long blobBytes) {
        return (int) ((blobBytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
    }

    /**
     * Returns the length of a payload.
     *
     * @param blobBytes length of a blob
     * @return bytes with the table, if there is one
     */
    public static long payloadBytes(long blobBytes) {
        return isNeeded(blobBytes) ? blobBytes + tableBytes(blobBytes) : blobBytes;
    }

    /**
     * Returns the length of a blob.
     *
     * @param payloadBytes length of its payload
     * @return bytes without the table, if there is one
     */
    public static long blobBytes(long payloadBytes) {
        return isNeeded(payloadBytes) ? payloadBytes - tableBytesOf(payloadBytes) : payloadBytes;
    }

    /**
     * Returns the longest blob whose payload does not exceed a length.
     *
     * @param payloadBytesMax the limit
     * @return bytes
     */
    public static long blobBytesMax(long payloadBytesMax) {
        if (!isNeeded(payloadBytesMax)) {
            return payloadBytesMax;
        }
        long wholeBlocks = payloadBytesMax / (BLOCK_BYTES + ROW_BYTES) * BLOCK_BYTES;
        return Math.max(Math.max(BLOCK_BYTES, wholeBlocks), payloadBytesMax - tableBytesOf(payloadBytesMax));
    }

    /**
     * Refuses the length of a payload that no blob with a table has.
     *
     * @param payloadBytes length of a payload
     * @throws FormatException if it is none
     */
    public static void requirePayload(long payloadBytes) throws FormatException {
        long blobBytes = payloadBytes - tableBytesOf(payloadBytes);
        if (!isNeeded(blobBytes) || payloadBytes(blobBytes) != payloadBytes) {
            throw FormatException.corrupt(
                    "length of a payload with blocks", "that of a blob and its table", payloadBytes);
        }
    }

    /**
     * Adds the next block.
     *
     * @param crc its CRC-32C
     */
    public void add(int crc) {
        if (count == checksums.length) {
            checksums = Arrays.copyOf(checksums, 2 * count);
        }
        checksums[count] = crc;
        count++;
    }

    /** Forgets all blocks. */
    public void clear() {
        count = 0;
    }

    /**
     * Returns the number of blocks added.
     *
     * @return blocks
     */
    public int count() {
        return count;
    }

    /**
     * Returns the table of all blocks of a blob, cut into them here.
     *
     * @param blob from its position to its limit, which stay
     * @return a table
     */
    public static BlockTable of(ByteBuffer blob) {
        BlockTable table = new BlockTable();
        for (int from = blob.position(); from < blob.limit(); from += BLOCK_BYTES) {
            table.add(Checksums.of(blob, from, Math.min(blob.limit(), from + BLOCK_BYTES)));
        }
        return table;
    }

    /**
     * Returns the bytes.
     *
     * @return a new buffer, ready to be read
     */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(count * ROW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putInt(i * ROW_BYTES + BLOCK_CHECKSUM_OFFSET, checksums[i]);
        }
        return bytes;
    }

    /**
     * Reads rows, in addition to those that are there.
     *
     * @param bytes whole rows in little-endian order, from position to limit, where the position is then
     * @param checksum of the table, which these bytes are added to
     */
    public void decode(ByteBuffer bytes, CRC32C checksum) {
        int from = bytes.position();
        checksum.update(bytes);
        for (int at = from; at < bytes.limit(); at += ROW_BYTES) {
            add(bytes.getInt(at + BLOCK_CHECKSUM_OFFSET));
        }
    }

    /**
     * Compares the checksum of a block.
     *
     * @param block its number, 0 to {@link #count} - 1
     * @param crc the CRC-32C of the block as it was read
     * @throws FormatException if it is another than the table says
     */
    public void verify(int block, int crc) throws FormatException {
        if (checksums[block] != crc) {
            throw FormatException.corrupt(
                    "checksum of block " + block, Checksums.hex(checksums[block]), Checksums.hex(crc));
        }
    }

    private static long tableBytes(long blobBytes) {
        return (long) blocks(blobBytes) * ROW_BYTES;
    }

    /** Of the only number of blocks that can make up so many bytes together with their rows. */
    private static long tableBytesOf(long payloadBytes) {
        long each = BLOCK_BYTES + ROW_BYTES;
        return (payloadBytes + each - 1) / each * ROW_BYTES;
    }
}
