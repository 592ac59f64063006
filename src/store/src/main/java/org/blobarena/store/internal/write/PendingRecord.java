package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.blobarena.format.BlockTable;
import org.blobarena.format.CompressedTable;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.IndexProbe;
import org.blobarena.store.api.Compression;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.blobarena.store.internal.record.BlockCodec;
import org.jspecify.annotations.Nullable;

/**
 * A record of a key that is to be appended to a file: what it holds and, once it stands there, where. Records that are to be
 * appended together are a chain, in which each has the {@link #next}; one alone is a chain of one.
 *
 * <p>To append it needs next to no memory: one record after another can be appended through one object. For one thread at a
 * time.
 */
public final class PendingRecord implements IndexBlock.Listed {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final EncodedKey key;
    private final Layout layout;
    private final CRC32C crc = new CRC32C();
    private final IndexProbe probe = new IndexProbe();
    private int type = RecordType.TOMBSTONE;
    private ByteBuffer content = NOTHING;
    private long contentBytes;
    private ByteBuffer table = NOTHING;
    private int checksum;
    private boolean isCompressed;
    private long expiryMillis = RecordHeader.NEVER;
    private long sequence;
    private boolean appended;
    private long fileId;
    private long offset;
    private @Nullable PendingRecord next;

    /** The blocks of a compressed blob, null if it is not compressed. */
    private @Nullable CompressedTable blocks;

    /** The file for which {@link #sealed} is, null once its nonce was used. */
    private @Nullable FileCipher sealedFor;

    private byte[] recordNonce = {};
    private ByteBuffer sealed = NOTHING;
    private ByteBuffer sealedKey = NOTHING;

    /**
     * A tombstone, as long as it is not made to hold a blob.
     *
     * @param layout how it will stand
     */
    public PendingRecord(EncodedKey key, Layout layout) {
        this.key = key;
        this.layout = layout;
    }

    /** Says that a key was removed. */
    public static PendingRecord tombstone(EncodedKey key, Layout layout) {
        return new PendingRecord(key, layout);
    }

    /** Returns one for one key after another: {@link #key} has to be set, and then what it holds. */
    public static PendingRecord reusable(Layout layout) {
        return new PendingRecord(EncodedKey.reusable(), layout);
    }

    /** Lets go of the blob, and of the key if this is a reusable one. */
    public void clear() {
        key.clear();
        set(RecordType.TOMBSTONE, NOTHING, NOTHING, RecordHeader.NEVER);
    }

    /**
     * Makes it hold a blob, compressed if that is asked for and makes it shorter.
     *
     * @param blob from position to limit, which stay; must not change before the record is appended
     * @param newExpiryMillis when it expires, {@link RecordHeader#NEVER} if it does not
     */
    public void setValue(ByteBuffer blob, Compression compression, BlockCodec codec, long newExpiryMillis)
            throws IOException {
        if (compression == Compression.NONE || blob.remaining() <= CompressedTable.SAVED_BYTES_MIN) {
            setUncompressed(blob, newExpiryMillis);
            return;
        }
        ByteBuffer stored = ByteBuffer.allocate(blob.remaining());
        CompressedTable compressed = new CompressedTable();
        for (int from = blob.position(); from < blob.limit(); from += BlockTable.BLOCK_BYTES) {
            ByteBuffer block = blob.slice(from, Math.min(BlockTable.BLOCK_BYTES, blob.limit() - from));
            int start = stored.position();
            if (!codec.compress(block, stored)) {
                stored.put(block.duplicate());
            }
            ByteBuffer ofBlock = stored.slice(start, stored.position() - start);
            compressed.add(block.remaining(), ofBlock.remaining(), checksumOf(ofBlock));
        }
        if (layout.compressedPayloadBytes(blob.remaining(), compressed.storedBytes())
                >= layout.payloadBytes(blob.remaining())) {
            setUncompressed(blob, newExpiryMillis);
            return;
        }
        set(RecordType.VALUE, stored.flip(), compressed.encode(), newExpiryMillis);
        blocks = compressed;
        isCompressed = true;
    }

    private void setUncompressed(ByteBuffer blob, long newExpiryMillis) {
        boolean inBlocks = blob.remaining() > BlockTable.BLOCK_BYTES && layout == Layout.PLAIN;
        set(RecordType.VALUE, blob, inBlocks ? BlockTable.of(blob).encode() : NOTHING, newExpiryMillis);
    }

    /** Makes it hold bytes that are not compressed. What verifies them is the checksum of their table, if they need one. */
    private void set(int newType, ByteBuffer newContent, ByteBuffer newTable, long newExpiryMillis) {
        type = newType;
        content = newContent;
        contentBytes = newContent.remaining();
        table = newTable;
        checksum = checksumOf(newTable.hasRemaining() ? newTable : newContent);
        isCompressed = false;
        blocks = null;
        forgetSealed();
        expiryMillis = newExpiryMillis;
        appended = false;
        next = null;
    }

    /** What is encrypted has none: it would tell something of it. */
    private int checksumOf(ByteBuffer bytes) {
        if (layout == Layout.ENCRYPTED) {
            return 0;
        }
        int position = bytes.position();
        crc.reset();
        crc.update(bytes);
        bytes.position(position);
        return (int) crc.getValue();
    }

    /**
     * Holds a blob whose blocks are in the file already, where their table is to follow.
     *
     * @param expiryMillis when it expires, {@link RecordHeader#NEVER} if it does not
     */
    static PendingRecord streamed(EncodedKey key, Layout layout, Streamed streamed, long expiryMillis) {
        CompressedTable blocks = streamed.blocks;
        ByteBuffer table = NOTHING;
        if (blocks.isShorter()) {
            table = blocks.encode();
        } else if (BlockTable.isNeeded(blocks.blobBytes()) && layout == Layout.PLAIN) {
            table = blocks.toBlockTable().encode();
        }
        PendingRecord record = new PendingRecord(key, layout);
        record.set(RecordType.VALUE, NOTHING, table, expiryMillis);
        record.contentBytes = blocks.storedBytes();
        record.checksum = table.hasRemaining() ? record.checksum : streamed.lastChecksum;
        record.isCompressed = blocks.isShorter();
        record.blocks = record.isCompressed ? blocks : null;
        return record;
    }

    // ---- encryption

    /**
     * Encrypts what follows the key, so that this need not be done while others wait. Does nothing where it was done for the
     * same file, or nothing is encrypted.
     *
     * @param cipher of the file that it will probably be appended to
     */
    void encryptFor(@Nullable FileCipher cipher) {
        if (cipher == null || cipher == sealedFor) {
            return;
        }
        byte[] nonce = FileCipher.newRecordNonce();
        ByteBuffer target = NOTHING;
        CompressedTable compressed = blocks;
        if (contentBytes > 0) {
            target = ByteBuffer.allocate(Math.toIntExact(payloadBytes()));
            int at = content.position();
            for (int block = 0; at < content.limit(); block++) {
                int length = compressed == null
                        ? Math.min(BlockTable.BLOCK_BYTES, content.limit() - at)
                        : compressed.storedBytes(block);
                cipher.sealBlock(
                        nonce, block, content.duplicate().limit(at + length).position(at), target);
                at += length;
            }
            if (compressed != null) {
                target.put(table.duplicate()).put(cipher.sealOfTable(nonce, table));
            }
            target.flip();
        }
        recordNonce = nonce;
        sealed = target;
        sealedFor = cipher;
    }

    /**
     * Encrypts the key, once what follows it is encrypted. It can be appended once then: whoever tries again encrypts all of it
     * anew, so that no nonce serves two headers.
     *
     * @param header that it will have
     */
    void encryptKey(FileCipher cipher, RecordHeader header, long newOffset) {
        ByteBuffer target = ByteBuffer.allocate(key.length() + Layout.SEAL_BYTES);
        sealedFor = null;
        cipher.sealKey(header, newOffset, recordNonce, key.buffer(), target);
        sealedKey = target.flip();
    }

    private void forgetSealed() {
        sealedFor = null;
        sealed = NOTHING;
        sealedKey = NOTHING;
    }

    /** The key as it stands in the file, from position to limit, which stay; if it is encrypted, once that is done. */
    ByteBuffer storedKey() {
        return layout == Layout.PLAIN ? key.buffer() : sealedKey;
    }

    /** Lets go of what was encrypted, but for the key, once it stands in the file. */
    private void forgetSealedContent() {
        sealed = NOTHING;
    }

    /**
     * The blocks of a blob that are in the file already.
     *
     * @param lastChecksum of the last block
     */
    record Streamed(CompressedTable blocks, int lastChecksum) {}

    /** Makes a chain of some records, of which none is in another. Its first; null if there is none. */
    public static @Nullable PendingRecord chain(List<PendingRecord> records) {
        for (int i = 0; i + 1 < records.size(); i++) {
            records.get(i).next = records.get(i + 1);
        }
        return records.isEmpty() ? null : records.get(0);
    }

    /** The record behind it in its chain; null at the end. */
    public @Nullable PendingRecord next() {
        return next;
    }

    public EncodedKey key() {
        return key;
    }

    @Override
    public long hashHigh() {
        return key.hashHigh();
    }

    @Override
    public long hashLow() {
        return key.hashLow();
    }

    @Override
    public int type() {
        return type;
    }

    public boolean isTombstone() {
        return type == RecordType.TOMBSTONE;
    }

    /** What follows the key: the blob, or its compressed blocks, from position to limit, which stay. */
    ByteBuffer content() {
        return layout == Layout.PLAIN ? content : sealed;
    }

    /** What follows the content: the table of its blocks, empty when it needs none. From position to limit, which stay. */
    ByteBuffer table() {
        return layout == Layout.PLAIN ? table : NOTHING;
    }

    /** The table of the blocks of a compressed blob before it is authenticated. */
    ByteBuffer plainTable() {
        return table;
    }

    boolean isCompressed() {
        return isCompressed;
    }

    @Override
    public long expiryMillis() {
        return expiryMillis;
    }

    public long payloadBytes() {
        CompressedTable compressed = blocks;
        if (layout == Layout.ENCRYPTED) {
            return compressed == null
                    ? layout.payloadBytes(contentBytes)
                    : layout.compressedPayloadBytes(compressed.blobBytes(), compressed.storedBytes());
        }
        return contentBytes + table.remaining();
    }

    @Override
    public long length() {
        int headerBytes = expires() ? RecordHeader.BYTES_MAX : RecordHeader.BYTES;
        return headerBytes + layout.overheadBytes() + key.length() + payloadBytes();
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

    /** It stands in a file from now on. */
    void appended(long newSequence, long newFileId, long newOffset) {
        sequence = newSequence;
        fileId = newFileId;
        offset = newOffset;
        appended = true;
        forgetSealedContent();
    }

    /** It stands no more: it was made void, or only the next opening knows. */
    void withdraw() {
        appended = false;
    }

    /** Whether it stands in a file, where the next opening finds it. */
    public boolean isAppended() {
        return appended;
    }

    /** Where it stands in its file. */
    @Override
    public long offset() {
        return offset;
    }

    /** Where it ends in its file. */
    long end() {
        return offset + length();
    }

    /** Its key and where it stands, for the index. The caller's until this is called again. */
    public IndexProbe place() {
        probe.set(key.hashHigh(), key.hashLow());
        probe.found(fileId, offset, length());
        return probe;
    }

    /** The number that it has where it stands. */
    @Override
    public long sequence() {
        return sequence;
    }
}
