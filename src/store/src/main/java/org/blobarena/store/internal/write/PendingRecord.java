package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.blobarena.arena.Location;
import org.blobarena.format.BlockTable;
import org.blobarena.format.CompressedTable;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.api.Compression;
import org.blobarena.store.internal.core.Crc;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.record.BlockCodec;
import org.jspecify.annotations.Nullable;

/**
 * A record of a key that is to be appended to a file: what it holds and, once it stands there, where.
 *
 * <p>Needs no memory after it was made. For one thread.
 */
public final class PendingRecord {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final int type;
    private final EncodedKey key;
    private final ByteBuffer content;
    private final long contentBytes;
    private final ByteBuffer table;
    private final int checksum;
    private final boolean isCompressed;
    private final long expiryMillis;
    private long sequence;
    private @Nullable Location location;

    private PendingRecord(
            int type,
            EncodedKey key,
            ByteBuffer content,
            ByteBuffer table,
            int checksum,
            boolean isCompressed,
            long expiryMillis) {
        this(type, key, content, content.remaining(), table, checksum, isCompressed, expiryMillis);
    }

    private PendingRecord(
            int type,
            EncodedKey key,
            ByteBuffer content,
            long contentBytes,
            ByteBuffer table,
            int checksum,
            boolean isCompressed,
            long expiryMillis) {
        this.type = type;
        this.key = key;
        this.content = content;
        this.contentBytes = contentBytes;
        this.table = table;
        this.checksum = checksum;
        this.isCompressed = isCompressed;
        this.expiryMillis = expiryMillis;
    }

    /** Says that a key was removed. */
    public static PendingRecord tombstone(EncodedKey key) {
        return new PendingRecord(
                RecordType.TOMBSTONE, key, NOTHING, NOTHING, Crc.of(NOTHING), false, RecordHeader.NEVER);
    }

    /**
     * Holds a blob, compressed if that is asked for and makes it shorter.
     *
     * @param blob from position to limit, which stay; must not change before the record is appended
     * @param expiryMillis when it expires, {@link RecordHeader#NEVER} if it does not
     */
    public static PendingRecord value(
            EncodedKey key, ByteBuffer blob, Compression compression, BlockCodec codec, long expiryMillis)
            throws IOException {
        if (compression == Compression.NONE || blob.remaining() <= CompressedTable.SAVED_BYTES_MIN) {
            return uncompressed(key, blob, expiryMillis);
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
            return uncompressed(key, blob, expiryMillis);
        }
        ByteBuffer rows = table.encode();
        return new PendingRecord(RecordType.VALUE, key, stored.flip(), rows, Crc.of(rows), true, expiryMillis);
    }

    private static PendingRecord uncompressed(EncodedKey key, ByteBuffer blob, long expiryMillis) {
        if (!BlockTable.isNeeded(blob.remaining())) {
            return new PendingRecord(RecordType.VALUE, key, blob, NOTHING, Crc.of(blob), false, expiryMillis);
        }
        ByteBuffer table = BlockTable.of(blob).encode();
        return new PendingRecord(RecordType.VALUE, key, blob, table, Crc.of(table), false, expiryMillis);
    }

    /**
     * Holds a blob whose blocks are in the file already, where their table is to follow.
     *
     * @param lastChecksum of the last block
     * @param expiryMillis when it expires, {@link RecordHeader#NEVER} if it does not
     */
    static PendingRecord streamed(EncodedKey key, CompressedTable blocks, int lastChecksum, long expiryMillis) {
        ByteBuffer table = NOTHING;
        if (blocks.isShorter()) {
            table = blocks.encode();
        } else if (BlockTable.isNeeded(blocks.blobBytes())) {
            table = blocks.toBlockTable().encode();
        }
        int checksum = table.limit() == 0 ? lastChecksum : Crc.of(table);
        return new PendingRecord(
                RecordType.VALUE,
                key,
                NOTHING,
                blocks.storedBytes(),
                table,
                checksum,
                blocks.isShorter(),
                expiryMillis);
    }

    public EncodedKey key() {
        return key;
    }

    public boolean isTombstone() {
        return type == RecordType.TOMBSTONE;
    }

    /** What follows the key: the blob, or its compressed blocks. A duplicate. */
    ByteBuffer content() {
        return content.duplicate();
    }

    /** What follows the content: the table of its blocks, empty when it needs none. A duplicate. */
    ByteBuffer table() {
        return table.duplicate();
    }

    boolean isCompressed() {
        return isCompressed;
    }

    /** Whether it has a moment of expiry. */
    boolean expires() {
        return expiryMillis != RecordHeader.NEVER;
    }

    public long payloadBytes() {
        return contentBytes + table.remaining();
    }

    public long recordBytes() {
        int headerBytes = expires() ? RecordHeader.BYTES_MAX : RecordHeader.BYTES;
        return headerBytes + key.length() + payloadBytes();
    }

    /** Describes it in a header, all but its type. */
    void describe(RecordHeader header) {
        if (isCompressed) {
            header.setCompressed(payloadBytes(), checksum);
        } else if (table.limit() > 0) {
            header.setBlocks(payloadBytes(), checksum);
        } else {
            header.setPayload(payloadBytes(), checksum);
        }
        header.setExpiry(expiryMillis);
    }

    /** Its entry in an index block, if it is the record of a sequence number at a place. */
    IndexBlock.Entry entry(long newSequence, Location place) {
        return new IndexBlock.Entry(
                key.hash().high(), key.hash().low(), type, newSequence, place.offset(), place.length(), expiryMillis);
    }

    /** It stands in its file from now on. */
    void appended(long newSequence, Location place) {
        sequence = newSequence;
        location = place;
    }

    /** It stands no more: it was made void, or only the next opening knows. */
    void withdraw() {
        location = null;
    }

    /** Whether it stands in a file, where the next opening finds it. */
    public boolean isAppended() {
        return location != null;
    }

    /** Where it stands. */
    public Location location() {
        return Objects.requireNonNull(location, "not appended");
    }

    /** The number that it has where it stands. */
    long sequence() {
        return sequence;
    }
}
