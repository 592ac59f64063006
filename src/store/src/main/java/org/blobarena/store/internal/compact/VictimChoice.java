package org.blobarena.store.internal.compact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
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
 * dies by itself. Where the output would be small, small files join in, so that they do not become many.
 */
final class VictimChoice {

    /** A file under this part of the limit is small. */
    private static final int SMALL_PART = 8;

    /** What index blocks and the ends of files may take beyond an estimate from their old files. */
    private static final double OUTPUT_FILL = 0.96;

    private final FileTable files;
    private final CompactionSettings settings;
    private final long fileBytesMax;

    VictimChoice(FileTable files, CompactionSettings settings, long fileBytesMax) {
        this.files = files;
        this.settings = settings;
        this.fileBytesMax = fileBytesMax;
    }

    /**
     * Returns how many bytes are dead beyond the bound; 0 or less within it. What damage, a reader or a stream keeps
     * from being compacted does not count.
     *
     * @param unsealedToo whether those of files count that wait for being sealed, which cannot be compacted yet
     */
    long excessBytes(boolean unsealedToo) {
        long bytes = 0;
        long dead = 0;
        long counted = 0;
        for (StoreFile file : files.all()) {
            long deadInFile = file.deadBytes();
            bytes += file.arena().length();
            dead += deadInFile;
            boolean able = !file.isDamaged()
                    && !file.isAvoided()
                    && file.isSettled()
                    && !file.isOutput()
                    && !file.unfinished().isBegun();
            counted += able && (unsealedToo || file.isComplete()) ? deadInFile : 0;
        }
        return counted - settings.deadBytesMax(bytes - dead);
    }

    /** Files in which nothing is needed: they go without a copy. Not the last: it keeps its id from being used again. */
    List<StoreFile> unneeded() {
        List<StoreFile> all = files.all();
        return eligible().stream()
                .filter(file -> file.neededBytes() == 0 && file != all.get(all.size() - 1))
                .limit(CompactionRound.VICTIMS_MAX)
                .toList();
    }

    /**
     * Returns the victims that bring the dead bytes back within the bound, or as many of them as one output can hold.
     *
     * @param usableBytes of the device, for copies
     */
    List<StoreFile> toTheBound(long usableBytes) {
        long outputBytesMax = Math.min(fileBytesMax, usableBytes);
        long excess = excessBytes(false);
        if (excess <= 0) {
            return List.of();
        }
        List<StoreFile> victims = new ArrayList<>();
        long room = outputBytesMax;
        for (StoreFile file : byDeadShare(eligible())) {
            long dead = file.deadBytes();
            if (excess <= 0 || victims.size() == CompactionRound.VICTIMS_MAX) {
                break;
            }
            if (dead > 0 && fits(file, victims.isEmpty() ? usableBytes : room)) {
                victims.add(file);
                room -= file.neededBytes();
                excess -= dead;
            }
        }
        if (!victims.isEmpty() && room > outputBytesMax / 2) {
            addSmall(victims, room);
        }
        return victims;
    }

    /** Victims for nearly no dead bytes, as many as one output can hold; the most worthwhile first. */
    List<StoreFile> ofAll(List<StoreFile> candidates, long usableBytes) {
        long outputBytesMax = Math.min(fileBytesMax, usableBytes);
        List<StoreFile> victims = new ArrayList<>();
        long room = outputBytesMax;
        Set<StoreFile> eligible = new HashSet<>(eligible());
        for (StoreFile file : byDeadShare(candidates)) {
            if (eligible.contains(file)
                    && victims.size() < CompactionRound.VICTIMS_MAX
                    && fits(file, victims.isEmpty() ? usableBytes : room)) {
                victims.add(file);
                room -= file.neededBytes();
            }
        }
        return victims;
    }

    /** Files that may be compacted at all, in the order of their ids. */
    List<StoreFile> eligible() {
        return files.all().stream()
                .filter(file -> file.isComplete() && !file.isDamaged() && !file.isAvoided() && file.isSettled())
                .toList();
    }

    /** Those of them that could not be sealed: they go with the next compaction, whatever is dead in them. */
    List<StoreFile> left() {
        return eligible().stream().filter(file -> !file.isSealed()).toList();
    }

    /** The first may take several outputs: it may be of a time with a larger limit. */
    private static boolean fits(StoreFile file, long room) {
        return file.neededBytes() <= room * OUTPUT_FILL;
    }

    boolean isSmall(StoreFile file) {
        return file.arena().length() < fileBytesMax / SMALL_PART;
    }

    private void addSmall(List<StoreFile> victims, long room) {
        long left = room;
        Set<StoreFile> present = new HashSet<>(victims);
        for (StoreFile file : eligible()) {
            if (isSmall(file)
                    && !present.contains(file)
                    && fits(file, left)
                    && victims.size() < CompactionRound.VICTIMS_MAX) {
                victims.add(file);
                left -= file.neededBytes();
            }
        }
    }

    private static List<StoreFile> byDeadShare(List<StoreFile> unsorted) {
        // Measured once: the counts change while they are sorted.
        record Measured(StoreFile file, double neededShare) {}
        return unsorted.stream()
                .map(file -> new Measured(
                        file, (double) file.neededBytes() / file.arena().length()))
                .sorted(Comparator.comparingDouble(Measured::neededShare))
                .map(Measured::file)
                .toList();
    }
}
