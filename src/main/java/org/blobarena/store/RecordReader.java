package org.blobarena.store;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.format.FormatException;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * Reads the record that an index entry points at, and believes nothing of it before its checksum: the place, the
 * lengths, the type, the key, the payload.
 */
final class RecordReader {

    /** Enough for the header and most keys; longer keys cost a second read. */
    private static final int KEY_READ_BYTES = 512;

    /** The longest array that every virtual machine makes. */
    private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

    private final KeyHasher hasher;
    private final BlockCodec codec;

    /** For whoever reads no blobs that may be compressed, and so has nothing to close. */
    RecordReader(KeyHasher hasher) {
        this(hasher, new BlockCodec());
    }

    /** @param codec which blobs are decompressed with */
    RecordReader(KeyHasher hasher, BlockCodec codec) {
        this.hasher = hasher;
        this.codec = codec;
    }

    /**
     * Reads the payload of a key into a new array.
     *
     * @return null when the record is of another key with the same hash
     */
    byte @Nullable [] payload(StoreFile file, Location location, EncodedKey key) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            ByteBuffer first = reading.open(scratch);
            if (!reading.isOf(first, key)) {
                return null;
            }
            return reading.payloadArray(scratch, first);
        }
    }

    /**
     * Reads the payload of a key into a buffer.
     *
     * @return its length, or -1 when the record is of another key with the same hash
     * @throws BufferOverflowException if it has no room; nothing was put into it
     */
    int payload(StoreFile file, Location location, EncodedKey key, ByteBuffer target) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            ByteBuffer first = reading.open(scratch);
            if (!reading.isOf(first, key)) {
                return -1;
            }
            return reading.payload(scratch, first, target);
        }
    }

    /**
     * Tells the length of the blob of a key, without reading that.
     *
     * @return -1 when the record is of another key with the same hash
     */
    long blobBytes(StoreFile file, Location location, EncodedKey key) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            if (!reading.isOf(reading.open(scratch, KEY_READ_BYTES), key)) {
                return -1;
            }
            return reading.isCompressed() ? reading.blocks(scratch).blobBytes() : reading.header.blobBytes();
        }
    }

    /**
     * Reads a part of the payload of a key, and verifies the blocks that it touches.
     *
     * @param offset of the first byte in the blob
     * @param target filled from its position as far as the blob reaches
     * @return how many bytes, or -1 when the record is of another key with the same hash
     * @throws IndexOutOfBoundsException if the blob ends before the offset
     */
    int range(StoreFile file, Location location, EncodedKey key, long offset, ByteBuffer target) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            if (!reading.isOf(reading.open(scratch, KEY_READ_BYTES), key)) {
                return -1;
            }
            return reading.range(scratch, offset, target);
        }
    }

    /**
     * Makes ready to read the payload of a key bit by bit.
     *
     * @return null when the record is of another key with the same hash
     */
    @Nullable BlockReader blocks(StoreFile file, Location location, EncodedKey key) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            if (!reading.isOf(reading.open(scratch, KEY_READ_BYTES), key)) {
                return null;
            }
            return reading.blocks(scratch);
        }
    }

    /** Reads the key that an index entry stands for. */
    byte[] key(StoreFile file, Location location, KeyHash hash) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            return reading.key(reading.open(scratch, KEY_READ_BYTES), hash);
        }
    }

    /** Reads the key and the payload that an index entry stands for. */
    Entry entry(StoreFile file, Location location, KeyHash hash) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            ByteBuffer first = reading.open(scratch);
            byte[] key = reading.key(first, hash);
            return new Entry(key, reading.payloadArray(scratch, first));
        }
    }

    /** Reads the sequence number of a record. */
    long sequence(StoreFile file, Location location) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            reading.openAnyType(scratch, KEY_READ_BYTES);
            return reading.header.sequence();
        }
    }

    /** Reads what a record says, whatever its type, but not its payload. */
    Description describe(StoreFile file, Location location) throws IOException {
        Reading reading = new Reading(file, location);
        try (Scratch scratch = Scratch.take()) {
            ByteBuffer first = reading.openAnyType(scratch, KEY_READ_BYTES);
            byte[] key = new byte[reading.header.keyLength()];
            first.get(RecordHeader.BYTES, key);
            return new Description(reading.header.type(), reading.header.sequence(), hasher.encoded(key));
        }
    }

    /** A record without its payload. */
    record Description(int type, long sequence, EncodedKey key) {}

    private final class Reading {

        private final StoreFile file;
        private final Location location;
        private final RecordHeader header = new RecordHeader();

        Reading(StoreFile file, Location location) {
            this.file = file;
            this.location = location;
        }

        /** Reads and verifies header and key of a value; the buffer holds the first bytes of the record. */
        ByteBuffer open(Scratch scratch) throws IOException {
            boolean inBlocks = location.length() > RecordHeader.BYTES + KEY_READ_BYTES + BlockTable.BLOCK_BYTES;
            return open(scratch, inBlocks ? KEY_READ_BYTES : Scratch.BYTES);
        }

        ByteBuffer open(Scratch scratch, int bytes) throws IOException {
            ByteBuffer first = openAnyType(scratch, bytes);
            if (header.type() != RecordType.VALUE) {
                throw corrupt("record type: expected " + RecordType.VALUE + ", found " + header.type());
            }
            return first;
        }

        ByteBuffer openAnyType(Scratch scratch, int bytes) throws IOException {
            if (location.length() < RecordHeader.BYTES) {
                throw corrupt(
                        "record length: expected at least " + RecordHeader.BYTES + ", found " + location.length());
            }
            long fileLength = file.arena().length();
            if (location.end() > fileLength) {
                throw corrupt("record end: expected at most " + fileLength + ", found " + location.end());
            }
            ByteBuffer first = read(scratch.buffer(Math.min(bytes, location.length())), location.offset());
            header.decode(first, 0);
            if (header.recordLength() != location.length()) {
                throw corrupt("record length: expected " + location.length() + ", found " + header.recordLength());
            }
            int headerAndKey = RecordHeader.BYTES + header.keyLength();
            if (headerAndKey > Scratch.BYTES) {
                first = readLongKey(scratch, headerAndKey);
            } else if (first.limit() < headerAndKey) {
                first = read(scratch.buffer(headerAndKey), location.offset());
            }
            try {
                header.verify(first, 0, file.place(location.offset()));
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
            return first;
        }

        /** The few longest keys do not fit the scratch buffer with their header. */
        private ByteBuffer readLongKey(Scratch scratch, int headerAndKey) throws IOException {
            ByteBuffer all = ByteBuffer.allocate(headerAndKey).order(ByteOrder.LITTLE_ENDIAN);
            while (all.hasRemaining()) {
                all.put(read(scratch.buffer(all.remaining()), location.offset() + all.position()));
            }
            return all.flip();
        }

        boolean isOf(ByteBuffer first, EncodedKey key) throws IOException {
            if (header.keyLength() == key.length()
                    && first.slice(RecordHeader.BYTES, key.length()).equals(ByteBuffer.wrap(key.bytes()))) {
                return true;
            }
            key(first, key.hash()); // Damage, unless this key has the very same hash.
            return false;
        }

        byte[] key(ByteBuffer first, KeyHash hash) throws IOException {
            byte[] key = new byte[header.keyLength()];
            first.get(RecordHeader.BYTES, key);
            if (!hasher.hash(key).equals(hash)) {
                throw corrupt("key: expected one of hash " + hash + ", found one of " + hasher.hash(key));
            }
            return key;
        }

        boolean isCompressed() {
            return header.isCompressed();
        }

        byte[] payloadArray(Scratch scratch, ByteBuffer first) throws IOException {
            BlockReader blocks = isInBlocks() ? blocks(scratch) : null;
            byte[] payload = new byte[arrayLength(blocks == null ? header.payloadLength() : blocks.blobBytes())];
            payload(scratch, first, blocks, ByteBuffer.wrap(payload));
            return payload;
        }

        private static int arrayLength(long blobBytes) {
            if (blobBytes > ARRAY_BYTES_MAX) {
                throw new BlobTooLargeException("a blob of " + blobBytes + " bytes does not fit an array: use"
                        + " openStream, transferTo, get into a file, or read for a part of it");
            }
            return (int) blobBytes;
        }

        int payload(Scratch scratch, ByteBuffer first, ByteBuffer target) throws IOException {
            BlockReader blocks = isInBlocks() ? blocks(scratch) : null;
            long bytes = blocks == null ? header.payloadLength() : blocks.blobBytes();
            if (bytes > target.remaining()) {
                throw new BufferOverflowException();
            }
            payload(scratch, first, blocks, target);
            return (int) bytes;
        }

        private boolean isInBlocks() {
            return header.hasBlocks() || header.isCompressed() || BlockTable.isNeeded(header.payloadLength());
        }

        int range(Scratch scratch, long offset, ByteBuffer target) throws IOException {
            BlockReader blocks = blocks(scratch);
            if (offset > blocks.blobBytes()) {
                throw new IndexOutOfBoundsException(
                        "byte " + offset + " does not lie in a blob of " + blocks.blobBytes() + " bytes");
            }
            try {
                return blocks.read(scratch, offset, target);
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        BlockReader blocks(Scratch scratch) throws IOException {
            try {
                return new BlockReader(new StoredBlocks(file, location.offset(), header, scratch), codec);
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        private ByteBuffer block(BlockReader blocks, Scratch scratch, int block) throws IOException {
            try {
                return blocks.block(scratch, block);
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        private void payload(Scratch scratch, ByteBuffer first, @Nullable BlockReader blocks, ByteBuffer target)
                throws IOException {
            if (blocks == null) {
                onePiece(scratch, first, target);
                return;
            }
            for (int i = 0; i < blocks.blocks(); i++) {
                target.put(block(blocks, scratch, i));
            }
        }

        /** Of a payload that is one block, of which the first bytes were read with the header. */
        private void onePiece(Scratch scratch, ByteBuffer first, ByteBuffer target) throws IOException {
            CRC32C checksum = scratch.checksum();
            long start = location.end() - header.payloadLength();
            long position = Math.min(location.offset() + first.limit(), location.end());
            ByteBuffer piece = first.position((int) (start - location.offset()));
            take(piece, checksum, target);
            while (position < location.end()) {
                piece = read(scratch.buffer(location.end() - position), position);
                position += piece.remaining();
                take(piece, checksum, target);
            }
            try {
                header.verifyPayload((int) checksum.getValue());
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        private static void take(ByteBuffer piece, CRC32C checksum, ByteBuffer target) {
            int start = piece.position();
            checksum.update(piece);
            target.put(piece.position(start));
        }

        private ByteBuffer read(ByteBuffer target, long offset) throws IOException {
            file.read(target, offset, location.offset());
            return target.flip();
        }

        private CorruptBlobException corrupt(String problem) {
            return file.corrupt(location.offset(), problem);
        }
    }
}
