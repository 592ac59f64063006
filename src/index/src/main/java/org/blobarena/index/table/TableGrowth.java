package org.blobarena.index.table;

import java.io.IOException;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.StackRoom;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a segment gets another block and when it is split, and what happens when it cannot.
 *
 * <p>Each segment grows alone, in the thread that needs the room. When the file cannot be made longer, as on a full disk, the
 * segment is filled further, and the attempt is repeated from time to time; only a key that finds no room is refused.
 *
 * <p>A segment grows when about {@value #DUE_PERCENT_MIN} to {@value #DUE_PERCENT_MAX} % of its slots are used, where few look-ups
 * have to go on to a second group, and gets room for a fifth of its keys more. Since hashes are spread evenly, all
 * segments would come to that within the same few puts, which would then take several times as long. So each has a limit and a
 * greatest length of its own, and some of them grow at any time.
 */
final class TableGrowth {

    private static final int DUE_PERCENT_MIN = 80;
    private static final int DUE_PERCENT_MAX = 90;
    private static final int FULL_PERCENT = 97;

    /** Of the keys that a segment has when it grows, so many are expected to come. */
    private static final int ADDED_SHARE = 5;

    private static final int SPREAD_BITS = 8;
    private static final int GOLDEN_RATIO = 0x9E37_79B9;
    private static final int DEPTHS = 32;

    /** By so many blocks do the greatest lengths of segments differ. */
    private static final int LENGTHS = 4;

    /** More than the two halves of a segment get. */
    static final int SPLIT_BLOCKS_MAX = 2 * TableLayout.SEGMENT_BLOCKS_MAX;

    /** Of stack, for all that lengthens and maps a file. */
    private static final int STACK_BYTES = 16_000;

    private final Directory directory;
    private final TableFile file;
    private final SegmentDirectory segments;
    private final long retryNanos;
    private volatile @Nullable Throwable failure;
    private volatile boolean refused;
    private volatile long failedNanos;

    /** @param retryNanos how long to leave a disk alone that was full */
    TableGrowth(Directory directory, TableFile file, SegmentDirectory segments, long retryNanos) {
        this.directory = directory;
        this.file = file;
        this.segments = segments;
        this.retryNanos = retryNanos;
    }

    /** Returns a number of {@value #SPREAD_BITS} bits, by which segments are told to grow at different times. */
    static int spread(int prefix, int depth) {
        // By the golden ratio: neighbours are far from each other, and so are a segment and its halves.
        return ((prefix * DEPTHS + depth) * GOLDEN_RATIO) >>> (Integer.SIZE - SPREAD_BITS);
    }

    /** Returns how many keys a segment takes before it grows. */
    static int limit(int slots, int spread) {
        int added = ((DUE_PERCENT_MAX - DUE_PERCENT_MIN) * spread) >>> SPREAD_BITS;
        return slots * (DUE_PERCENT_MIN + added) / 100;
    }

    /** Returns how many keys a segment takes that cannot grow. */
    static int limitWithoutGrowth(int slots) {
        return slots * FULL_PERCENT / 100;
    }

    private static int blocksMax(int spread) {
        return TableLayout.SEGMENT_BLOCKS_MAX - spread % LENGTHS;
    }

    /** Returns how many blocks a segment of so many keys gets, if it may; there is room for all of them in any case. */
    private static int blocksFor(int keys, int spread) {
        int expected = keys + keys / ADDED_SHARE;
        int blocks = TableLayout.SEGMENT_BLOCKS_MIN;
        while (blocks < TableLayout.SEGMENT_BLOCKS_MAX && expected >= limit(Slots.count(blocks), spread)) {
            blocks++;
        }
        return blocks;
    }

    /**
     * Makes room in a segment whose lock the caller holds.
     *
     * @return whether there is more, in this segment or in those that it was split into; if not, it was no use, or it is too
     *     early to try again
     */
    boolean grow(Segment segment) {
        if (failure != null && isEarly()) {
            return false;
        }
        StackRoom.require(STACK_BYTES);
        try {
            int blocks = blocksFor(segment.count(), segment.spread());
            if (blocks > segment.slots().blocks().length && blocks <= blocksMax(segment.spread())) {
                extend(segment, blocks);
            } else {
                split(segment);
            }
            refused = false;
            failure = null;
            return true;
        } catch (IOException | OutOfMemoryError e) {
            failedNanos = System.nanoTime();
            refused = false;
            failure = e;
            return false;
        }
    }

    /** Makes the exception for a key that there is no room for. */
    IOException refuse() {
        refused = true;
        return full(failure);
    }

    /** Returns an exception when a key was refused since the last attempt to grow, and it is too early for the next. */
    @Nullable IOException refusedLately() {
        Throwable cause = failure;
        return refused && cause != null && isEarly() ? full(cause) : null;
    }

    private IOException full(@Nullable Throwable cause) {
        return new IOException(
                "the index in " + directory.path() + " is full at " + segments.keys() + " keys and cannot grow: "
                        + (cause == null ? "it has just done so" : cause.getMessage()),
                cause);
    }

    private boolean isEarly() {
        return System.nanoTime() - failedNanos < retryNanos;
    }

    private void extend(Segment segment, int blocks) throws IOException {
        Slots present = segment.slots();
        Slots longer = new Slots(file.take(blocks));
        present.copyTo(longer, 0, 0);
        segment.exchange(longer);
        file.give(present.blocks());
    }

    private void split(Segment segment) throws IOException {
        int depth = segment.depth() + 1;
        if (depth > TableLayout.DEPTH_MAX) {
            throw new IOException("too many hashes of keys begin with the same bits");
        }
        segments.deepen(depth);
        Slots present = segment.slots();
        long bit = Long.MIN_VALUE >>> segment.depth();
        int upperCount = present.countWith(bit);
        int lowerCount = segment.count() - upperCount;
        int lowerPrefix = segment.prefix() << 1;
        int upperPrefix = lowerPrefix | 1;
        Slots lowerSlots = new Slots(file.take(blocksFor(lowerCount, spread(lowerPrefix, depth))));
        Slots upperSlots = null;
        Segment lower;
        Segment upper;
        try {
            upperSlots = new Slots(file.take(blocksFor(upperCount, spread(upperPrefix, depth))));
            present.copyTo(lowerSlots, bit, 0);
            present.copyTo(upperSlots, bit, bit);
            lower = Segment.of(file, lowerPrefix, depth, lowerSlots, lowerCount);
            upper = Segment.of(file, upperPrefix, depth, upperSlots, upperCount);
        } catch (IOException | RuntimeException | Error e) {
            file.give(lowerSlots.blocks());
            if (upperSlots != null) {
                file.give(upperSlots.blocks());
            }
            throw e;
        }
        // Nobody may change the new segments as long as somebody may still read the old one.
        lower.lock();
        upper.lock();
        try {
            segments.split(lower, upper);
            segment.retire();
        } finally {
            upper.unlock();
            lower.unlock();
        }
        file.give(present.blocks());
    }
}
