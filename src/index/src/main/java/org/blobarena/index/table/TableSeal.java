package org.blobarena.index.table;

import static org.blobarena.index.table.TableLayout.BLOCK_BYTES;
import static org.blobarena.index.table.TableLayout.HEADER_BYTES;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;
import org.blobarena.arena.internal.io.FileHandle;

/**
 * What a clean close writes: a header before the blocks, and behind them a list of the segments.
 *
 * <p>The header has the number in the file's name, the sizes of everything, and the checksum of the list; the list has for
 * each segment its depth, its keys, its blocks and their checksum. So an opening reads nothing else, and whatever is not
 * as it was written is found: in the header and the list by the opening, in a segment before it is first used. All of it may be
 * forged under right checksums; so no number is used before it was compared with what it counts.
 *
 * <p>The header is overwritten before anything else is changed. A process that dies leaves a file without one.
 */
final class TableSeal {

    /** "BLOBTABL" in ASCII. */
    private static final long MAGIC = 0x4c424154_424f4c42L;

    private static final int VERSION = 1;

    private static final int MAGIC_OFFSET = 0;
    private static final int VERSION_OFFSET = 8;
    private static final int BLOCK_BYTES_OFFSET = 12;
    private static final int NUMBER_OFFSET = 16;
    private static final int KEYS_OFFSET = 24;
    private static final int BLOCKS_OFFSET = 32;
    private static final int SEGMENTS_OFFSET = 36;
    private static final int LIST_BYTES_OFFSET = 40;
    private static final int LIST_CHECKSUM_OFFSET = 44;
    private static final int CHECKSUM_OFFSET = 48;
    // From here on zeros, to the end of the header.
    private static final int RESERVED_OFFSET = 52;

    /** Of a segment: depth, keys, checksum, number of blocks; the numbers of the blocks follow. */
    private static final int ENTRY_BYTES = 16;

    private static final int ENTRY_BYTES_MAX = ENTRY_BYTES + TableLayout.SEGMENT_BLOCKS_MAX * Integer.BYTES;

    private static final int DEPTH_SPARE = 5;

    private TableSeal() {}

    /** What a seal says. */
    record Content(long keys, int blocks, BitSet used, int depth, List<Entry> entries) {}

    /** What it says of a segment. */
    @SuppressWarnings("ArrayRecordComponent") // which nobody compares
    record Entry(int depth, int prefix, int keys, int checksum, int[] blocks) {}

    /**
     * Seals a file; the caller renames and forces it.
     *
     * @param name what it will be named
     * @throws IOException if a segment is damaged, or the file cannot be written; it is not sealed then
     */
    static void write(TableFile file, List<Segment> segments, TableFileName name) throws IOException {
        ByteBuffer list = littleEndian(Math.multiplyExact(segments.size(), ENTRY_BYTES_MAX));
        long keys = 0;
        for (Segment segment : segments) {
            Integer checksum = segment.seal();
            if (checksum == null) {
                throw new IOException("index file " + file + " is damaged");
            }
            keys += segment.count();
            Slots.Block[] blocks = segment.slots().blocks();
            list.putInt(segment.depth())
                    .putInt(segment.count())
                    .putInt(checksum)
                    .putInt(blocks.length);
            for (Slots.Block block : blocks) {
                list.putInt(block.number());
            }
        }
        list.flip();
        ByteBuffer header = littleEndian(HEADER_BYTES)
                .putLong(MAGIC_OFFSET, MAGIC)
                .putInt(VERSION_OFFSET, VERSION)
                .putInt(BLOCK_BYTES_OFFSET, BLOCK_BYTES)
                .putLong(NUMBER_OFFSET, name.number())
                .putLong(KEYS_OFFSET, keys)
                .putInt(BLOCKS_OFFSET, file.blocks())
                .putInt(SEGMENTS_OFFSET, segments.size())
                .putInt(LIST_BYTES_OFFSET, list.limit())
                .putInt(LIST_CHECKSUM_OFFSET, checksum(list.duplicate()));
        header.putInt(CHECKSUM_OFFSET, checksum(header.slice(0, CHECKSUM_OFFSET)));
        long listOffset = TableLayout.fileOffset(file.blocks());
        long end = listOffset + list.limit();
        file.handle().write(list, listOffset);
        if (file.handle().size() > end) { // A longer list may have been there before.
            file.handle().truncate(end);
        }
        file.handle().write(header, 0);
    }

    /**
     * Reads the seal of a file.
     *
     * @param expectedKeys how many keys it must have
     * @throws IOException if there is none, or if it says what cannot be
     */
    static Content read(TableFile file, long expectedKeys) throws IOException {
        FileHandle handle = file.handle();
        ByteBuffer header = readExactly(handle, 0, HEADER_BYTES);
        if (header.getLong(MAGIC_OFFSET) != MAGIC) {
            throw unusable(file, "it has no seal");
        }
        if (header.getInt(CHECKSUM_OFFSET) != checksum(header.slice(0, CHECKSUM_OFFSET))) {
            throw unusable(file, "its header is damaged");
        }
        for (int at = RESERVED_OFFSET; at < HEADER_BYTES; at++) {
            if (header.get(at) != 0) {
                throw unusable(file, "its header has something behind its end, at " + at);
            }
        }
        int version = header.getInt(VERSION_OFFSET);
        if (version != VERSION) {
            throw unusable(file, "expected version " + VERSION + ", found " + version);
        }
        if (header.getInt(BLOCK_BYTES_OFFSET) != BLOCK_BYTES) {
            throw unusable(file, "its blocks have another size");
        }
        if (header.getLong(NUMBER_OFFSET) != file.name().number()) {
            throw unusable(file, "it is another file's content");
        }
        long keys = header.getLong(KEYS_OFFSET);
        if (keys != expectedKeys) {
            throw unusable(file, "it holds " + keys + " keys, expected " + expectedKeys);
        }
        int blocks = header.getInt(BLOCKS_OFFSET);
        int segments = header.getInt(SEGMENTS_OFFSET);
        int listBytes = header.getInt(LIST_BYTES_OFFSET);
        long length = handle.size();
        if (blocks < 0
                || segments < 1 << TableLayout.DEPTH_MIN
                || segments > blocks / TableLayout.SEGMENT_BLOCKS_MIN
                || segments > 1 << TableLayout.DEPTH_MAX
                || listBytes < segments * ENTRY_BYTES
                || listBytes > segments * ENTRY_BYTES_MAX
                || TableLayout.fileOffset(blocks) + listBytes != length) {
            throw unusable(
                    file,
                    blocks + " blocks, " + segments + " segments and " + listBytes
                            + " bytes of list do not make its length " + length);
        }
        ByteBuffer list = readExactly(handle, TableLayout.fileOffset(blocks), listBytes);
        if (header.getInt(LIST_CHECKSUM_OFFSET) != checksum(list.duplicate())) {
            throw unusable(file, "its list is damaged");
        }
        Content content = decode(file, list, segments, blocks, keys);
        if (content.depth() > depthMax(segments)) {
            throw unusable(file, "it has a segment of depth " + content.depth() + " among " + segments);
        }
        return content;
    }

    /**
     * Returns how many bits may tell some of so many segments apart. The hashes are spread evenly, so all segments have about
     * the same depth; a directory of many times more places than there are segments would be a waste of memory.
     */
    private static int depthMax(int segments) {
        return Math.min(TableLayout.DEPTH_MAX, Integer.SIZE - Integer.numberOfLeadingZeros(segments) + DEPTH_SPARE);
    }

    private static Content decode(TableFile file, ByteBuffer list, int segments, int blocks, long expectedKeys)
            throws IOException {
        List<Entry> entries = new ArrayList<>(segments);
        BitSet used = new BitSet(blocks);
        long keys = 0;
        long covered = 0; // in segments of the greatest depth
        int depthMax = TableLayout.DEPTH_MIN;
        for (int i = 0; i < segments; i++) {
            if (list.remaining() < ENTRY_BYTES) {
                throw unusable(file, "its list ends early");
            }
            int depth = list.getInt();
            int count = list.getInt();
            int checksum = list.getInt();
            int blockCount = list.getInt();
            if (depth < TableLayout.DEPTH_MIN
                    || depth > TableLayout.DEPTH_MAX
                    || blockCount < TableLayout.SEGMENT_BLOCKS_MIN
                    || blockCount > TableLayout.SEGMENT_BLOCKS_MAX
                    || count < 0
                    || count > Slots.count(blockCount)
                    || list.remaining() < blockCount * Integer.BYTES) {
                throw unusable(file, "segment " + i + " cannot be");
            }
            long share = 1L << (TableLayout.DEPTH_MAX - depth);
            if (covered % share != 0 || covered + share > 1L << TableLayout.DEPTH_MAX) {
                throw unusable(file, "segment " + i + " is of another prefix");
            }
            int[] numbers = new int[blockCount];
            for (int j = 0; j < blockCount; j++) {
                int number = list.getInt();
                if (number < 0 || number >= blocks || used.get(number)) {
                    throw unusable(file, "block " + number + " of segment " + i + " is not its own");
                }
                used.set(number);
                numbers[j] = number;
            }
            entries.add(new Entry(depth, (int) (covered / share), count, checksum, numbers));
            covered += share;
            keys += count;
            depthMax = Math.max(depthMax, depth);
        }
        if (covered != 1L << TableLayout.DEPTH_MAX || keys != expectedKeys || list.hasRemaining()) {
            throw unusable(file, "its list is of another table");
        }
        return new Content(keys, blocks, used, depthMax, entries);
    }

    /** Takes the seal off, before anything else is changed. */
    static void remove(TableFile file) throws IOException {
        file.handle().write(ByteBuffer.allocate(HEADER_BYTES), 0);
    }

    private static IOException unusable(TableFile file, String why) {
        return new IOException("index file " + file + " cannot be used: " + why);
    }

    private static ByteBuffer readExactly(FileHandle handle, long position, int bytes) throws IOException {
        ByteBuffer buffer = littleEndian(bytes);
        if (handle.read(buffer, position) < bytes) {
            throw new IOException("index file " + handle + " ends at " + handle.size() + ", expected " + bytes
                    + " bytes at " + position);
        }
        return buffer.flip();
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return (int) checksum.getValue();
    }
}
