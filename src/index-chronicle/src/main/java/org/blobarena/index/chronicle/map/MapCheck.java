package org.blobarena.index.chronicle.map;

import java.util.Arrays;
import java.util.Locale;
import net.openhft.chronicle.core.Memory;
import net.openhft.chronicle.core.OS;

/**
 * Looks at everything that stands in the segments of a map before anybody follows it.
 *
 * <p>Afterwards it is certain that every look-up and every change ends, and inside of the map: each slot points at an entry
 * of its own whose key belongs there and is found from where a look-up begins, no key is there twice, and the counts and
 * the bits of the entries that are taken are right. Whether a location is that of its key's newest record is told by the
 * record alone, when it is read.
 *
 * <p>The header must be known to be right (see {@link MapHeader}). The cost is bounded, also for a file that was made to be
 * expensive: an honest one has its keys near the places where look-ups begin.
 */
final class MapCheck {

    private static final Memory MEMORY = OS.memory();
    // The mean of a full segment is below 3.
    private static final int STEPS_PER_KEY_MAX = 64;
    private static final int NONE = -1;

    private final MapLayout layout;
    private final long base;
    // Of each entry the slot that points at it.
    private final int[] slots;

    MapCheck(MapLayout layout, long base) {
        this.layout = layout;
        this.base = base;
        slots = new int[layout.entries()];
    }

    /**
     * Checks all segments.
     *
     * @return the number of keys
     * @throws IllegalStateException if something is wrong
     */
    long countKeys() {
        long keys = 0;
        for (int segment = 0; segment < layout.segments(); segment++) {
            keys += countKeys(segment);
        }
        return keys;
    }

    private int countKeys(int segment) {
        long header = base + layout.headerOffset(segment);
        require(MEMORY.readLong(header + MapLayout.LOCK_OFFSET) == 0, segment, "locked");
        for (int at = MapLayout.UNUSED_OFFSET; at < MapLayout.SEGMENT_HEADER_USED_BYTES; at += Long.BYTES) {
            require(MEMORY.readLong(header + at) == 0, segment, "extended");
        }
        long tier = base + layout.tierOffset(segment);
        for (int at = layout.countersOffset(); at < layout.freeListOffset(); at += Long.BYTES) {
            require(MEMORY.readLong(tier + at) == 0, segment, "extended");
        }
        int keys = findEntries(segment, tier);
        require(MEMORY.readInt(header + MapLayout.TAKEN_OFFSET) == keys, segment, "miscounted");
        checkFreeList(segment, tier, MEMORY.readInt(header + MapLayout.LOWEST_FREE_OFFSET));
        int steps = 0;
        // In the order of memory, which is read ahead, and not of the slots.
        for (int number = 0; number < layout.entries(); number++) {
            if (slots[number] != NONE) {
                steps += checkEntry(segment, tier, number);
                require(steps <= STEPS_PER_KEY_MAX * layout.entries(), segment, "crowded");
            }
        }
        return keys;
    }

    /** Finds the slot of each entry that has one; returns how many have. */
    private int findEntries(int segment, long tier) {
        Arrays.fill(slots, NONE);
        int keys = 0;
        for (int slot = 0; slot < layout.slots(); slot++) {
            int word = slotAt(tier, slot);
            if (word != 0) {
                int number = word >>> layout.keyBits();
                require(number < layout.entries() && slots[number] == NONE, segment, "tangled");
                slots[number] = slot;
                keys++;
            }
        }
        return keys;
    }

    /** Checks that a look-up of the key finds this entry and no other; returns the steps that it takes. */
    private int checkEntry(int segment, long tier, int number) {
        long entry = entry(tier, number);
        long high = MEMORY.readLong(entry);
        long low = MEMORY.readLong(entry + Long.BYTES);
        long hash = Placement.hash(MapEntry.word(high), MapEntry.word(low));
        int slotKey = layout.placement().slotKeyOf(hash);
        int slot = slots[number];
        require(
                layout.placement().segmentOf(hash) == segment && (slotAt(tier, slot) & keyMask()) == slotKey,
                segment,
                "mixed up with another");
        int at = slotKey & slotMask();
        int steps = 0;
        while (at != slot) {
            int other = slotAt(tier, at);
            require(other != 0, segment, "interrupted");
            require((other & keyMask()) != slotKey || !isKeyOf(tier, other, high, low), segment, "doubled");
            at = at + 1 & slotMask();
            steps++;
        }
        return steps;
    }

    private boolean isKeyOf(long tier, int word, long high, long low) {
        int number = word >>> layout.keyBits();
        long entry = entry(tier, number);
        return MEMORY.readLong(entry) == high && MEMORY.readLong(entry + Long.BYTES) == low;
    }

    /** Taken is what slots point at, and nothing before the lowest free entry is free. */
    private void checkFreeList(int segment, long tier, int lowestFree) {
        require(lowestFree >= 0 && lowestFree <= layout.entries(), segment, "miscounted");
        for (int number = 0; number < layout.freeListWords() * Long.SIZE; number += Long.SIZE) {
            long taken = 0;
            for (int bit = 0; bit < Math.min(Long.SIZE, layout.entries() - number); bit++) {
                boolean isTaken = slots[number + bit] != NONE;
                require(isTaken || number + bit >= lowestFree, segment, "leaking");
                taken |= isTaken ? 1L << bit : 0;
            }
            long word = MEMORY.readLong(tier + layout.freeListOffset() + number / Byte.SIZE);
            require(word == taken, segment, "leaking");
        }
    }

    private int slotAt(long tier, int slot) {
        return MEMORY.readInt(tier + (long) slot * MapLayout.SLOT_BYTES);
    }

    private long entry(long tier, int number) {
        return tier + layout.entriesOffset() + (long) number * MapEntry.BYTES;
    }

    private int slotMask() {
        return layout.slots() - 1;
    }

    private int keyMask() {
        return (1 << layout.keyBits()) - 1;
    }

    private static void require(boolean condition, int segment, String what) {
        if (!condition) {
            throw new IllegalStateException(String.format(Locale.ROOT, "segment %d of its map is %s", segment, what));
        }
    }
}
