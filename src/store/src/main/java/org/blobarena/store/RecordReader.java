package org.blobarena.store;

import java.io.IOException;
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
    static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

    private final KeyHasher hasher;
    private final BlockCodec codec;
    private final int arrayBytesMax;

    /** For whoever reads no blobs that may be compressed, and so has nothing to close. */
    RecordReader(KeyHasher hasher) {
        this(hasher, new BlockCodec(), ARRAY_BYTES_MAX);
    }

    /** Refuses to take memory for a blob that is too long for that, whatever it takes on disk. */
    static void requireFitsMemory(long blobBytes, int bytesMax) {
        if (blobBytes > bytesMax) {
            throw new BlobTooLargeException("a blob of " + blobBytes + " bytes is longer than the " + bytesMax
                    + " that are read into memory as a whole: use openStream, transferTo, get into a file, or read for a"
                    + " part of it; or set BlobStoreBuilder.maxBlobBytes");
        }
    }

    /**
     * @param codec which blobs are decompressed with
     * @param arrayBytesMax the longest blob that gets an array. A longer one is a {@link BlobTooLargeException}
     */
    RecordReader(KeyHasher hasher, BlockCodec codec, int arrayBytesMax) {
        this.hasher = hasher;
        this.codec = codec;
        this.arrayBytesMax = arrayBytesMax;
    }

    /**
     * Reads the payload of a key into a new array.
     *
     * @return null when the record is of another key with the same hash
     */
    byte @Nullable [] payload(StoreFile file, Location location, EncodedKey key) throws IOException {
        return payload(file, file, location, key);
    }

    /**
     * Reads the payload of a key into a new array.
     *
     * @param source has the bytes of the record, which are of the file
     * @return null when the record is of another key with the same hash
     */
    byte @Nullable [] payload(ByteSource source, StoreFile file, Location location, EncodedKey key) throws IOException {
        Reading reading = new Reading(source, file, location);
        try (Scratch scratch = Scratch.take()) {
            ByteBuffer first = reading.open(scratch);
            if (!reading.isOf(first, key)) {
                return null;
            }
            return reading.payloadArray(scratch, first);
        }
    }

    /** A reading that can be begun again and again. */
    Reading reading(StoreFile file, long offset, long length) {
        return new Reading(file, file, offset, length);
    }

    /**
     * Reads the payload of a key into a buffer if that has room for it.
     *
     * @return its length, or -1 when the record is of another key with the same hash
     */
    long payloadIfRoom(Reading reading, SoughtKey key, ByteBuffer target) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            ByteBuffer first = reading.open(scratch);
            if (!reading.isOf(first, key)) {
                return -1;
            }
            return reading.payloadIfRoom(scratch, first, target);
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
            return reading.isInBlocks() ? reading.blocks(scratch).blobBytes() : reading.header.blobBytes();
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

    /**
     * Reads the payload of a key, all of it before anybody sees it.
     *
     * @param scratch holds the payload if the record fits it
     * @return the payload from position to limit, read-only, in the scratch or a new buffer; null when the record is of another
     *     key with the same hash
     */
    @Nullable ByteBuffer verified(Reading reading, SoughtKey key, Scratch scratch) throws IOException {
        ByteBuffer first = reading.open(scratch);
        if (!reading.isOf(first, key)) {
            return null;
        }
        if (first.limit() < reading.length || reading.isInBlocks()) {
            return ByteBuffer.wrap(reading.payloadArray(scratch, first)).asReadOnlyBuffer();
        }
        reading.onePiece(scratch, first, null);
        return scratch.readOnly(first.position(RecordHeader.BYTES + key.length()));
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

    /** One reading of one record. For one thread at a time. */
    final class Reading implements RecordHeader.Placed {

        private final RecordHeader header = new RecordHeader();
        private ByteSource source;
        private StoreFile file;
        private long offset;
        private long length;
        private @Nullable BlockReader blocks;

        private Reading(StoreFile file, Location location) {
            this(file, file, location);
        }

        private Reading(ByteSource source, StoreFile file, Location location) {
            this(source, file, location.offset(), location.length());
        }

        private Reading(ByteSource source, StoreFile file, long offset, long length) {
            this.source = source;
            this.file = file;
            this.offset = offset;
            this.length = length;
        }

        /** Turns to the record at a place of a file. */
        void begin(StoreFile newFile, long newOffset, long newLength) {
            source = newFile;
            file = newFile;
            offset = newOffset;
            length = newLength;
        }

        @Override
        public long fileId() {
            return file.id();
        }

        @Override
        public long offset() {
            return offset;
        }

        @Override
        public int salt() {
            return file.salt();
        }

        private long end() {
            return offset + length;
        }

        /** Reads and verifies header and key of a value; the buffer holds the first bytes of the record. */
        ByteBuffer open(Scratch scratch) throws IOException {
            boolean inBlocks = length > RecordHeader.BYTES + KEY_READ_BYTES + BlockTable.BLOCK_BYTES;
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
            if (length < RecordHeader.BYTES) {
                throw corrupt("record length: expected at least " + RecordHeader.BYTES + ", found " + length);
            }
            long fileLength = file.arena().length();
            if (end() > fileLength) {
                throw corrupt("record end: expected at most " + fileLength + ", found " + end());
            }
            ByteBuffer first = read(scratch.buffer(Math.min(bytes, length)), offset);
            header.decode(first, 0);
            if (header.recordLength() != length) {
                throw corrupt("record length: expected " + length + ", found " + header.recordLength());
            }
            int headerAndKey = RecordHeader.BYTES + header.keyLength();
            if (headerAndKey > Scratch.BYTES) {
                first = readLongKey(scratch, headerAndKey);
            } else if (first.limit() < headerAndKey) {
                first = read(scratch.buffer(headerAndKey), offset);
            }
            try {
                header.verify(first, 0, this);
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
            return first;
        }

        /** The few longest keys do not fit the scratch buffer with their header. */
        private ByteBuffer readLongKey(Scratch scratch, int headerAndKey) throws IOException {
            ByteBuffer all = ByteBuffer.allocate(headerAndKey).order(ByteOrder.LITTLE_ENDIAN);
            while (all.hasRemaining()) {
                all.put(read(scratch.buffer(all.remaining()), offset + all.position()));
            }
            return all.flip();
        }

        boolean isOf(ByteBuffer first, SoughtKey key) throws IOException {
            if (header.keyLength() == key.length() && key.isAt(first, RecordHeader.BYTES)) {
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

        byte[] payloadArray(Scratch scratch, ByteBuffer first) throws IOException {
            BlockReader reader = isInBlocks() ? blocks(scratch) : null;
            byte[] payload = new byte[arrayLength(reader == null ? header.payloadLength() : reader.blobBytes())];
            payload(scratch, first, reader, ByteBuffer.wrap(payload));
            return payload;
        }

        private int arrayLength(long blobBytes) {
            requireFitsMemory(blobBytes, arrayBytesMax);
            return (int) blobBytes;
        }

        long payloadIfRoom(Scratch scratch, ByteBuffer first, ByteBuffer target) throws IOException {
            BlockReader reader = isInBlocks() ? blocks(scratch) : null;
            long bytes = reader == null ? header.payloadLength() : reader.blobBytes();
            if (bytes <= target.remaining()) {
                payload(scratch, first, reader, target);
            }
            return bytes;
        }

        private boolean isInBlocks() {
            return header.hasBlocks() || header.isCompressed() || BlockTable.isNeeded(header.payloadLength());
        }

        int range(Scratch scratch, long from, ByteBuffer target) throws IOException {
            BlockReader reader = blocks(scratch);
            if (from > reader.blobBytes()) {
                throw new IndexOutOfBoundsException(
                        "byte " + from + " does not lie in a blob of " + reader.blobBytes() + " bytes");
            }
            try {
                return reader.read(scratch, from, target);
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        BlockReader blocks(Scratch scratch) throws IOException {
            try {
                BlockReader present = blocks;
                if (present == null) {
                    present = new BlockReader(new StoredBlocks(source, file, offset, header, scratch), codec);
                    blocks = present;
                } else {
                    present.begin(source, file, offset, scratch);
                }
                return present;
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        private ByteBuffer block(BlockReader reader, Scratch scratch, int block) throws IOException {
            try {
                return reader.block(scratch, block);
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        private void payload(Scratch scratch, ByteBuffer first, @Nullable BlockReader reader, ByteBuffer target)
                throws IOException {
            if (reader == null) {
                onePiece(scratch, first, target);
                return;
            }
            for (int i = 0; i < reader.blocks(); i++) {
                target.put(block(reader, scratch, i));
            }
        }

        /**
         * Verifies a payload that is one block, of which the first bytes were read with the header, and copies it unless the
         * target is null.
         */
        private void onePiece(Scratch scratch, ByteBuffer first, @Nullable ByteBuffer target) throws IOException {
            CRC32C checksum = scratch.checksum();
            long start = end() - header.payloadLength();
            long position = Math.min(offset + first.limit(), end());
            ByteBuffer piece = first.position((int) (start - offset));
            take(piece, checksum, target);
            while (position < end()) {
                piece = read(scratch.buffer(end() - position), position);
                position += piece.remaining();
                take(piece, checksum, target);
            }
            try {
                header.verifyPayload((int) checksum.getValue());
            } catch (FormatException e) {
                throw corrupt(e.getMessage());
            }
        }

        private static void take(ByteBuffer piece, CRC32C checksum, @Nullable ByteBuffer target) {
            int start = piece.position();
            checksum.update(piece);
            if (target != null) {
                target.put(piece.position(start));
            }
        }

        private ByteBuffer read(ByteBuffer target, long from) throws IOException {
            file.read(source, target, from, offset);
            return target.flip();
        }

        private CorruptBlobException corrupt(String problem) {
            return file.corrupt(offset, problem);
        }
    }
}
