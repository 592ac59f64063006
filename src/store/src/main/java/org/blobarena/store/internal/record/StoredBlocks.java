package org.blobarena.store.internal.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.CompressedTable;
import org.blobarena.format.FormatException;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.store.internal.core.ByteSource;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.jspecify.annotations.Nullable;

/**
 * The payload of one record by its blocks as they stand in the file, each of which is verified before anybody gets it. A
 * payload without a table is one block.
 *
 * <p>An encrypted block is decrypted where it is read; what comes out is what would stand in the file without.
 *
 * <p>For one thread at a time. Memory is the table: 4 bytes for each block, which the next record uses again, or 12 where
 * they are compressed.
 */
public final class StoredBlocks {

    /** So much of the end of a compressed payload is read first: all of the table of a blob of less than 32 MiB. */
    private static final int END_READ_BYTES = 4096;

    private final RecordFrame frame;
    private final RecordHeader header;
    private final BlockTable table = new BlockTable();
    private @Nullable FileCipher cipher;
    private ByteSource source;
    private long start;
    private @Nullable CompressedTable compressed;

    /**
     * Reads and verifies the table of the blocks.
     *
     * @param frame with an open record
     * @param source has the bytes of the record
     * @throws FormatException if the table is damaged
     */
    public StoredBlocks(RecordFrame frame, ByteSource source, Scratch scratch) throws IOException, FormatException {
        this.frame = frame;
        this.header = frame.header();
        this.source = source;
        turnTo(source, scratch);
    }

    /**
     * Turns to another record, which is open in the frame by now.
     *
     * @throws FormatException if the table is damaged
     */
    void turnTo(ByteSource newSource, Scratch scratch) throws IOException, FormatException {
        source = newSource;
        cipher = frame.cipher();
        start = frame.payloadStart();
        table.clear();
        header.verifyLayout();
        compressed = header.isCompressed() ? readCompressedTable(scratch) : null;
        if (header.hasBlocks()) {
            readTable(scratch);
        }
    }

    private void readTable(Scratch scratch) throws IOException, FormatException {
        CRC32C checksum = scratch.checksum();
        long end = start + header.payloadLength();
        for (long position = start + header.blobBytes(); position < end; ) {
            ByteBuffer rows = read(scratch, position, end - position);
            position += rows.remaining();
            table.decode(rows, checksum);
        }
        header.verifyPayload((int) checksum.getValue());
    }

    private CompressedTable readCompressedTable(Scratch scratch) throws IOException, FormatException {
        long payloadBytes = header.payloadLength() - header.layout().overheadBytes();
        long end = start + payloadBytes;
        long lastStart = Math.max(start, end - END_READ_BYTES);
        ByteBuffer last = read(scratch, lastStart, end - lastStart);
        CompressedTable found = CompressedTable.ofEnd(last, last.limit() - CompressedTable.END_BYTES, payloadBytes);
        CRC32C checksum = scratch.checksum();
        long rowsStart = end - CompressedTable.bytes(found.blobBytes());
        long rowsEnd = end - CompressedTable.END_BYTES;
        if (rowsStart >= lastStart) {
            found.decode(last.limit((int) (rowsEnd - lastStart)).position((int) (rowsStart - lastStart)), checksum);
        } else {
            for (long position = rowsStart; position < rowsEnd; ) {
                ByteBuffer rows = read(scratch, position, rowsEnd - position);
                position += rows.remaining();
                found.decode(rows, checksum);
            }
        }
        FileCipher present = cipher;
        if (present == null) {
            header.verifyPayload((int) checksum.getValue());
        } else {
            ByteBuffer seal = ByteBuffer.allocate(Layout.SEAL_BYTES);
            ByteBuffer read = read(scratch, end, Layout.SEAL_BYTES);
            seal.put(read).flip();
            present.verifyTable(frame.recordNonce(), found.encode(), seal);
        }
        found.requireFilled(payloadBytes - (long) header.layout().overheadBytes() * found.count());
        return found;
    }

    /** The bytes behind the blocks of a compressed blob but for their seal, null if it is not compressed. */
    public @Nullable ByteBuffer compressedTable() {
        return compressed == null ? null : compressed.encode();
    }

    /** Returns the length of the blob. */
    long blobBytes() {
        return compressed == null ? header.blobBytes() : compressed.blobBytes();
    }

    /** Returns how many blocks there are; none in an empty blob. */
    public int count() {
        return BlockTable.blocks(blobBytes());
    }

    /** Returns the length of a block in the blob, which is longer than what is stored of it if that is compressed. */
    int rawBytes(int block) {
        return (int) Math.min(BlockTable.BLOCK_BYTES, blobBytes() - (long) block * BlockTable.BLOCK_BYTES);
    }

    /** Returns the length of a block as it is stored. */
    int storedBytes(int block) {
        return compressed == null ? rawBytes(block) : compressed.storedBytes(block);
    }

    /**
     * Reads and verifies a block.
     *
     * @return what is stored of it, from position to limit, in the buffer of the scratch
     * @throws FormatException if it is damaged
     */
    public ByteBuffer read(Scratch scratch, int block) throws IOException, FormatException {
        long from = compressed == null ? (long) block * BlockTable.BLOCK_BYTES : compressed.start(block);
        FileCipher present = cipher;
        if (present != null) {
            long position = start + from + (long) block * Layout.SEAL_BYTES;
            int plainBytes = storedBytes(block);
            return present.openBlock(frame.recordNonce(), block, plainBytes, new FileCipher.SealedBlock() {
                @Override
                public void read(ByteBuffer sealed) throws IOException {
                    source.read(sealed, position);
                }

                @Override
                public ByteBuffer target() {
                    return scratch.buffer(plainBytes); // After that, since the block may have stood there.
                }
            });
        }
        ByteBuffer bytes = read(scratch, start + from, storedBytes(block));
        CRC32C checksum = scratch.checksum();
        checksum.update(bytes);
        int crc = (int) checksum.getValue();
        if (compressed != null) {
            compressed.verify(block, crc);
        } else if (header.hasBlocks()) {
            table.verify(block, crc);
        } else {
            header.verifyPayload(crc);
        }
        return bytes.position(0);
    }

    /** Reads and verifies everything. */
    void verify(Scratch scratch) throws IOException, FormatException {
        for (int i = 0; i < count(); i++) {
            read(scratch, i);
        }
    }

    private ByteBuffer read(Scratch scratch, long position, long bytes) throws IOException {
        ByteBuffer target = scratch.buffer(bytes);
        source.read(target, position);
        return target.flip();
    }
}
