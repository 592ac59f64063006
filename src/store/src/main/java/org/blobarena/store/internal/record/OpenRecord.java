package org.blobarena.store.internal.record;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.InstantSource;
import java.util.Objects;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FormatException;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.ByteSource;
import org.blobarena.store.internal.core.StoreFile;
import org.jspecify.annotations.Nullable;

/**
 * The record that an index entry points at, of which nothing is believed before its checksum: the place, the lengths, the
 * type and the key are verified when it is opened, and its blob before anybody gets any of it.
 *
 * <p>One object opens one record after another. What is read stands in the buffer of the scratch with which it was opened:
 * the key can be asked for as long as that is not used for anything else. For one thread at a time.
 */
public final class OpenRecord {

    /** The longest array that every virtual machine makes. */
    public static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

    /** Enough for the header and most keys; longer keys cost a second read. */
    private static final int KEY_READ_BYTES = 512;

    private final BlockCodec codec;
    private final RecordFrame frame = new RecordFrame();
    private final FileWindow lentWindow = new FileWindow();
    private final ByteSource ofFile = this::readFile;

    /** Of an encrypted record that was read along with its blob, which is decrypted into the buffer where it stands. */
    private final ByteSource ofLentWindow = this::readLentWindow;

    private @Nullable StoreFile file;
    private FileWindow window = lentWindow;
    private ByteSource source = ofFile;
    private @Nullable BlockReader blocks;
    private boolean hasBlocks;

    /** For readers of no blobs that may be compressed, so that there is nothing to close. */
    public OpenRecord() {
        this(new BlockCodec());
    }

    /** @param codec decompresses blobs */
    public OpenRecord(BlockCodec codec) {
        this.codec = codec;
    }

    /** Refuses to take memory for a blob that is too long for that, whatever it takes on disk. */
    public static void requireFitsMemory(long blobBytes, int bytesMax) {
        if (blobBytes > bytesMax) {
            throw new BlobTooLargeException("a blob of " + blobBytes + " bytes is longer than the " + bytesMax
                    + " that are read into memory as a whole: use openStream, transferTo, get into a file, or read for a"
                    + " part of it; or set BlobStoreBuilder.maxBlobBytes");
        }
    }

    /** Opens a record of any type for its header and key. */
    public OpenRecord open(StoreFile newFile, Location location, Scratch scratch) throws IOException {
        return open(newFile, location.offset(), location.length(), scratch, KEY_READ_BYTES);
    }

    /** Opens a record of any type for its blob, which is read along if it is not long. */
    public OpenRecord openWithBlob(StoreFile newFile, long offset, long length, Scratch scratch) throws IOException {
        boolean inBlocks = length > RecordHeader.BYTES + KEY_READ_BYTES + BlockTable.BLOCK_BYTES;
        open(newFile, offset, length, scratch, inBlocks ? KEY_READ_BYTES : Scratch.BYTES);
        if (newFile.cipher() != null && length <= Scratch.BYTES && !isCompressed()) {
            source = ofLentWindow;
        }
        return this;
    }

    private OpenRecord open(StoreFile newFile, long offset, long length, Scratch scratch, int bytes)
            throws IOException {
        window = lentWindow;
        source = ofFile;
        window.turnTo(source, newFile.arena().length(), scratch.buffer(Math.min(bytes, length)));
        return open(newFile, offset, length);
    }

    /** Opens a record of any type that has been read into a window. */
    public OpenRecord open(FileWindow filled, StoreFile newFile, Location location) throws IOException {
        window = filled;
        source = filled;
        return open(newFile, location.offset(), location.length());
    }

    private OpenRecord open(StoreFile newFile, long offset, long length) throws IOException {
        file = newFile;
        hasBlocks = false;
        frame.turnTo(newFile);
        try {
            frame.open(window, offset, length);
            return this;
        } catch (FormatException e) {
            throw corrupt(e.getMessage());
        }
    }

    public int type() {
        return frame.header().type();
    }

    public long sequence() {
        return frame.header().sequence();
    }

    public boolean isCompressed() {
        return frame.header().isCompressed();
    }

    /** Whether the blob has a moment of expiry. */
    public boolean expires() {
        return frame.header().expires();
    }

    /** When the blob expires, in milliseconds since the epoch; {@link RecordHeader#NEVER} if it does not. */
    public long expiryMillis() {
        return frame.header().expiryMillis();
    }

    /** Whether the blob has expired. The clock is asked only if it can have. */
    public boolean isExpired(InstantSource clock) {
        return frame.header().expires() && clock.millis() >= expiryMillis();
    }

    /** @throws CorruptBlobException if the record is of another type */
    public void requireValue() throws CorruptBlobException {
        try {
            frame.requireType(RecordType.VALUE);
        } catch (FormatException e) {
            throw corrupt(e.getMessage());
        }
    }

    /** A copy of the key. */
    public byte[] key() throws IOException {
        return frame.key(window);
    }

    /** Whether the record is a value of this key, which stands from position 0 to the limit. */
    public boolean isOf(ByteBuffer key) throws IOException {
        return frame.header().type() == RecordType.VALUE && frame.hasKey(window, key);
    }

    /** The length of the blob. */
    public long blobBytes(Scratch scratch) throws IOException {
        return frame.header().isInBlocks()
                ? blocks(scratch).blobBytes()
                : frame.header().payloadLength();
    }

    /**
     * Reads the blob into a new array.
     *
     * @throws BlobTooLargeException if it is longer than it may be
     */
    public byte[] blob(Scratch scratch, int bytesMax) throws IOException {
        long blobBytes = blobBytes(scratch);
        requireFitsMemory(blobBytes, bytesMax);
        byte[] blob = new byte[(int) blobBytes];
        if (frame.header().isInBlocks()) {
            copyBlocks(scratch, ByteBuffer.wrap(blob));
        } else {
            copyPayload(blob);
        }
        return blob;
    }

    /**
     * Reads the blob into a buffer if that has room for it. After an exception its position may have moved.
     *
     * @return the length of the blob
     */
    public long blobIfRoom(Scratch scratch, ByteBuffer target) throws IOException {
        long blobBytes = blobBytes(scratch);
        if (blobBytes <= target.remaining()) {
            if (frame.header().isInBlocks()) {
                copyBlocks(scratch, target);
            } else {
                readPayload(target);
            }
        }
        return blobBytes;
    }

    /**
     * Verifies the blob where it was read to, if the record fits the scratch with which it was opened, else a copy.
     *
     * @return the blob from position to limit, read-only, in the scratch or a new buffer
     * @throws BlobTooLargeException if it does not fit and is longer than it may be
     */
    public ByteBuffer verifiedBlob(Scratch scratch, int bytesMax) throws IOException {
        if (frame.header().recordLength() > Scratch.BYTES || frame.header().isInBlocks()) {
            return ByteBuffer.wrap(blob(scratch, bytesMax)).asReadOnlyBuffer();
        }
        readPayload(null);
        int at = frame.keyIndex(window) + frame.header().keyLength();
        ByteBuffer read = window.bytes();
        return scratch.readOnly(
                read.limit(at + (int) frame.header().payloadLength()).position(at));
    }

    /**
     * Reads a part of the blob, and verifies the blocks that it touches. After an exception the position of the target may
     * have moved.
     *
     * @param offset of the first byte in the blob
     * @param target filled from its position as far as the blob reaches
     * @return how many bytes
     * @throws IndexOutOfBoundsException if the blob ends before the offset
     */
    public int range(Scratch scratch, long offset, ByteBuffer target) throws IOException {
        BlockReader reader = blocks(scratch);
        if (offset > reader.blobBytes()) {
            throw new IndexOutOfBoundsException(
                    "byte " + offset + " does not lie in a blob of " + reader.blobBytes() + " bytes");
        }
        try {
            return reader.read(scratch, offset, target);
        } catch (FormatException e) {
            throw corrupt(e.getMessage());
        }
    }

    /** Reads and verifies a block; its bytes from position to limit, in the buffer of the scratch. */
    public ByteBuffer block(Scratch scratch, int block) throws IOException {
        return block(blocks(scratch), scratch, block);
    }

    private ByteBuffer block(BlockReader reader, Scratch scratch, int block) throws IOException {
        try {
            return reader.block(scratch, block);
        } catch (FormatException e) {
            throw corrupt(e.getMessage());
        }
    }

    private BlockReader blocks(Scratch scratch) throws IOException {
        try {
            BlockReader present = blocks;
            if (present == null) {
                present = new BlockReader(new StoredBlocks(frame, source, scratch), codec);
                blocks = present;
            } else if (!hasBlocks) {
                present.turnTo(source, scratch);
            }
            hasBlocks = true;
            return present;
        } catch (FormatException e) {
            throw corrupt(e.getMessage());
        }
    }

    private void copyBlocks(Scratch scratch, ByteBuffer target) throws IOException {
        BlockReader reader = blocks(scratch);
        for (int i = 0; i < reader.blocks(); i++) {
            target.put(block(reader, scratch, i));
        }
    }

    private void readPayload(@Nullable ByteBuffer target) throws IOException {
        try {
            frame.readPayload(window, target);
        } catch (FormatException e) {
            throw corrupt(e.getMessage());
        }
    }

    private void copyPayload(byte[] target) throws IOException {
        try {
            frame.copyPayload(window, target);
        } catch (FormatException e) {
            throw corrupt(e.getMessage());
        }
    }

    /** A file that does not reach as far as its record does is damaged there. */
    private void readFile(ByteBuffer target, long position) throws IOException {
        long end = position + target.remaining();
        try {
            file().arena().read(target, position);
        } catch (IndexOutOfBoundsException | EOFException e) {
            throw corrupt("end of the record: expected inside the file, found at least " + end);
        } catch (NoSuchFileException e) {
            throw corrupt("the file is missing");
        }
    }

    private void readLentWindow(ByteBuffer target, long position) throws IOException {
        lentWindow.read(target, position);
        lentWindow.forget();
    }

    private StoreFile file() {
        return Objects.requireNonNull(file, "nothing is open");
    }

    public CorruptBlobException corrupt(String problem) {
        return file().corrupt(frame.offset(), problem);
    }
}
