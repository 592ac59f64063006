package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.blobarena.arena.ArenaFile;
import org.blobarena.arena.io.Scratch;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FormatException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one file one after the other, forward, and finds its way past damage.
 *
 * <p>Where no valid header stands, every following byte is tried until one does. A payload cannot fake one: the
 * header carries a salt that nobody outside the store knows, and its checksum covers the place. For one thread.
 *
 * <p>Memory is one window of at most {@value #WINDOW_BYTES} bytes, whatever the lengths on disk say.
 */
final class FileScanner {

    private static final int WINDOW_BYTES = 256 * 1024;

    private final StoreFile file;
    private final ArenaFile arena;
    private final long end;
    private final ByteBuffer window;
    private final RecordHeader header = new RecordHeader();
    private long windowStart;
    private long offset;
    private long next = ArenaHeader.BYTES;
    private @Nullable IndexBlock indexBlock;
    private @Nullable Damage damageBefore;

    /** Bytes from {@code start} to {@code end} where no valid header stands. */
    record Damage(long start, long end, String problem) {}

    /** A scan of all records that the file holds by now. */
    FileScanner(StoreFile file) {
        this.file = file;
        this.arena = file.arena();
        this.end = file.recordsEnd();
        this.window = ByteBuffer.allocateDirect((int) Math.min(WINDOW_BYTES, end))
                .order(ByteOrder.LITTLE_ENDIAN)
                .limit(0);
    }

    /**
     * Goes to the next record whose header and key are valid. {@link #damageBefore} tells what was passed over,
     * also when there is no further record.
     *
     * @return false at the end
     */
    boolean next() throws IOException {
        damageBefore = null;
        offset = next;
        if (offset >= end) {
            return false;
        }
        String problem = problemAt(offset);
        if (problem != null) {
            long start = offset;
            long found = findHeader(start + 1);
            damageBefore = new Damage(start, found, problem);
            if (found == end) {
                next = end;
                return false;
            }
            offset = found;
        }
        next = offset + header.recordLength();
        return true;
    }

    /** What lies between the record before and this one, or the end; null when nothing does. */
    @Nullable Damage damageBefore() {
        return damageBefore;
    }

    /** The header of this record. */
    RecordHeader header() {
        return header;
    }

    long offset() {
        return offset;
    }

    /** Where this record ends. */
    long end() {
        return next;
    }

    /** A copy of this record's key. */
    byte[] key() throws IOException {
        byte[] key = new byte[header.keyLength()];
        int at = load(offset, RecordHeader.BYTES + key.length);
        window.get(at + RecordHeader.BYTES, key);
        return key;
    }

    /** Reads this record's payload and compares its checksum. Null when it is right. */
    @Nullable String verifyPayload() throws IOException {
        indexBlock = null;
        try {
            if (header.hasBlocks() || header.isCompressed()) {
                verifyBlocks();
            } else if (header.type() == RecordType.INDEX_BLOCK) {
                indexBlock = IndexBlock.decode(smallPayload(IndexBlock.payloadBytes(IndexBlock.ENTRIES_MAX)));
            } else {
                verifyOnePiece();
            }
        } catch (FormatException e) {
            return String.valueOf(e.getMessage());
        }
        return null;
    }

    /** What this record lists if it is an index block; after {@link #verifyPayload} has found it right. */
    IndexBlock indexBlock() {
        return Objects.requireNonNull(indexBlock);
    }

    private void verifyBlocks() throws IOException, FormatException {
        try (Scratch scratch = Scratch.take()) {
            new StoredBlocks(file, file, offset, header, scratch).verify(scratch);
        }
    }

    private void verifyOnePiece() throws IOException, FormatException {
        if (header.type() == RecordType.VALUE || header.type() == RecordType.VOID) {
            header.verifyLayout();
        }
        CRC32C checksum = new CRC32C();
        long position = next - header.payloadLength();
        while (position < next) {
            int count = (int) Math.min(window.capacity(), next - position);
            int at = load(position, Math.min(count, 1));
            count = Math.min(count, window.limit() - at);
            checksum.update(window.duplicate().limit(at + count).position(at));
            position += count;
        }
        header.verifyPayload((int) checksum.getValue());
    }

    /** What an index block says of this record. */
    IndexBlock.Entry entry(KeyHash hash) {
        return new IndexBlock.Entry(
                hash.high(), hash.low(), header.type(), header.sequence(), offset, header.recordLength());
    }

    private ByteBuffer smallPayload(int bytesMax) throws IOException, FormatException {
        if (header.payloadLength() > bytesMax) {
            throw FormatException.corrupt("payload length", "at most " + bytesMax, header.payloadLength());
        }
        ByteBuffer payload = ByteBuffer.allocate((int) header.payloadLength()).order(ByteOrder.LITTLE_ENDIAN);
        arena.read(payload, next - payload.capacity());
        header.verifyPayload(Crc.of(payload.flip()));
        return payload;
    }

    /** Null when a valid header with its key stands there, and its payload lies inside the file. */
    private @Nullable String problemAt(long position) throws IOException {
        if (end - position < RecordHeader.BYTES) {
            return "record: expected at least " + RecordHeader.BYTES + " bytes, found " + (end - position);
        }
        int at = load(position, RecordHeader.BYTES);
        header.decode(window, at);
        int headerAndKey = RecordHeader.BYTES + header.keyLength();
        if (headerAndKey > end - position) {
            return "key length: expected at most " + (end - position - RecordHeader.BYTES) + ", found "
                    + header.keyLength();
        }
        at = load(position, headerAndKey);
        try {
            header.verify(window, at, file.place(position));
        } catch (FormatException e) {
            return e.getMessage();
        }
        if (header.recordLength() > end - position) {
            return "record length: expected at most " + (end - position) + ", found " + header.recordLength();
        }
        return null;
    }

    private long findHeader(long from) throws IOException {
        long position = from;
        while (position + RecordHeader.BYTES <= end) {
            int first = load(position, RecordHeader.BYTES);
            int last = window.limit() - RecordHeader.BYTES;
            int at = first;
            // Only the bytes of the salt cost anything for most positions.
            while (at <= last && window.getInt(at + RecordHeader.SALT_OFFSET) != file.salt()) {
                at++;
            }
            position += at - first;
            if (at <= last) {
                if (problemAt(position) == null) {
                    return position;
                }
                position++;
            }
        }
        return end;
    }

    /** Brings bytes into the window; their index in it. */
    private int load(long position, int bytes) throws IOException {
        if (position < windowStart || position + bytes > windowStart + window.limit()) {
            window.clear().limit((int) Math.min(window.capacity(), end - position));
            windowStart = position;
            arena.read(window, position);
            window.flip();
        }
        return (int) (position - windowStart);
    }
}
