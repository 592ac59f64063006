package org.blobarena.index.table;

/**
 * Where things stand in a table's file, and in which bits of a key's hash.
 *
 * <p>A file is one header and then blocks, all of one size. A block is groups of slots. A group is a fingerprint for each of its
 * slots, which are in one cache line, and then the entries: a look-up that fails reads mostly nothing but that line.
 *
 * <p>A hash has 128 bits. The top bits of its high half choose the segment, and the low 31 of them the group in it. The low
 * eight bits of the low half are the fingerprint.
 */
final class TableLayout {

    /** One page: see {@link TableSeal}. */
    static final int HEADER_BYTES = 4096;

    static final int GROUP_SLOTS_LOG = 4;
    static final int GROUP_SLOTS = 1 << GROUP_SLOTS_LOG;

    /** The fingerprint of a slot without an entry. */
    static final int NO_FINGERPRINT = 0;

    static final int GROUP_FINGERPRINTS_BYTES = GROUP_SLOTS;

    static final int ENTRY_HIGH_OFFSET = 0;
    static final int ENTRY_LOW_OFFSET = 8;
    static final int ENTRY_FILE_INDEX_OFFSET = 16;
    static final int ENTRY_OFFSET_OFFSET = 20;
    static final int ENTRY_LENGTH_OFFSET = 24;
    static final int ENTRY_BYTES = 28;

    static final int GROUP_BYTES = GROUP_FINGERPRINTS_BYTES + GROUP_SLOTS * ENTRY_BYTES;

    static final int BLOCK_GROUPS_LOG = 6;
    static final int BLOCK_GROUPS = 1 << BLOCK_GROUPS_LOG;
    static final int BLOCK_SLOTS = BLOCK_GROUPS * GROUP_SLOTS;
    static final int BLOCK_BYTES = BLOCK_GROUPS * GROUP_BYTES;

    /** No segment has fewer blocks. */
    static final int SEGMENT_BLOCKS_MIN = 3;

    /** A segment that would need more blocks becomes two. */
    static final int SEGMENT_BLOCKS_MAX = 8;

    static final int DEPTH_MIN = 1;

    /** For more than 2^35 keys. */
    static final int DEPTH_MAX = 24;

    private static final int HOME_BITS = 31;
    private static final long HOME_MASK = (1L << HOME_BITS) - 1;
    private static final int FINGERPRINT_MASK = 0xFF;

    private TableLayout() {}

    /** Returns the fingerprint of a key: 1 to 255. */
    static int fingerprint(long low) {
        int bits = (int) low & FINGERPRINT_MASK;
        return bits == NO_FINGERPRINT ? 1 : bits;
    }

    /** Returns the group, of so many, in which a key stands or after which it is to be looked for. */
    static int home(long high, int groups) {
        return (int) (((high & HOME_MASK) * groups) >>> HOME_BITS);
    }

    /** Returns the segment of a directory of so many bits. */
    static int prefix(long high, int depth) {
        return (int) (high >>> (Long.SIZE - depth));
    }

    static long fileOffset(int block) {
        return HEADER_BYTES + (long) block * BLOCK_BYTES;
    }

    /** Returns how many blocks a file of a length has, of which no part is missing. */
    static int wholeBlocks(long fileBytes) {
        return (int) ((fileBytes - HEADER_BYTES) / BLOCK_BYTES);
    }
}
