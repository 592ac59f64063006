package org.blobarena.store.internal.compact;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.blobarena.store.internal.core.CompactionSettings;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;

/**
 * Says which files are worth compacting next, from the bytes that are needed in each.
 *
 * <p>The file with the greatest share of dead bytes gives the most space for what has to be copied, so it goes first. A
 * round takes as many as fill one output, but no more than the bound asks for: the longer a file waits, the more of it
 * dies by itself.
 *
 * <p><b>Small files</b>, as every snapshot leaves one, are joined, whatever is dead in them, so that they do not become
 * many. They are of one tier if their records take the same number of octal digits to count; as soon as there are {@value
 * #JOINED_MIN} of a tier, these and the smaller ones become one file, which is of a greater tier. So a byte is joined no
 * more often than there are tiers, and fewer than {@value #JOINED_MIN} files of each stay. A round for the sake of dead
 * bytes takes along what is no larger than what it copies anyway.
 */
final class VictimChoice {

    /** So many small files of a tier are joined. */
    static final int JOINED_MIN = 8;

    /** A file under this part of the limit is small. */
    private static final int SMALL_PART = 8;

    private static final int BITS_PER_TIER = 3;

    /** What index blocks and the ends of files may take beyond an estimate from their old files. */
    private static final double OUTPUT_FILL = 0.96;

    /** After so many files that do not fit an output any more, no other is looked for. */
    private static final int MISSES_MAX = 64;

    private final FileTable files;
    private final FileFigures figures;
    private final CompactionSettings settings;
    private final long fileBytesMax;

    /** @param figures of the files */
    VictimChoice(FileTable files, FileFigures figures, CompactionSettings settings, long fileBytesMax) {
        this.files = files;
        this.figures = figures;
        this.settings = settings;
        this.fileBytesMax = fileBytesMax;
    }

    /** The victims of a round, which fill an output. */
    private final class Picked {

        private final List<StoreFile> victims = new ArrayList<>();
        private final long usableBytes;
        private long room;
        private long needed;
        private int misses;

        Picked(long usableBytes) {
            this.usableBytes = usableBytes;
            this.room = Math.min(fileBytesMax, usableBytes);
        }

        /** Takes a file, if it fits. The first may take several outputs: it may be of a time with a larger limit. */
        boolean add(StoreFile file, long neededBytes) {
            if (neededBytes > (victims.isEmpty() ? usableBytes : room) * OUTPUT_FILL) {
                misses++;
                return false;
            }
            victims.add(file);
            room -= neededBytes;
            needed += neededBytes;
            return true;
        }

        boolean isFull() {
            return victims.size() == CompactionRound.VICTIMS_MAX || misses == MISSES_MAX;
        }
    }

    /**
     * Returns how many bytes are dead beyond the bound; 0 or less within it. What damage, a reader or a stream keeps
     * from being compacted does not count.
     *
     * @param unsealedToo whether those of files count that wait for being sealed, which cannot be compacted yet
     */
    long excessBytes(boolean unsealedToo) {
        FileFigures.Sums sums = figures.sums();
        long counted = unsealedToo ? sums.deadAble() : sums.deadComplete();
        return counted - settings.deadBytesMax(sums.bytes() - sums.dead());
    }

    /** Files in which nothing is needed: they go without a copy. Not the last: it keeps its id from being used again. */
    List<StoreFile> unneeded() {
        List<StoreFile> victims = new ArrayList<>();
        StoreFile last = files.last();
        figures.forEachByNeededShare(file -> {
            boolean unneeded = file.needed() == 0;
            if (unneeded && file.file() != last) {
                victims.add(file.file());
            }
            return unneeded && victims.size() < CompactionRound.VICTIMS_MAX;
        });
        return victims;
    }

    /**
     * Returns the victims that bring the dead bytes back within the bound, or as many of them as one output can hold.
     *
     * @param usableBytes of the device, for copies
     */
    List<StoreFile> toTheBound(long usableBytes) {
        long excess = excessBytes(false);
        if (excess <= 0) {
            return List.of();
        }
        Picked picked = new Picked(usableBytes);
        long[] left = {excess};
        figures.forEachByNeededShare(file -> {
            if (file.dead() > 0 && picked.add(file.file(), file.needed())) {
                left[0] -= file.dead();
            }
            return left[0] > 0 && !picked.isFull();
        });
        if (!picked.victims.isEmpty()) {
            addSmall(picked);
        }
        return picked.victims;
    }

    private void addSmall(Picked picked) {
        Set<StoreFile> present = new HashSet<>(picked.victims);
        figures.forEachBySize(file -> {
            boolean goesAlong = file.records() <= picked.needed && !picked.isFull();
            if (goesAlong && isSmall(file.file()) && !present.contains(file.file())) {
                boolean unused = picked.add(file.file(), file.needed());
            }
            return goesAlong;
        });
    }

    /**
     * Returns small files that are so many that they had better be one; none as long as they are few.
     *
     * @param usableBytes of the device, for copies
     */
    List<StoreFile> small(long usableBytes) {
        Picked picked = new Picked(usableBytes);
        int[] ofTier = new int[Long.SIZE / BITS_PER_TIER + 1];
        int[] last = new int[1];
        figures.forEachBySize(file -> {
            int tier = tier(file.records());
            boolean goesOn = file.records() < fileBytesMax / SMALL_PART
                    && (tier == last[0] || ofTier[last[0]] < JOINED_MIN)
                    && !picked.isFull();
            if (goesOn && isSmall(file.file()) && file.records() > 0 && picked.add(file.file(), file.needed())) {
                last[0] = tier;
                ofTier[tier]++;
            }
            return goesOn;
        });
        return ofTier[last[0]] < JOINED_MIN ? List.of() : picked.victims;
    }

    private static int tier(long bytes) {
        return (Long.SIZE - Long.numberOfLeadingZeros(bytes) + BITS_PER_TIER - 1) / BITS_PER_TIER;
    }

    /** Victims for nearly no dead bytes, as many as one output can hold; the first ones first. */
    List<StoreFile> ofAll(Collection<StoreFile> candidates, long usableBytes) {
        Picked picked = new Picked(usableBytes);
        for (Iterator<StoreFile> each = candidates.iterator(); each.hasNext() && !picked.isFull(); ) {
            StoreFile file = each.next();
            if (isEligible(file)) {
                boolean unused = picked.add(file, file.neededBytes());
            }
        }
        return picked.victims;
    }

    /** Files that may be compacted at all, in the order of their ids. */
    List<StoreFile> eligible() {
        return files.all().stream().filter(this::isEligible).toList();
    }

    private boolean isEligible(StoreFile file) {
        return files.get(file.id()) == file && FileFigures.Measured.of(file).eligible();
    }

    /** Those of them that could not be sealed: they go with the next compaction, whatever is dead in them. */
    List<StoreFile> left() {
        return figures.left();
    }

    boolean isSmall(StoreFile file) {
        return file.arena().length() < fileBytesMax / SMALL_PART;
    }

    /** The most worthwhile first. */
    static List<StoreFile> byNeededShare(Collection<StoreFile> unsorted) {
        // Measured once: the counts change while they are sorted.
        return unsorted.stream()
                .map(FileFigures.Measured::of)
                .sorted(Comparator.comparingDouble(FileFigures.Measured::neededShare))
                .map(FileFigures.Measured::file)
                .toList();
    }
}
