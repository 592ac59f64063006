package org.blobarena.index.chronicle.map;

import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;

/**
 * The shape of one map: how many segments, how many keys each can take, and how full the map may become.
 *
 * <p>A segment is a hash table of 4-byte slots, a power of two of them, and a row of 28-byte entries. With entries
 * for {@value #LOAD_PERCENT} % of the slots, a full map takes {@value #FULL_BYTES_PER_KEY} bytes per key. Chronicle Map
 * would let a full segment grow by extra tiers; that is switched off, because all segments fill at the same rate and
 * so the file would double for the first few keys too many, and because each growth forces memory to the device under
 * a lock that others wait for at most two seconds. So a map has a fixed capacity and is replaced by a larger one
 * before the first segment is full.
 *
 * <p>Keys spread over segments like balls over bins: the number of keys in one segment varies by the square root of
 * its mean. {@link #growAt} stays eight, {@link #limit} five such deviations below the capacity of a segment; the
 * chance that one of a million segments overflows before {@code growAt} is far below that of a disk error.
 *
 * @param segments number of segments
 * @param slots hash slots per segment, a power of two
 */
public record IndexGeometry(int segments, int slots) {

    /** Entries per hundred slots: Chronicle Map stops inserting at 80 %. */
    static final int LOAD_PERCENT = 78;

    /** Bytes of the file per key when every segment is full: key, value, slot and free-list bit. */
    static final double FULL_BYTES_PER_KEY = 33.3;

    // Header of the segment and of its table, up to three cache lines each, and the rounding of each part.
    private static final int SEGMENT_OVERHEAD_BYTES_MAX = 1024;
    // The header of the file, at most 16 KiB of text, and the state of the map behind it.
    private static final int FILE_OVERHEAD_BYTES_MAX = 1 << 16;
    private static final int SMALL_SLOTS = 1 << 10;
    private static final int LARGE_SLOTS = 1 << 13;
    private static final int SEGMENTS_MIN = 16;
    // Above it, small segments would waste space on their larger deviation.
    private static final long SMALL_CAPACITY_MAX = 100_000;
    // Room for 1.42 times the keys is 47.3 bytes per key at the moment when a map is replaced, and less from then on.
    private static final double GROWTH_LARGE = 1.42;
    private static final double GROWTH_SMALL = 4;
    // Up to this capacity growth may be generous: at a million keys it is 46.6 bytes per key.
    private static final long GENEROUS_CAPACITY_MAX = 1_400_000;

    /** Returns a map that takes the given number of keys before it has to grow. */
    public static IndexGeometry forExpectedKeys(long expectedKeys) {
        long capacity = (long) (expectedKeys / growFraction(entriesPerSegment(LARGE_SLOTS))) + 1;
        return capacity <= SMALL_CAPACITY_MAX
                ? ofCapacity((long) (expectedKeys / growFraction(entriesPerSegment(SMALL_SLOTS))) + 1, SMALL_SLOTS)
                : ofCapacity(capacity, LARGE_SLOTS);
    }

    /** Returns the map that replaces one which has become too small for its keys. */
    public static IndexGeometry forGrowthFrom(long keys) {
        long capacity = capacityOfGrowthFrom(keys);
        return ofCapacity(capacity, capacity <= SMALL_CAPACITY_MAX ? SMALL_SLOTS : LARGE_SLOTS);
    }

    /** Returns how many keys that map can take at least. */
    public static long capacityOfGrowthFrom(long keys) {
        return (long) Math.max(GROWTH_LARGE * keys, Math.min(GROWTH_SMALL * keys, GENEROUS_CAPACITY_MAX));
    }

    /** Returns whether a map has such a shape, or none that is made here. */
    static boolean isPossible(long segments, long slots) {
        return segments >= SEGMENTS_MIN
                && segments <= Integer.MAX_VALUE / SEGMENT_OVERHEAD_BYTES_MAX
                && (slots == SMALL_SLOTS || slots == LARGE_SLOTS);
    }

    private static IndexGeometry ofCapacity(long capacity, int slots) {
        int entries = entriesPerSegment(slots);
        long segments = Math.max(SEGMENTS_MIN, (capacity + entries - 1) / entries);
        return new IndexGeometry(Math.toIntExact(segments), slots);
    }

    private static int entriesPerSegment(int slots) {
        return slots * LOAD_PERCENT / 100;
    }

    private static double growFraction(int entriesPerSegment) {
        return 1 - 8 / Math.sqrt(entriesPerSegment);
    }

    /** Returns how many keys one segment can take. */
    int entriesPerSegment() {
        return entriesPerSegment(slots);
    }

    /** Returns how many keys the map can take when they spread evenly. */
    long capacity() {
        return (long) segments * entriesPerSegment();
    }

    /** Returns the number of keys from which on a larger map is wanted. */
    public long growAt() {
        return (long) (capacity() * growFraction(entriesPerSegment()));
    }

    /** Returns the number of keys up to which the map may fill while the larger one is made. */
    public long limit() {
        return (long) (capacity() * (1 - 5 / Math.sqrt(entriesPerSegment())));
    }

    /**
     * Returns how many keys may come while the entries of such a map are moved to a larger one: so many that the larger
     * one is no fuller than {@link #growAt} even if this one is full to its last entry.
     */
    public long keysToComeWhileMoving(IndexGeometry larger) {
        return Math.max(0, larger.growAt() - capacity());
    }

    /** More bytes than the file of such a map takes, by less than one in a hundred for a large one. */
    long fileBytesMax() {
        int entries = entriesPerSegment();
        long segmentBytes = (long) slots * Integer.BYTES
                + (long) entries * (KeyHash.ENCODED_BYTES + Location.ENCODED_BYTES)
                + entries / Byte.SIZE
                + SEGMENT_OVERHEAD_BYTES_MAX;
        return FILE_OVERHEAD_BYTES_MAX + segments * segmentBytes;
    }
}
