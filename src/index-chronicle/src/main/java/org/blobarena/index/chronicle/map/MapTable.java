package org.blobarena.index.chronicle.map;

import net.openhft.chronicle.core.Memory;
import net.openhft.chronicle.core.OS;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.StackRoom;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * The entries of an open map, looked up and changed where they stand in memory.
 *
 * <p>Chronicle Map makes, maps and closes the file. Its own way to the entries is not gone: it keeps an object for each
 * thread and map, that lives as long as the thread; its locks stand in the file, fail for who waits for more than a
 * minute, and stay taken when an Error ends their holder in the middle. Here a segment has a {@link SegmentLock} instead.
 * The file that results is one that Chronicle Map can read.
 *
 * <p>Readers take no lock: they read, and again if the segment was changed meanwhile. All that they follow on the way is
 * bounded by the layout, so what is read in the middle of a change leads out of the segment no more than what is right.
 *
 * <p>Changes happen only with enough stack left (see {@link StackRoom}) and allocate nothing from their first write on, so
 * none of them is left half done. Nobody may use the table of a closed map.
 */
public final class MapTable {

    private static final Memory MEMORY = OS.memory();
    private static final int ABSENT = -1;

    private final MapLayout layout;
    private final long base;
    private final SegmentLock[] locks;

    /** The table of a map whose file is mapped to an address. */
    MapTable(MapLayout layout, long base) {
        this.layout = layout;
        this.base = base;
        locks = SegmentLock.array(layout.segments());
    }

    /** Returns the segment of a key in a map of a layout, which need not be open any more. */
    public static int segmentOf(KeyHash key, MapLayout layout) {
        return layout.splitting().segmentIndex(PlacementHash.of(key));
    }

    /** Returns the layout, which no other map has, were it the same. */
    public MapLayout layout() {
        return layout;
    }

    public @Nullable Location get(KeyHash key) {
        IndexProbe probe = new IndexProbe();
        probe.set(key.high(), key.low());
        return find(probe) ? new Location(probe.fileIndex(), probe.offset(), probe.length()) : null;
    }

    /** As {@link #get}, but makes no objects. */
    public boolean find(IndexProbe probe) {
        long hash = PlacementHash.of(probe.high(), probe.low());
        int segment = layout.splitting().segmentIndex(hash);
        SegmentLock lock = locks[segment];
        int attempt = 0;
        while (true) {
            int version = lock.version();
            long tier = tier(segment);
            int slot = slotOf(tier, hash, probe.high(), probe.low());
            if (slot != ABSENT) {
                LocationMarshaller.read(MEMORY, location(entryAt(tier, slot)), probe);
            }
            if (lock.isUnchanged(version)) {
                return slot != ABSENT;
            }
            SegmentLock.pause(attempt++);
        }
    }

    /** Stores a location; null when the key was absent. */
    public @Nullable Location put(KeyHash key, Location location) throws NoRoomException {
        return store(key, location, false);
    }

    /** Stores a location when the key is absent; null when it was. */
    public @Nullable Location putIfAbsent(KeyHash key, Location location) throws NoRoomException {
        return store(key, location, true);
    }

    public boolean replace(KeyHash key, Location expected, Location replacement) {
        Place place = new Place(key);
        place.lock();
        try {
            int slot = place.slot();
            if (slot == ABSENT || !expected.equals(read(entryAt(place.tier, slot)))) {
                return false;
            }
            LocationMarshaller.write(MEMORY, location(entryAt(place.tier, slot)), replacement);
            return true;
        } finally {
            place.unlock();
        }
    }

    /** Removes a key, and does nothing when it is absent. */
    public void remove(KeyHash key) {
        remove(key, null);
    }

    /** Removes a key when its location is the expected one, or whatever it is when that is null. */
    public boolean remove(KeyHash key, @Nullable Location expected) {
        Place place = new Place(key);
        place.lock();
        try {
            int slot = place.slot();
            if (slot == ABSENT || (expected != null && !expected.equals(read(entryAt(place.tier, slot))))) {
                return false;
            }
            int number = slotAt(place.tier, slot) >>> layout.keyBits();
            removeSlot(place.tier, slot);
            free(place.segment, place.tier, number);
            return true;
        } finally {
            place.unlock();
        }
    }

    /** Copies all entries of one segment. */
    public SegmentEntries collect(int segment) {
        SegmentEntries entries = new SegmentEntries(layout.entries());
        StackRoom.require();
        locks[segment].lock();
        try {
            long tier = tier(segment);
            for (int slot = 0; slot < layout.slots(); slot++) {
                if (slotAt(tier, slot) != 0) {
                    entries.add(MEMORY, entryAt(tier, slot));
                }
            }
            return entries;
        } finally {
            locks[segment].unlock();
        }
    }

    /** Returns the number of all keys; exact when nobody writes. */
    long countKeys() {
        long keys = 0;
        for (int segment = 0; segment < layout.segments(); segment++) {
            keys += MEMORY.readInt(base + layout.headerOffset(segment) + MapLayout.TAKEN_OFFSET);
        }
        return keys;
    }

    private @Nullable Location store(KeyHash key, Location location, boolean onlyIfAbsent) throws NoRoomException {
        Place place = new Place(key);
        place.lock();
        try {
            int slot = place.slot();
            if (slot == ABSENT) {
                insert(place, location);
                return null;
            }
            Location present = read(entryAt(place.tier, slot));
            if (!onlyIfAbsent) {
                LocationMarshaller.write(MEMORY, location(entryAt(place.tier, slot)), location);
            }
            return present;
        } finally {
            place.unlock();
        }
    }

    private void insert(Place place, Location location) throws NoRoomException {
        long header = base + layout.headerOffset(place.segment);
        int taken = MEMORY.readInt(header + MapLayout.TAKEN_OFFSET);
        if (taken >= layout.entries()) {
            throw new NoRoomException();
        }
        int number = take(place.tier, MEMORY.readInt(header + MapLayout.LOWEST_FREE_OFFSET));
        long entry = entry(place.tier, number);
        MEMORY.writeLong(entry, KeyHashMarshaller.word(place.key.high()));
        MEMORY.writeLong(entry + Long.BYTES, KeyHashMarshaller.word(place.key.low()));
        LocationMarshaller.write(MEMORY, location(entry), location);
        MEMORY.writeInt(header + MapLayout.TAKEN_OFFSET, taken + 1);
        MEMORY.writeInt(header + MapLayout.LOWEST_FREE_OFFSET, number + 1);
        int slotKey = layout.slotKey(place.hash);
        int slot = slotKey & slotMask();
        while (slotAt(place.tier, slot) != 0) {
            slot = next(slot);
        }
        setSlot(place.tier, slot, slotKey | number << layout.keyBits());
    }

    /** Marks the first entry from one on that is free. */
    private int take(long tier, int lowest) {
        long bits = tier + layout.freeListOffset();
        for (int word = lowest / Long.SIZE; ; word++) {
            long free = ~MEMORY.readLong(bits + (long) word * Long.BYTES);
            if (free != 0) {
                int number = word * Long.SIZE + Long.numberOfTrailingZeros(free);
                MEMORY.writeLong(bits + (long) word * Long.BYTES, ~free | Long.lowestOneBit(free));
                return number;
            }
        }
    }

    private void free(int segment, long tier, int number) {
        long header = base + layout.headerOffset(segment);
        long word = tier + layout.freeListOffset() + (long) (number / Long.SIZE) * Long.BYTES;
        MEMORY.writeLong(word, MEMORY.readLong(word) & ~(1L << number));
        MEMORY.writeInt(header + MapLayout.TAKEN_OFFSET, MEMORY.readInt(header + MapLayout.TAKEN_OFFSET) - 1);
        int lowest = MEMORY.readInt(header + MapLayout.LOWEST_FREE_OFFSET);
        MEMORY.writeInt(header + MapLayout.LOWEST_FREE_OFFSET, Math.min(lowest, number));
    }

    /** Empties a slot, and moves those behind it up whose place it is as well. */
    private void removeSlot(long tier, int slot) {
        int hole = slot;
        int at = next(slot);
        int word = slotAt(tier, at);
        while (word != 0) {
            int home = word & slotMask();
            if ((at - home & slotMask()) >= (at - hole & slotMask())) {
                setSlot(tier, hole, word);
                hole = at;
            }
            at = next(at);
            word = slotAt(tier, at);
        }
        setSlot(tier, hole, 0);
    }

    /** Returns the slot of a key, or {@link #ABSENT}. Returns whatever the memory holds. */
    private int slotOf(long tier, long hash, long high, long low) {
        long first = KeyHashMarshaller.word(high);
        long second = KeyHashMarshaller.word(low);
        int slotKey = layout.slotKey(hash);
        int mask = (1 << layout.keyBits()) - 1;
        int slot = slotKey & slotMask();
        for (int i = 0; i < layout.slots(); i++) {
            int word = slotAt(tier, slot);
            if (word == 0) {
                return ABSENT;
            }
            if ((word & mask) == slotKey) {
                long entry = entryOf(tier, word);
                if (MEMORY.readLong(entry) == first && MEMORY.readLong(entry + Long.BYTES) == second) {
                    return slot;
                }
            }
            slot = next(slot);
        }
        return ABSENT;
    }

    private Location read(long entry) {
        IndexProbe probe = new IndexProbe();
        LocationMarshaller.read(MEMORY, location(entry), probe);
        return new Location(probe.fileIndex(), probe.offset(), probe.length());
    }

    private long tier(int segment) {
        return base + layout.tierOffset(segment);
    }

    private int next(int slot) {
        return slot + 1 & slotMask();
    }

    private int slotMask() {
        return layout.slots() - 1;
    }

    private int slotAt(long tier, int slot) {
        return MEMORY.readInt(tier + (long) slot * MapLayout.SLOT_BYTES);
    }

    private void setSlot(long tier, int slot, int word) {
        MEMORY.writeInt(tier + (long) slot * MapLayout.SLOT_BYTES, word);
    }

    private long entryAt(long tier, int slot) {
        return entryOf(tier, slotAt(tier, slot));
    }

    /**
     * Returns the address of the entry that a slot points at; of the first when what was read of the slot points
     * nowhere.
     */
    private long entryOf(long tier, int word) {
        int number = word >>> layout.keyBits();
        return entry(tier, number < layout.entries() ? number : 0);
    }

    private long entry(long tier, int number) {
        return tier + layout.entriesOffset() + (long) number * MapLayout.ENTRY_BYTES;
    }

    private static long location(long entry) {
        return entry + KeyHash.ENCODED_BYTES;
    }

    /** Where a key is looked for, by somebody who may change it there. */
    private final class Place {

        private final KeyHash key;
        private final long hash;
        private final int segment;
        private final long tier;

        Place(KeyHash key) {
            this.key = key;
            hash = PlacementHash.of(key);
            segment = layout.splitting().segmentIndex(hash);
            tier = tier(segment);
        }

        void lock() {
            locks[segment].lock();
        }

        void unlock() {
            locks[segment].unlock();
        }

        /** Returns the slot that the key has now, or {@link #ABSENT}. By the holder of the lock. */
        int slot() {
            return slotOf(tier, hash, key.high(), key.low());
        }
    }
}
