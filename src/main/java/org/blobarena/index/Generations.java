package org.blobarena.index;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.blobarena.arena.Location;
import org.blobarena.index.MapGeneration.SegmentFullException;
import org.jspecify.annotations.Nullable;

/**
 * What the index consists of for a while: one map, or during a migration two.
 *
 * <p>With two maps every new location goes into the next one alone, and a key is removed from the old one first and the
 * next one then. So a key that the next map has counts with what stands there, and otherwise the old map is right:
 * it has gained nothing since the migration began. Whoever changes an entry holds the stripe of its key and has asked
 * for the index's generations under it.
 *
 * <p>Readers hold no lock. They {@link #enter} and {@link #leave}, and after entering make sure that these are still
 * the index's generations; then none of the maps is closed before they left.
 */
final class Generations {

    private static final int READER_SLOTS = 32;
    // Counters of two slots never share a cache line.
    private static final int SLOT_STRIDE = 16;

    private final MapGeneration current;
    private final @Nullable MapGeneration next;
    private final AtomicLongArray readers = new AtomicLongArray(READER_SLOTS * SLOT_STRIDE);

    Generations(MapGeneration current, @Nullable MapGeneration next) {
        this.current = current;
        this.next = next;
    }

    /** The map that has everything, or the old one of two. */
    MapGeneration current() {
        return current;
    }

    /** Whether a migration is under way. */
    boolean isMigrating() {
        return next != null;
    }

    /** Counts this thread as a reader; returns what to pass to {@link #leave}. */
    int enter() {
        int slot = (int) (Thread.currentThread().getId() & (READER_SLOTS - 1)) * SLOT_STRIDE;
        readers.incrementAndGet(slot);
        return slot;
    }

    void leave(int slot) {
        readers.decrementAndGet(slot);
    }

    /** Waits until every reader has left that entered before these generations were replaced. */
    void awaitReaders() {
        for (int slot = 0; slot < READER_SLOTS * SLOT_STRIDE; slot += SLOT_STRIDE) {
            // Late comers see that they are late and leave again, so each counter reaches zero.
            while (readers.get(slot) != 0) {
                LockSupport.parkNanos(50_000);
            }
        }
    }

    @Nullable Location get(KeyHash key) {
        if (next == null) {
            return current.get(key);
        }
        Location location = next.get(key);
        if (location == null) {
            location = current.get(key);
        }
        // Absent in both, one after the other, is not absent: it may have gone to the next map in between.
        return location != null ? location : next.get(key);
    }

    /** As {@link #get}. */
    boolean find(IndexProbe probe) {
        if (next == null) {
            return current.find(probe);
        }
        return next.find(probe) || current.find(probe) || next.find(probe);
    }

    @Nullable Location put(KeyHash key, Location location) throws SegmentFullException {
        if (next == null) {
            return current.put(key, location);
        }
        Location replaced = next.put(key, location);
        return replaced != null ? replaced : current.get(key);
    }

    @Nullable Location putIfAbsent(KeyHash key, Location location) throws SegmentFullException {
        if (next == null) {
            return current.putIfAbsent(key, location);
        }
        Location old = current.get(key);
        if (old == null) {
            return next.putIfAbsent(key, location);
        }
        Location newer = next.get(key);
        return newer != null ? newer : old;
    }

    boolean replace(KeyHash key, Location expected, Location replacement) throws SegmentFullException {
        if (next == null) {
            return current.replace(key, expected, replacement);
        }
        Location location = next.get(key);
        if (location != null) {
            return next.replace(key, expected, replacement);
        }
        if (!expected.equals(current.get(key))) {
            return false;
        }
        next.put(key, replacement);
        return true;
    }

    boolean remove(KeyHash key, Location expected) {
        if (next == null) {
            return current.remove(key, expected);
        }
        if (!expected.equals(get(key))) {
            return false;
        }
        // In the other order a reader could see the old location come back.
        current.remove(key);
        next.remove(key);
        return true;
    }
}
