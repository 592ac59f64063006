package org.blobarena.store.internal.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * Decodes and verifies one record after another: everything that reads records does it here.
 *
 * <p>A record is opened when its place lies in the file, and its header and key are what was written there: bounds, salt,
 * and the checksum that covers place, header and key. Then its lengths can be believed. Its payload has a checksum of its
 * own, and is verified apart.
 *
 * <p>Makes no object for a record that is right. For one thread at a time.
 */
public final class RecordFrame implements RecordHeader.Placed {

    private final RecordHeader header = new RecordHeader();
    private final CRC32C checksum = new CRC32C();
    private long fileId;
    private int salt;
    private long offset;
    private int headerAndKeyBytes;

    /** Turns to a file. */
    public void turnTo(long newFileId, int newSalt) {
        fileId = newFileId;
        salt = newSalt;
    }

    /**
     * Opens the record at a place that something else tells.
     *
     * @param window on the file
     * @throws FormatException if there is no such record
     */
    public void open(FileWindow window, long newOffset, long length) throws IOException, FormatException {
        offset = newOffset;
        if (length < RecordHeader.BYTES) {
            throw FormatException.corrupt("record length", "at least " + RecordHeader.BYTES, length);
        }
        if (newOffset + length > window.end()) {
            throw FormatException.corrupt("record end", "at most " + window.end(), newOffset + length);
        }
        decode(window);
        if (header.recordLength() != length) {
            throw FormatException.corrupt("record length", length, header.recordLength());
        }
        verify(window);
    }

    /**
     * Opens the record at an offset, however long it is.
     *
     * @param window on the file
     * @throws FormatException if there is no record that lies in the file
     */
    public void open(FileWindow window, long newOffset) throws IOException, FormatException {
        offset = newOffset;
        long rest = window.end() - newOffset;
        if (rest < RecordHeader.BYTES) {
            throw FormatException.corrupt("record", "at least " + RecordHeader.BYTES + " bytes", rest);
        }
        decode(window);
        if (headerAndKeyBytes > rest) {
            throw FormatException.corrupt("key length", "at most " + (rest - header.headerBytes()), header.keyLength());
        }
        verify(window);
        if (header.recordLength() > rest) {
            throw FormatException.corrupt("record length", "at most " + rest, header.recordLength());
        }
    }

    private void decode(FileWindow window) throws IOException {
        int at = window.load(offset, RecordHeader.BYTES);
        header.decode(window.bytes(), at);
        headerAndKeyBytes = header.headerBytes() + header.keyLength();
    }

    private void verify(FileWindow window) throws IOException, FormatException {
        int at = window.load(offset, headerAndKeyBytes);
        header.verify(window.bytes(), at, this);
    }

    @Override
    public long fileId() {
        return fileId;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public int salt() {
        return salt;
    }

    /** Where the payload begins. */
    public long payloadStart() {
        return offset + headerAndKeyBytes;
    }

    /** Where the record ends. */
    public long end() {
        return offset + header.recordLength();
    }

    /** What the header says, once the record is open. */
    public RecordHeader header() {
        return header;
    }

    /** @throws FormatException if the record is of another type */
    void requireType(int type) throws FormatException {
        if (header.type() != type) {
            throw FormatException.corrupt("record type", type, header.type());
        }
    }

    /** What an index block says of the record. */
    IndexBlock.Entry entry(KeyHash hash) {
        return new IndexBlock.Entry(
                hash.high(),
                hash.low(),
                header.type(),
                header.sequence(),
                offset,
                header.recordLength(),
                header.expiryMillis());
    }

    /** A copy of the key. */
    public byte[] key(FileWindow window) throws IOException {
        byte[] key = new byte[header.keyLength()];
        int at = keyIndex(window);
        window.bytes().get(at, key);
        return key;
    }

    /** The index of the key in the bytes of the window. */
    int keyIndex(FileWindow window) throws IOException {
        return window.load(offset, headerAndKeyBytes) + header.headerBytes();
    }

    /**
     * Reads all of the payload and verifies it, by its blocks if it has any.
     *
     * @throws FormatException if it is damaged
     */
    public void verifyPayload(FileWindow window) throws IOException, FormatException {
        if (header.hasBlocks() || header.isCompressed()) {
            try (Scratch scratch = Scratch.take()) {
                new StoredBlocks(this, window, scratch).verify(scratch);
            }
            return;
        }
        if (header.type() == RecordType.VALUE || header.type() == RecordType.VOID) {
            header.verifyLayout();
        }
        readPayload(window, null);
    }

    /**
     * Reads a payload without blocks and verifies it.
     *
     * @return a copy
     * @throws FormatException if it is damaged, or longer than it may be
     */
    ByteBuffer payload(FileWindow window, int bytesMax) throws IOException, FormatException {
        if (header.payloadLength() > bytesMax) {
            throw FormatException.corrupt("payload length", "at most " + bytesMax, header.payloadLength());
        }
        ByteBuffer payload = ByteBuffer.allocate((int) header.payloadLength()).order(ByteOrder.LITTLE_ENDIAN);
        readPayload(window, payload);
        return payload.flip();
    }

    /**
     * Reads a payload without blocks and verifies it.
     *
     * @param target gets a copy, before it is known whether that is right; null if nobody needs one
     * @throws FormatException if it is damaged
     */
    void readPayload(FileWindow window, @Nullable ByteBuffer target) throws IOException, FormatException {
        checksum.reset();
        long end = end();
        for (long position = payloadStart(); position < end; ) {
            ByteBuffer piece = window.piece(position, end - position);
            int start = piece.position();
            position += piece.remaining();
            checksum.update(piece);
            if (target != null) {
                target.put(piece.position(start));
            }
        }
        header.verifyPayload((int) checksum.getValue());
    }

    /** The same into an array of its length. */
    void copyPayload(FileWindow window, byte[] target) throws IOException, FormatException {
        checksum.reset();
        for (int done = 0; done < target.length; ) {
            ByteBuffer piece = window.piece(payloadStart() + done, target.length - done);
            int count = piece.remaining();
            piece.get(piece.position(), target, done, count);
            done += count;
            checksum.update(piece);
        }
        header.verifyPayload((int) checksum.getValue());
    }
}
