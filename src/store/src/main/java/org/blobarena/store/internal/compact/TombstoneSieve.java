package org.blobarena.store.internal.compact;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.SettledIndex;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileEntries;
import org.blobarena.store.internal.record.IndexEntries;
import org.jspecify.annotations.Nullable;

/**
 * Tells which tombstones of the victims are still needed: those of keys of which another file may hold an older value,
 * that would come back without them.
 *
 * <p>Why others may go. Take a tombstone T that is dropped, its key K, and a file F that stays. An older value of K in F
 * is dead. So F is no obstacle when none of its values is dead. F is none either when its creation sequence is greater
 * than the number of T: whatever F holds was its key's state when F was created or later, and then K was removed
 * already. That is so because every write with a lesser number had reached the index before anything was copied into F:
 * a round takes the creation sequence of its outputs first, waits for the writes in flight then, and looks at the index
 * after that; a file of puts holds nothing but later writes. Of the obstacles that are left, the index blocks say which
 * keys they hold. The same waiting makes the counts of live bytes right that tell whether a value is dead. A key that has
 * a newer record needs no tombstone, once that record is forced, which happens before the outputs are sealed. Files that
 * are retired but not yet deleted count as files that stay. For one thread.
 */
public final class TombstoneSieve {

    /** How many tombstones are asked about at once: what they take of the heap is about 10 MB. */
    static final int TOMBSTONES_MAX = 1 << 16;

    private final SettledIndex index;
    private final List<StoreFile> obstacles;
    private final Listing listing;
    private final BooleanSupplier cancelled;
    private long added;
    private long kept;

    /** The newest tombstone of each key: it makes the others needless. */
    private final Map<KeyHash, Tombstone> tombstones = new HashMap<>();

    /** A tombstone and the file that it stands in. */
    public record Tombstone(StoreFile file, IndexBlock.Entry entry) {}

    /** Lists what a file holds. */
    @FunctionalInterface
    public interface Listing {

        /** Lists nothing: every tombstone is needed that may be. */
        Listing OF_NONE = file -> null;

        /** Lists what index blocks of sealed files do. */
        Listing OF_SEALED = file -> file.isSealed() && !file.isDamaged() ? new IndexEntries(file) : null;

        /** The entries of a file, null where nobody can tell. */
        @Nullable FileEntries entries(StoreFile file) throws IOException;
    }

    /**
     * @param others all files that stay
     * @param listing what is known of them
     * @param cancelled true once it is not worth the time any more
     */
    public TombstoneSieve(
            SettledIndex index, Collection<StoreFile> others, Listing listing, BooleanSupplier cancelled) {
        this.cancelled = cancelled;
        this.index = index;
        this.obstacles = others.stream().filter(StoreFile::mayHoldDeadValues).toList();
        this.listing = listing;
    }

    /** Whether a file that stays may hold an older value than a record of this number. */
    public boolean hasObstacleBefore(long sequence) {
        return obstacles.stream().anyMatch(obstacle -> obstacle.mayHoldValueBefore(sequence));
    }

    public void add(StoreFile file, IndexBlock.Entry entry) {
        added++;
        tombstones.merge(
                new KeyHash(entry.hashHigh(), entry.hashLow()),
                new Tombstone(file, entry),
                (a, b) -> a.entry.sequence() > b.entry.sequence() ? a : b);
    }

    /** Whether some of those that were taken are not needed. */
    boolean hasDropped() {
        return kept < added;
    }

    public boolean isFull() {
        return tombstones.size() >= TOMBSTONES_MAX;
    }

    /** The needed ones of those that were added, in the order of the disk; none of them is known here afterwards. */
    public List<Tombstone> takeNeeded() throws IOException {
        for (Iterator<Map.Entry<KeyHash, Tombstone>> each =
                        tombstones.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<KeyHash, Tombstone> next = each.next();
            if (hasOther(next.getKey(), next.getValue())) {
                each.remove();
            }
        }
        Set<KeyHash> needed = new HashSet<>();
        for (StoreFile obstacle : obstacles) {
            if (needed.size() == tombstones.size()) {
                break;
            }
            addNeeded(obstacle, needed);
        }
        tombstones.keySet().retainAll(needed);
        List<Tombstone> taken = new ArrayList<>(tombstones.values());
        taken.sort(Comparator.comparingLong((Tombstone each) -> each.file.id())
                .thenComparingLong(each -> each.entry.offset()));
        tombstones.clear();
        kept += taken.size();
        return taken;
    }

    /** Such a key has a newer record, which is forced before this one goes. */
    private boolean hasOther(KeyHash hash, Tombstone tombstone) throws IOException {
        Location present = index.getToChange(hash);
        IndexBlock.Entry entry = tombstone.entry;
        return present != null && !present.equals(new Location(tombstone.file.id(), entry.offset(), entry.length()));
    }

    private void addNeeded(StoreFile obstacle, Set<KeyHash> needed) throws IOException {
        Set<KeyHash> possible = new HashSet<>();
        tombstones.forEach((hash, tombstone) -> {
            if (obstacle.mayHoldValueBefore(tombstone.entry.sequence())) {
                possible.add(hash);
            }
        });
        if (possible.isEmpty()) {
            return;
        }
        // One that has been retired and cannot be pinned any more is closed, if not gone.
        if (!obstacle.pin()) {
            needed.addAll(possible);
            return;
        }
        try {
            FileEntries entries = listing.entries(obstacle);
            if (entries == null) {
                needed.addAll(possible);
                return;
            }
            for (IndexBlock.Entry entry = entries.next(); entry != null; entry = entries.next()) {
                KeyHash hash = new KeyHash(entry.hashHigh(), entry.hashLow());
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("the compaction was given up");
                }
                if (entry.type() == RecordType.VALUE && possible.contains(hash)) {
                    needed.add(hash);
                }
            }
        } catch (CorruptBlobException e) {
            needed.addAll(possible); // Nobody can tell any more.
        } finally {
            obstacle.unpin();
        }
    }
}
