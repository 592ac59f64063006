package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.format.BlockTable;
import org.blobarena.format.CompressedTable;
import org.blobarena.format.RecordHeader;

/**
 * What a record shall hold behind its key.
 *
 * @param content the blob, or its compressed blocks, from position to limit
 * @param table of its blocks, encoded; empty when the blob needs none
 * @param checksum of the table, or of the blob when there is none
 * @param isCompressed whether the table is that of compressed blocks
 */
record Payload(ByteBuffer content, ByteBuffer table, int checksum, boolean isCompressed) {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** That of a record without a blob. */
    static Payload none() {
        return of(NOTHING);
    }

    /** Reads the blob once, and leaves its position. */
    static Payload of(ByteBuffer blob) {
        if (!BlockTable.isNeeded(blob.remaining())) {
            return new Payload(blob.duplicate(), NOTHING.duplicate(), Crc.of(blob), false);
        }
        ByteBuffer table = BlockTable.of(blob).encode();
        return new Payload(blob.duplicate(), table, Crc.of(table), false);
    }

    /** The same, compressed if that is asked for and makes it shorter. */
    static Payload of(ByteBuffer blob, Compression compression, BlockCodec codec) throws IOException {
        if (compression == Compression.NONE || blob.remaining() <= CompressedTable.SAVED_BYTES_MIN) {
            return of(blob);
        }
        ByteBuffer stored = ByteBuffer.allocate(blob.remaining());
        CompressedTable table = new CompressedTable();
        for (int from = blob.position(); from < blob.limit(); from += BlockTable.BLOCK_BYTES) {
            ByteBuffer block = blob.slice(from, Math.min(BlockTable.BLOCK_BYTES, blob.limit() - from));
            int start = stored.position();
            if (!codec.compress(block, stored)) {
                stored.put(block.duplicate());
            }
            ByteBuffer ofBlock = stored.slice(start, stored.position() - start);
            table.add(block.remaining(), ofBlock.remaining(), Crc.of(ofBlock));
        }
        if (table.storedBytes() + CompressedTable.bytes(blob.remaining())
                >= BlockTable.payloadBytes(blob.remaining())) {
            return of(blob);
        }
        ByteBuffer rows = table.encode();
        return new Payload(stored.flip(), rows, Crc.of(rows), true);
    }

    long bytes() {
        return (long) content.remaining() + table.remaining();
    }

    /**
     * Describes it in a header.
     *
     * @param bytes which it has, or had before it was pushed
     */
    void describe(RecordHeader header, long bytes) {
        if (isCompressed) {
            header.setCompressed(bytes, checksum);
        } else if (table.limit() > 0) {
            header.setBlocks(bytes, checksum);
        } else {
            header.setPayload(bytes, checksum);
        }
    }
}
