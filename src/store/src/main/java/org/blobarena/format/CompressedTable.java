package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Where the blocks of a compressed blob stand in its payload, and their checksums: it stands behind the blocks, a row for
 * each, and then the length of the blob. The payload's checksum is that of the table.
 *
 * <p>The blocks are those of a {@link BlockTable}: {@value BlockTable#BLOCK_BYTES} bytes of the blob, fewer only in the
 * last. Each is stored compressed if that made it shorter, else as it is, which its stored length tells.
 *
 * <p>A reader begins with its end, by {@link #ofEnd}: no row is read, and no memory taken for one, before the
 * payload is known to be long enough for all of them. An object is for one thread.
 */
public final class CompressedTable {

    /** Bytes of a row of the table. */
    public static final int ROW_BYTES = 8;

    /** Bytes behind the rows. */
    public static final int END_BYTES = 8;

    /** What compression has to save at least, or a blob of one block would get no shorter. */
    public static final int SAVED_BYTES_MIN = ROW_BYTES + END_BYTES + 1;

    static final int STORED_LENGTH_OFFSET = 0;
    static final int STORED_CHECKSUM_OFFSET = 4;
    static final int BLOB_LENGTH_OFFSET = 0;

    private static final long BLOB_BYTES_MAX = 0xFFFF_FFFFL;
    private static final int ROWS_AT_FIRST = 16;

    private int[] checksums;
    private long[] ends;
    private int count;
    private long blobBytes;

    /** A table of no blocks yet. */
    public CompressedTable() {
        this(ROWS_AT_FIRST);
    }

    private CompressedTable(int rows) {
        checksums = new int[rows];
        ends = new long[rows];
    }

    /**
     * Returns the length of a table.
     *
     * @param blobBytes length of the blob
     * @return bytes
     */
    public static long bytes(long blobBytes) {
        return (long) BlockTable.blocks(blobBytes) * ROW_BYTES + END_BYTES;
    }

    // ---- writing

    /**
     * Adds the next block.
     *
     * @param rawBytes its length in the blob
     * @param storedBytes its length in the payload, at most that
     * @param crc the CRC-32C of what is stored
     */
    public void add(int rawBytes, int storedBytes, int crc) {
        addRow(storedBytes, crc);
        blobBytes += rawBytes;
    }

    /**
     * Returns whether any block is stored shorter than it is.
     *
     * @return false if the stored bytes are the blob
     */
    public boolean isShorter() {
        return storedBytes() < blobBytes;
    }

    /**
     * Returns the table of a blob that is stored as it is, in its stead.
     *
     * @return a table of the same blocks
     */
    public BlockTable toBlockTable() {
        BlockTable table = new BlockTable();
        for (int i = 0; i < count; i++) {
            table.add(checksums[i]);
        }
        return table;
    }

    /**
     * Returns the bytes.
     *
     * @return a new buffer, ready to be read
     */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(count * ROW_BYTES + END_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putInt(i * ROW_BYTES + STORED_LENGTH_OFFSET, storedBytes(i));
            bytes.putInt(i * ROW_BYTES + STORED_CHECKSUM_OFFSET, checksums[i]);
        }
        bytes.putLong(count * ROW_BYTES + BLOB_LENGTH_OFFSET, blobBytes);
        return bytes;
    }

    // ---- reading

    /**
     * Begins to read a table with its last bytes, which are to be verified with the rest.
     *
     * @param end holds them in little-endian order
     * @param at index of the first of {@value #END_BYTES}
     * @param payloadBytes length of the payload
     * @return a table of that blob, without its rows yet
     * @throws FormatException if the payload is too short for so many rows
     */
    public static CompressedTable ofEnd(ByteBuffer end, int at, long payloadBytes) throws FormatException {
        long blobBytes = end.getLong(at + BLOB_LENGTH_OFFSET);
        if (blobBytes < 1 || blobBytes > BLOB_BYTES_MAX) {
            throw FormatException.corrupt(
                    "length of a compressed blob", "1 to " + BLOB_BYTES_MAX, Long.toUnsignedString(blobBytes));
        }
        if (bytes(blobBytes) > payloadBytes) {
            throw FormatException.corrupt(
                    "length of a payload with the table of a compressed blob of " + blobBytes + " bytes",
                    "at least " + bytes(blobBytes),
                    payloadBytes);
        }
        CompressedTable table = new CompressedTable(BlockTable.blocks(blobBytes));
        table.blobBytes = blobBytes;
        return table;
    }

    /**
     * Checks that a payload is long enough for the end of a table.
     *
     * @param payloadBytes length of a payload
     * @throws FormatException if it is none of a compressed blob
     */
    static void requirePayload(long payloadBytes) throws FormatException {
        if (payloadBytes <= ROW_BYTES + END_BYTES) {
            throw FormatException.corrupt(
                    "length of a compressed payload", "more than " + (ROW_BYTES + END_BYTES), payloadBytes);
        }
    }

    /**
     * Reads rows, in addition to those that are there.
     *
     * @param rows whole rows of this blob in little-endian order, from position to limit, where the position is then
     * @param checksum of the table, which these bytes are added to, and behind the last row the end
     */
    public void decode(ByteBuffer rows, CRC32C checksum) {
        int from = rows.position();
        checksum.update(rows);
        for (int at = from; at < rows.limit(); at += ROW_BYTES) {
            addRow(
                    Integer.toUnsignedLong(rows.getInt(at + STORED_LENGTH_OFFSET)),
                    rows.getInt(at + STORED_CHECKSUM_OFFSET));
        }
        if (count == BlockTable.blocks(blobBytes)) {
            ByteBuffer end = ByteBuffer.allocate(END_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            checksum.update(end.putLong(BLOB_LENGTH_OFFSET, blobBytes));
        }
    }

    /**
     * Checks the lengths in all rows, once all are there. None may be used before.
     *
     * @param payloadBytes length of the payload
     * @throws FormatException if they are not those of blocks that fill the payload
     */
    public void requireFilled(long payloadBytes) throws FormatException {
        for (int i = 0; i < count; i++) {
            long length = ends[i] - start(i);
            if (length < 1 || length > rawBytes(i)) {
                throw FormatException.corrupt("stored length of block " + i, "1 to " + rawBytes(i), length);
            }
        }
        long expected = payloadBytes - bytes(blobBytes);
        if (storedBytes() != expected) {
            throw FormatException.corrupt("length of all stored blocks", expected, storedBytes());
        }
    }

    /**
     * Compares the checksum of a block.
     *
     * @param block its number, 0 to {@link #count} - 1
     * @param crc the CRC-32C of its stored bytes as they were read
     * @throws FormatException if it is another than the table says
     */
    public void verify(int block, int crc) throws FormatException {
        if (checksums[block] != crc) {
            throw FormatException.corrupt(
                    "checksum of stored block " + block, Checksums.hex(checksums[block]), Checksums.hex(crc));
        }
    }

    // ---- what it says

    /**
     * Returns the number of blocks.
     *
     * @return rows that are there
     */
    public int count() {
        return count;
    }

    /**
     * Returns the length of the blob.
     *
     * @return bytes
     */
    public long blobBytes() {
        return blobBytes;
    }

    /**
     * Returns the length of all blocks as they are stored.
     *
     * @return bytes of the payload before the table
     */
    public long storedBytes() {
        return start(count);
    }

    /**
     * Returns where a block is stored.
     *
     * @param block its number
     * @return offset in the payload
     */
    public long start(int block) {
        return block == 0 ? 0 : ends[block - 1];
    }

    /**
     * Returns the length of a block as it is stored.
     *
     * @param block its number
     * @return bytes
     */
    public int storedBytes(int block) {
        return (int) (ends[block] - start(block));
    }

    /**
     * Returns the length of a block in the blob.
     *
     * @param block its number
     * @return bytes, {@value BlockTable#BLOCK_BYTES} but for the last
     */
    public int rawBytes(int block) {
        return (int) Math.min(BlockTable.BLOCK_BYTES, blobBytes - (long) block * BlockTable.BLOCK_BYTES);
    }

    private void addRow(long storedBytes, int crc) {
        if (count == ends.length) {
            checksums = Arrays.copyOf(checksums, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        checksums[count] = crc;
        ends[count] = start(count) + storedBytes;
        count++;
    }
}
