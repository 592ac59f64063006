package org.blobarena.index.chronicle;

import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.blobarena.index.chronicle.map.MapTable;
import org.blobarena.index.chronicle.map.NoRoomException;
import org.jspecify.annotations.Nullable;

/**
 * What the index consists of for a while: one map, or during a migration two.
 *
 * <p>With two maps every new location goes into the next one alone, and a key is removed from the old one first and the
 * next one then. So a key that the next map has counts with what stands there, and otherwise the old map is right:
 * it has gained nothing since the migration began. A thread that changes an entry holds the stripe of its key and has asked
 * for the index's generations under it.
 *
 * <p>The next map must have room for all that the old one still holds, however many writers there are and however late
 * the movers get their turn. So the keys that come while there are two maps are counted before they are stored: all that
 * fit into the old map, and these, are together no more than the number at which the next map would itself be
 * replaced ({@link IndexGeometry#growAt}). A key beyond has no room until the migration is over.
 *
 * <p>Readers hold no lock. They {@link #enter}, make sure that these are still the index's generations, and leave; then
 * none of the maps is closed before they left.
 */
final class Generations {

    private final MapGeneration current;
    private final MapTable table;

    /** Where the entries are being moved to; null when there is one map. */
    private final @Nullable MapTable nextTable;

    private final AtomicLong keysToCome;
    private final ReaderSlots readers = new ReaderSlots();
    private final boolean closed;

    private Generations(MapGeneration current, @Nullable MapTable nextTable, long keysToCome, boolean closed) {
        this.current = current;
        this.table = current.table();
        this.nextTable = nextTable;
        this.keysToCome = new AtomicLong(keysToCome);
        this.closed = closed;
    }

    /** Returns one map, that has everything. */
    static Generations of(MapGeneration map) {
        return new Generations(map, null, 0, false);
    }

    /** Returns an old map, and the one that its entries are being moved to. */
    static Generations of(MapGeneration old, MapGeneration next) {
        return new Generations(old, next.table(), old.geometry().keysToComeWhileMoving(next.geometry()), false);
    }

    /** Returns the same maps, which nobody may ask any more. */
    Generations toClosed() {
        return new Generations(current, nextTable, 0, true);
    }

    /** Returns the map that has everything, or the old one of two. */
    MapGeneration current() {
        return current;
    }

    /** Returns whether a migration is under way. */
    boolean isMigrating() {
        return nextTable != null;
    }

    /** Takes a slot as a reader, who clears its flag when it leaves. */
    ReaderSlots.Slot enter() {
        return readers.enter();
    }

    /** Waits until every reader has left that entered before these generations were replaced. */
    void awaitReaders() {
        readers.awaitAll();
    }

    @Nullable Location get(KeyHash key) {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        return find(probe) ? probe.location() : null;
    }

    /** As {@link #get}. */
    boolean find(IndexProbe probe) {
        requireOpen();
        if (nextTable == null) {
            return table.find(probe);
        }
        // Absent in both, one after the other, is not absent: it may have gone to the next map in between.
        return nextTable.find(probe) || table.find(probe) || nextTable.find(probe);
    }

    /**
     * Stores the location of a probe, or only if its key is absent.
     *
     * @return whether the key was present; the probe then gets the location that it had
     */
    boolean put(IndexProbe probe, boolean onlyIfAbsent) throws NoRoomException {
        requireOpen();
        return nextTable == null ? table.put(probe, onlyIfAbsent) : putMoving(nextTable, probe, onlyIfAbsent);
    }

    boolean replace(KeyHash key, Location expected, Location replacement) throws NoRoomException {
        requireOpen();
        if (nextTable == null) {
            return table.replace(key, expected, replacement);
        }
        Location location = nextTable.get(key);
        if (location != null) {
            return nextTable.replace(key, expected, replacement);
        }
        if (!expected.equals(table.get(key))) {
            return false;
        }
        nextTable.put(key, replacement);
        return true;
    }

    boolean remove(KeyHash key, Location expected) {
        requireOpen();
        if (nextTable == null) {
            return table.remove(key, expected);
        }
        if (!expected.equals(get(key))) {
            return false;
        }
        // In the other order a reader could see the old location come back.
        table.remove(key);
        nextTable.remove(key);
        keysToCome.incrementAndGet();
        return true;
    }

    private boolean putMoving(MapTable target, IndexProbe probe, boolean onlyIfAbsent) throws NoRoomException {
        Location location = probe.location();
        if (!target.find(probe) && !table.find(probe)) {
            // A look-up that met a change may have left something there; and who finds no room tries again with it.
            probe.found(location);
            takeRoom();
            return target.put(probe, false);
        }
        if (!onlyIfAbsent) {
            Location present = probe.location();
            probe.found(location);
            boolean unused = target.put(probe, false);
            probe.found(present);
        }
        return true;
    }

    private void takeRoom() throws NoRoomException {
        if (keysToCome.getAndDecrement() <= 0) {
            keysToCome.incrementAndGet();
            throw new NoRoomException();
        }
    }

    /** Refuses maps that nobody may ask any more. */
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the index is closed");
        }
    }
}
