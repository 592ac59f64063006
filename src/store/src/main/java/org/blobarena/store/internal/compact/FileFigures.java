package org.blobarena.store.internal.compact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.format.RecordHeader;
import org.blobarena.store.internal.core.FileChanges;
import org.blobarena.store.internal.core.FileTable;
import org.blobarena.store.internal.core.StoreFile;

/**
 * What the files of a store amount to for compaction: sums, and those that can be compacted in the order in which that is
 * worthwhile.
 *
 * <p>Whoever asks looks first at the files that have changed since, and at those that take records, or may not go yet,
 * which are few. So many files that stay as they are cost nothing, and a write pays for one look at most. Safe from any
 * thread; one lock guards all.
 */
final class FileFigures {

    private final FileTable files;
    private final FileChanges changes = new FileChanges(this::update);
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<StoreFile, Measured> measured = new HashMap<>();

    /** Those that change without being told of. */
    private final Set<StoreFile> moving = new HashSet<>();

    private final NavigableSet<Measured> byNeededShare =
            new TreeSet<>(Comparator.comparingDouble(Measured::neededShare).thenComparingLong(Measured::id));
    private final NavigableSet<Measured> bySize =
            new TreeSet<>(Comparator.comparingLong(Measured::records).thenComparingLong(Measured::id));
    private final NavigableSet<Measured> byDue =
            new TreeSet<>(Comparator.comparingLong(Measured::dueMillis).thenComparingLong(Measured::id));
    private final NavigableSet<Measured> left = new TreeSet<>(Comparator.comparingLong(Measured::id));

    private Sums sums = Sums.NOTHING;
    private long looks;

    FileFigures(FileTable files) {
        this.files = files;
        files.watch(changes);
    }

    /**
     * A file as it was when it was last looked at.
     *
     * @param records the bytes of its records
     * @param dead what compaction would give back
     * @param able whether nothing but that it takes records can keep it from being compacted
     * @param complete whether nobody appends to it
     * @param eligible whether it may be compacted
     * @param dueMillis the moment at which it has to be swept; {@link RecordHeader#NEVER} if there is none
     */
    record Measured(
            StoreFile file,
            long bytes,
            long records,
            long tombstones,
            long needed,
            long dead,
            boolean able,
            boolean complete,
            boolean eligible,
            long dueMillis) {

        static Measured of(StoreFile file) {
            boolean sound = !file.isDamaged() && !file.isAvoided();
            boolean settled = file.isSettled();
            boolean complete = file.isComplete();
            return new Measured(
                    file,
                    file.arena().length(),
                    file.content().recordBytes(),
                    file.content().tombstoneBytes(),
                    file.neededBytes(),
                    file.deadBytes(),
                    sound && settled && !file.isOutput() && !file.unfinished().isBegun(),
                    complete,
                    complete && sound && settled,
                    sound && !file.isOutput() ? file.content().dueMillis() : RecordHeader.NEVER);
        }

        long id() {
            return file.id();
        }

        double neededShare() {
            return bytes == 0 ? 0 : (double) needed / bytes;
        }

        /** Whether all that changes is told of. */
        private boolean isAtRest() {
            return complete && !file.isOutput() && file.isSettled();
        }
    }

    /**
     * What several files have together.
     *
     * @param deadAble of those that could be compacted, were nobody to append to them
     * @param deadComplete of those that can be
     * @param eligibleTombstones in those that can be
     * @param eligibleBytes their length
     */
    record Sums(long bytes, long dead, long deadAble, long deadComplete, long eligibleTombstones, long eligibleBytes) {

        static final Sums NOTHING = new Sums(0, 0, 0, 0, 0, 0);

        private Sums with(Measured file, int sign) {
            return new Sums(
                    bytes + sign * file.bytes,
                    dead + sign * file.dead,
                    deadAble + (file.able ? sign * file.dead : 0),
                    deadComplete + (file.able && file.complete ? sign * file.dead : 0),
                    eligibleTombstones + (file.eligible ? sign * file.tombstones : 0),
                    eligibleBytes + (file.eligible ? sign * file.bytes : 0));
        }
    }

    Sums sums() {
        lock.lock();
        try {
            update();
            return sums;
        } finally {
            lock.unlock();
        }
    }

    /** Receives files one after the other. */
    @FunctionalInterface
    interface Walker {

        /** @return false to get no more */
        boolean visit(Measured file);
    }

    /** Walks through the files that may be compacted, those first of which the least share is needed. */
    void forEachByNeededShare(Walker walker) {
        walk(byNeededShare, walker);
    }

    /** Walks through the files that may be compacted, those first whose records are the fewest bytes. */
    void forEachBySize(Walker walker) {
        walk(bySize, walker);
    }

    /** The files that may be compacted and could not be sealed. */
    List<StoreFile> left() {
        List<StoreFile> found = new ArrayList<>();
        walk(left, file -> found.add(file.file));
        return found;
    }

    /** The files whose moment of expiry has come. */
    List<StoreFile> due(long nowMillis) {
        List<StoreFile> found = new ArrayList<>();
        walk(byDue, file -> {
            boolean due = file.dueMillis <= nowMillis;
            if (due) {
                found.add(file.file);
            }
            return due;
        });
        return found;
    }

    /** The first moment of expiry of all files; {@link RecordHeader#NEVER} if there is none. */
    long firstDueMillis() {
        lock.lock();
        try {
            update();
            return byDue.isEmpty() ? RecordHeader.NEVER : byDue.first().dueMillis;
        } finally {
            lock.unlock();
        }
    }

    private void walk(NavigableSet<Measured> ordered, Walker walker) {
        lock.lock();
        try {
            update();
            Iterator<Measured> each = ordered.iterator();
            boolean goesOn = true;
            while (goesOn && each.hasNext()) {
                goesOn = walker.visit(each.next());
            }
        } finally {
            lock.unlock();
        }
    }

    /** How often a file was looked at so far. For tests. */
    long looks() {
        return looks;
    }

    private void update() {
        lock.lock();
        try {
            changes.take(moving::add);
            moving.removeIf(this::look);
        } finally {
            lock.unlock();
        }
    }

    /** Looks at a file; whether it is at rest then. */
    private boolean look(StoreFile file) {
        looks++;
        Measured before = measured.remove(file);
        if (before != null) {
            remove(before);
        }
        if (files.get(file.id()) != file) {
            return true;
        }
        Measured now = Measured.of(file);
        measured.put(file, now);
        add(now);
        return now.isAtRest();
    }

    private void add(Measured file) {
        sums = sums.with(file, 1);
        if (file.eligible) {
            byNeededShare.add(file);
            bySize.add(file);
            if (!file.file.isSealed()) {
                left.add(file);
            }
        }
        if (file.dueMillis != RecordHeader.NEVER) {
            byDue.add(file);
        }
    }

    private void remove(Measured file) {
        sums = sums.with(file, -1);
        byNeededShare.remove(file);
        bySize.remove(file);
        left.remove(file);
        byDue.remove(file);
    }
}
