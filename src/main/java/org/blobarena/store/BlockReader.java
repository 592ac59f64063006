package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FormatException;
import org.blobarena.format.RecordHeader;

/**
 * Reads the payload of a record by its blocks, each of which is verified before anybody gets it. A payload without
 * a table is one block.
 *
 * <p>For one thread at a time. Memory is the table, 4 bytes for each block, which the next record uses again.
 */
final class BlockReader {

    private final RecordHeader header;
    private RecordReader.Source source;
    private StoreFile file;
    private long offset;
    private long start;
    private final BlockTable table = new BlockTable();

    /**
     * Reads and verifies the table of the blocks.
     *
     * @param source has the bytes of the record, which are of the file
     * @param offset of the record
     * @param header which is verified, and keeps its content
     * @throws FormatException if the table is damaged
     */
    BlockReader(RecordReader.Source source, StoreFile file, long offset, RecordHeader header, Scratch scratch)
            throws IOException, FormatException {
        this.header = header;
        this.source = source;
        this.file = file;
        begin(source, file, offset, scratch);
    }

    /**
     * Turns to another record, which the header given at first holds by now.
     *
     * @throws FormatException if the table is damaged
     */
    void begin(RecordReader.Source newSource, StoreFile newFile, long newOffset, Scratch scratch)
            throws IOException, FormatException {
        source = newSource;
        file = newFile;
        offset = newOffset;
        start = newOffset + header.recordLength() - header.payloadLength();
        table.clear();
        header.verifyLayout();
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

    /** The length of the blob. */
    long blobBytes() {
        return header.blobBytes();
    }

    /** How many blocks there are; none in an empty blob. */
    int blocks() {
        return BlockTable.blocks(header.blobBytes());
    }

    /**
     * Reads a part of the blob, and verifies the blocks that it touches.
     *
     * @param blobOffset of the first byte, at most the length of the blob
     * @param target filled from its position as far as the blob reaches
     * @return how many bytes
     * @throws FormatException if a block is damaged
     */
    int read(Scratch scratch, long blobOffset, ByteBuffer target) throws IOException, FormatException {
        int count = (int) Math.min(target.remaining(), blobBytes() - blobOffset);
        for (int done = 0; done < count; ) {
            long position = blobOffset + done;
            ByteBuffer block = block(scratch, (int) (position / BlockTable.BLOCK_BYTES));
            block.position((int) (position % BlockTable.BLOCK_BYTES));
            block.limit(Math.min(block.limit(), block.position() + count - done));
            done += block.remaining();
            target.put(block);
        }
        return count;
    }

    CorruptBlobException corrupt(FormatException problem) {
        return file.corrupt(offset, problem.getMessage());
    }

    /**
     * Reads and verifies a block.
     *
     * @return its bytes, from position to limit, in the buffer of the scratch
     * @throws FormatException if it is damaged
     */
    ByteBuffer block(Scratch scratch, int block) throws IOException, FormatException {
        long from = (long) block * BlockTable.BLOCK_BYTES;
        ByteBuffer bytes = read(scratch, start + from, Math.min(BlockTable.BLOCK_BYTES, header.blobBytes() - from));
        CRC32C checksum = scratch.checksum();
        checksum.update(bytes);
        if (header.hasBlocks()) {
            table.verify(block, (int) checksum.getValue());
        } else {
            header.verifyPayload((int) checksum.getValue());
        }
        return bytes.position(0);
    }

    /** Reads and verifies everything. */
    void verify(Scratch scratch) throws IOException, FormatException {
        for (int i = 0; i < blocks(); i++) {
            block(scratch, i);
        }
    }

    private ByteBuffer read(Scratch scratch, long position, long bytes) throws IOException {
        ByteBuffer target = scratch.buffer(bytes);
        file.read(source, target, position, offset);
        return target.flip();
    }
}
