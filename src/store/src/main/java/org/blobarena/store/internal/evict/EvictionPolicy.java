package org.blobarena.store.internal.evict;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.cache.UseBits;
import org.jspecify.annotations.Nullable;

/**
 * Decides which file goes next and what of it is written again.
 *
 * <p>Files are of two queues: those that took new records, and those that took records which an eviction kept. The oldest file
 * of one of them goes. A use of a record counts only once its file is in the older half of its queue, because the uses right
 * after a write are of one burst and tell little. The first uses there are what a shorter queue would lose; the queue that earns
 * fewer of them for its bytes is the one to shorten.
 *
 * <p>What is written again comes out of a credit that grows with what is admitted, so that each byte that is admitted costs at
 * most {@value #CREDIT_PER_BYTE} bytes more, and every eviction ends. The less of it is saved up, the more uses a record needs: in
 * a cache that holds most of what is asked for, one use is so common that the credit would be spent on whatever comes first. A
 * long record needs more of them than a short one, since in its place several short ones could stay; by the root of its length
 * and not by the length, since it is worth more to who asks for it.
 *
 * <p>For one thread at a time.
 */
final class EvictionPolicy {

    /** For each byte that is admitted, so many may be written again. */
    static final double CREDIT_PER_BYTE = 0.3;

    /** A byte that was kept is worth so many new ones: keeping it has cost a write, and letting it go costs a load. */
    private static final double KEPT_WEIGHT = 5;

    private static final double KEPT_SHARE_MIN = 0.05;
    private static final double KEPT_SHARE_MAX = 0.9;

    /** Of the maximum, so much may be saved up for writing again. */
    private static final int CREDIT_PART = 4;

    /** The usual length is that of so many records that were used last. */
    private static final int USUAL_RECORDS = 1000;

    /** Of the number of files, evictions of this part are remembered. */
    private static final double MEMORY_PART = 4;

    private final long maximumBytes;
    private final long fileBytesMax;
    private final double decay;
    private final LongAdder newUses = new LongAdder();
    private final LongAdder keptUses = new LongAdder();
    private double newUsedBytes;
    private double keptUsedBytes;
    private double creditBytes;
    private double usualBytes;
    private int usualRecords;

    /**
     * @param fileBytesMax the greatest length of a file
     * @param filledBytes what most are filled to
     */
    EvictionPolicy(long maximumBytes, long fileBytesMax, long filledBytes) {
        this.maximumBytes = maximumBytes;
        this.fileBytesMax = fileBytesMax;
        this.decay = 1 - 1 / (maximumBytes / (double) filledBytes / MEMORY_PART + 1);
    }

    /** Notes uses from now on in the files of the older half of each queue. */
    void noteUses(List<StoreFile> files) {
        noteUses(queue(files, false), newUses);
        noteUses(queue(files, true), keptUses);
    }

    private void noteUses(List<StoreFile> queue, LongAdder uses) {
        for (StoreFile file : olderHalf(queue)) {
            file.noteUses(fileBytesMax, uses);
        }
    }

    /** Notes what was written for the first time. */
    void admitted(long bytes) {
        creditBytes = Math.min(creditBytes + bytes * CREDIT_PER_BYTE, (double) maximumBytes / CREDIT_PART);
    }

    /**
     * Whether a record may be written again, which then counts.
     *
     * @param uses how often it was used, {@link UseBits#USES_MAX} saying that or more
     */
    boolean keeps(int uses, long recordBytes) {
        if (uses == 0) {
            return false;
        }
        usualRecords = Math.min(usualRecords + 1, USUAL_RECORDS);
        usualBytes += (recordBytes - usualBytes) / usualRecords;
        double saved = creditBytes * CREDIT_PART / maximumBytes;
        if (uses * Math.sqrt(usualBytes / recordBytes) < UseBits.USES_MAX * (1 - saved) || creditBytes < recordBytes) {
            return false;
        }
        creditBytes -= recordBytes;
        return true;
    }

    /**
     * The file to go next, which counts as an eviction; null if there is none.
     *
     * @param evictable those of the files that may go
     */
    @Nullable StoreFile choose(List<StoreFile> files, List<StoreFile> evictable) {
        newUsedBytes = newUsedBytes * decay + newUses.sumThenReset();
        keptUsedBytes = keptUsedBytes * decay + keptUses.sumThenReset();
        boolean takesKept = takesKept(queue(files, false), queue(files, true));
        StoreFile other = null;
        for (StoreFile file : evictable) {
            if (file.origin().kept() == takesKept) {
                return file;
            }
            other = other == null ? file : other;
        }
        return other;
    }

    private boolean takesKept(List<StoreFile> fresh, List<StoreFile> kept) {
        if (kept.size() < 2 || fresh.size() < 2) {
            return kept.size() >= 2;
        }
        double share = (double) bytes(kept) / maximumBytes;
        return share > KEPT_SHARE_MAX
                || (share > KEPT_SHARE_MIN
                        && KEPT_WEIGHT * keptUsedBytes / bytes(olderHalf(kept))
                                < newUsedBytes / bytes(olderHalf(fresh)));
    }

    private static List<StoreFile> queue(List<StoreFile> files, boolean kept) {
        return files.stream().filter(file -> file.origin().kept() == kept).toList();
    }

    private static List<StoreFile> olderHalf(List<StoreFile> queue) {
        return queue.subList(0, queue.size() / 2);
    }

    private static long bytes(List<StoreFile> files) {
        return Math.max(
                1, files.stream().mapToLong(file -> file.arena().length()).sum());
    }
}
