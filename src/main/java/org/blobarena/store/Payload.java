package org.blobarena.store;

import java.nio.ByteBuffer;
import org.blobarena.format.BlockTable;
import org.blobarena.format.RecordHeader;

/**
 * What a record shall hold behind its key.
 *
 * @param blob from its position to its limit
 * @param table of its blocks, encoded; empty when the blob needs none
 * @param checksum of the table, or of the blob when there is none
 */
record Payload(ByteBuffer blob, ByteBuffer table, int checksum) {

    private static final ByteBuffer NO_TABLE = ByteBuffer.allocate(0);

    /** Reads the blob once, and leaves its position. */
    static Payload of(ByteBuffer blob) {
        if (!BlockTable.isNeeded(blob.remaining())) {
            return new Payload(blob.duplicate(), NO_TABLE.duplicate(), Crc.of(blob));
        }
        ByteBuffer table = BlockTable.of(blob).encode();
        return new Payload(blob.duplicate(), table, Crc.of(table));
    }

    long bytes() {
        return (long) blob.remaining() + table.remaining();
    }

    /**
     * Describes it in a header.
     *
     * @param bytes which it has, or had before it was pushed
     */
    void describe(RecordHeader header, long bytes) {
        if (table.limit() > 0) {
            header.setBlocks(bytes, checksum);
        } else {
            header.setPayload(bytes, checksum);
        }
    }
}
