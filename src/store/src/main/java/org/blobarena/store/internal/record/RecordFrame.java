package org.blobarena.store.internal.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.jspecify.annotations.Nullable;

/**
 * Decodes and verifies one record after another: everything that reads records does it here.
 *
 * <p>A record is opened when its place lies in the file, and its header and key are what was written there: bounds, salt,
 * and the checksum that covers place, header and key. Then its lengths can be believed. Its payload has a checksum of its
 * own, and is verified apart.
 *
 * <p>Of an encrypted record the key is decrypted as it is opened, by which the header is authenticated too.
 *
 * <p>Makes no object for a record that is right and not encrypted. For one thread at a time.
 */
public final class RecordFrame implements RecordHeader.Placed {

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    private static final byte[] NO_NONCE = {};

    private final RecordHeader header = new RecordHeader();
    private final CRC32C checksum = new CRC32C();
    private long fileId;
    private int salt;
    private long offset;
    private int headerAndKeyBytes;
    private @Nullable FileCipher cipher;
    private ByteBuffer plainKey = NO_BYTES;
    private byte[] recordNonce = NO_NONCE;

    /** Turns to a file whose records are not encrypted. */
    public void turnTo(long newFileId, int newSalt) {
        turnTo(newFileId, newSalt, null);
    }

    /**
     * Turns to a file.
     *
     * @param newCipher what decrypts its records, null if they are not encrypted
     */
    public void turnTo(long newFileId, int newSalt, @Nullable FileCipher newCipher) {
        fileId = newFileId;
        salt = newSalt;
        cipher = newCipher;
        header.setLayout(newCipher == null ? Layout.PLAIN : Layout.ENCRYPTED);
    }

    /** Turns to a file. */
    public void turnTo(StoreFile file) {
        turnTo(file.id(), file.salt(), file.cipher());
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
        FileCipher present = cipher;
        if (present != null && RecordType.isOfKey(header.type())) {
            decryptKey(present, window.bytes(), at + header.headerBytes());
        }
    }

    private void decryptKey(FileCipher present, ByteBuffer bytes, int at) throws FormatException {
        int keyBytes = header.keyLength() - Layout.SEAL_BYTES;
        ByteBuffer target = plainKey.capacity() < keyBytes ? ByteBuffer.allocate(2 * keyBytes) : plainKey.clear();
        plainKey = target;
        recordNonce = new byte[Layout.NONCE_BYTES];
        bytes.get(at, recordNonce);
        present.openKey(header, offset, bytes.limit(at + header.keyLength()).position(at), target.limit(keyBytes));
        target.flip();
    }

    /** What decrypts the record, null if it is not encrypted. */
    @Nullable FileCipher cipher() {
        return cipher;
    }

    /** What binds the blocks of an encrypted record to it. */
    byte[] recordNonce() {
        return recordNonce;
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

    /** A copy of the key; of a void that is encrypted, of which nobody wants it, as it stands there. */
    public byte[] key(FileWindow window) throws IOException {
        if (cipher != null && RecordType.isOfKey(header.type())) {
            byte[] key = new byte[plainKey.limit()];
            plainKey.get(0, key);
            return key;
        }
        byte[] key = new byte[header.keyLength()];
        int at = keyIndex(window);
        window.bytes().get(at, key);
        return key;
    }

    /** Whether the key is this one, which stands from position 0 to the limit. */
    boolean hasKey(FileWindow window, ByteBuffer key) throws IOException {
        if (cipher != null) {
            return plainKey.equals(key);
        }
        if (header.keyLength() != key.limit()) {
            return false;
        }
        int at = keyIndex(window);
        return window.bytes().limit(at + key.limit()).position(at).equals(key);
    }

    /** The index of the key, as it stands there, in the bytes of the window. */
    int keyIndex(FileWindow window) throws IOException {
        return window.load(offset, headerAndKeyBytes) + header.headerBytes();
    }

    /**
     * Reads all of the payload and verifies it, by its blocks if it has any.
     *
     * @throws FormatException if it is damaged
     */
    public void verifyPayload(FileWindow window) throws IOException, FormatException {
        if (cipher != null && !RecordType.isOfKey(header.type())) {
            if (header.type() != RecordType.VOID) { // Which means nothing, and may be authentic no more.
                ByteBuffer unused = payload(window, Integer.MAX_VALUE - Layout.SEAL_BYTES);
            }
            return;
        }
        if (header.hasBlocks() || header.isCompressed() || (cipher != null && header.isInBlocks())) {
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
     * Reads the payload of a record without a key and verifies it.
     *
     * @return a copy, decrypted
     * @throws FormatException if it is damaged, or longer than it may be
     */
    ByteBuffer payload(FileWindow window, int bytesMax) throws IOException, FormatException {
        FileCipher present = cipher;
        if (present == null) {
            return stored(window, bytesMax);
        }
        ByteBuffer sealed = stored(window, bytesMax + Layout.SEAL_BYTES);
        ByteBuffer plain = ByteBuffer.allocate(sealed.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        present.openPayload(header, offset, sealed, plain);
        return plain.flip();
    }

    private ByteBuffer stored(FileWindow window, int bytesMax) throws IOException, FormatException {
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
        verifyChecksum();
    }

    /** Of what is encrypted the tag is compared instead. */
    private void verifyChecksum() throws FormatException {
        if (cipher == null) {
            header.verifyPayload((int) checksum.getValue());
        }
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
        verifyChecksum();
    }
}
