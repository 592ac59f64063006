package org.blobarena.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Says which files are worth compacting next, from the bytes that are needed in each.
 *
 * <p>The file with the greatest share of dead bytes gives the most space for what has to be copied, so it goes first. A
 * round takes as many as fill one output, but no more than the bound asks for: the longer a file waits, the more of it
 * dies by itself. Where the output would be small, small files join in, lest they become many.
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

    /** How many bytes of sealed files are dead beyond the bound; 0 or less within it. */
    long excessBytes() {
        long bytes = 0;
        long dead = 0;
        long deadSealed = 0;
        for (StoreFile file : files.all()) {
            long deadInFile = file.deadBytes();
            bytes += file.arena().length();
            dead += deadInFile;
            deadSealed += file.isSealed() ? deadInFile : 0;
        }
        return deadSealed - settings.deadBytesMax(bytes - dead);
    }

    /** Whether sealing what is not sealed would bring the dead bytes beyond the bound. */
    boolean isBeyondBoundUnsealed() {
        long bytes = 0;
        long dead = 0;
        for (StoreFile file : files.all()) {
            bytes += file.arena().length();
            dead += file.deadBytes();
        }
        return dead > settings.deadBytesMax(bytes - dead);
    }

    /** Files in which nothing is needed: they go without a copy. Not the last: it keeps its id from being used again. */
    List<StoreFile> useless() {
        List<StoreFile> all = files.all();
        return eligible().stream()
                .filter(file -> file.neededBytes() == 0 && file != all.get(all.size() - 1))
                .limit(CompactionRound.VICTIMS_MAX)
                .toList();
    }

    /**
     * The victims that bring the dead bytes back within the bound, or as many of them as one output can hold.
     *
     * @param outputBytesMax what the output may have, also for want of space on the device
     */
    List<StoreFile> toTheBound(long outputBytesMax) {
        long excess = excessBytes();
        if (excess <= 0) {
            return List.of();
        }
        List<StoreFile> victims = new ArrayList<>();
        long room = (long) (outputBytesMax * OUTPUT_FILL);
        for (StoreFile file : byDeadShare(eligible())) {
            long dead = file.deadBytes();
            if (excess <= 0 || dead <= 0 || victims.size() == CompactionRound.VICTIMS_MAX) {
                break;
            }
            if (fits(file, victims, room, outputBytesMax)) {
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
    List<StoreFile> ofAll(List<StoreFile> candidates, long outputBytesMax) {
        List<StoreFile> victims = new ArrayList<>();
        long room = (long) (outputBytesMax * OUTPUT_FILL);
        List<StoreFile> eligible = eligible();
        for (StoreFile file : byDeadShare(candidates)) {
            if (eligible.contains(file)
                    && victims.size() < CompactionRound.VICTIMS_MAX
                    && fits(file, victims, room, outputBytesMax)) {
                victims.add(file);
                room -= file.neededBytes();
            }
        }
        return victims;
    }

    /** Sealed files that may be compacted at all, in the order of their ids. */
    List<StoreFile> eligible() {
        return files.all().stream()
                .filter(file -> file.isSealed() && !file.isDamaged() && file.isSettled())
                .toList();
    }

    /** A file that was begun under a larger limit needs several outputs, for which there has to be space. */
    private boolean fits(StoreFile file, List<StoreFile> victims, long room, long outputBytesMax) {
        return file.neededBytes() <= room || (victims.isEmpty() && outputBytesMax == fileBytesMax);
    }

    boolean isSmall(StoreFile file) {
        return file.arena().length() < fileBytesMax / SMALL_PART;
    }

    private void addSmall(List<StoreFile> victims, long room) {
        long left = room;
        for (StoreFile file : eligible()) {
            if (isSmall(file)
                    && !victims.contains(file)
                    && file.neededBytes() <= left
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
