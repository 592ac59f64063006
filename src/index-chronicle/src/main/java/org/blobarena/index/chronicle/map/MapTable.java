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
    private final Placement placement;
    private final SegmentLock[] locks;

    // Of the layout: every look-up needs them.
    private final long headers;
    private final long headerBytes;
    private final long tiers;
    private final long tierBytes;
    private final int slotMask;
    private final int keyBits;
    private final int keyMask;
    private final int entriesMax;
    private final int entriesOffset;

    /** The table of a map whose file is mapped to an address. */
    MapTable(MapLayout layout, long base) {
        this.layout = layout;
        placement = layout.placement();
        locks = SegmentLock.array(layout.segments());
        headers = base + layout.headerOffset(0);
        headerBytes = layout.headerBytes();
        tiers = base + layout.tierOffset(0);
        tierBytes = layout.tierBytes();
        slotMask = layout.slots() - 1;
        keyBits = layout.keyBits();
        keyMask = (1 << keyBits) - 1;
        entriesMax = layout.entries();
        entriesOffset = layout.entriesOffset();
    }

    /** Returns the segment of a key in a map of a layout, which need not be open any more. */
    public static int segmentOf(KeyHash key, MapLayout layout) {
        return layout.placement().segmentOf(Placement.hash(key.high(), key.low()));
    }

    /** Returns the layout, which no other map has, were it the same. */
    public MapLayout layout() {
        return layout;
    }

    public @Nullable Location get(KeyHash key) {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        return find(probe) ? probe.location() : null;
    }

    /** As {@link #get}, but makes no objects. */
    public boolean find(IndexProbe probe) {
        long hash = Placement.hash(probe.high(), probe.low());
        int segment = placement.segmentOf(hash);
        SegmentLock lock = locks[segment];
        int attempt = 0;
        while (true) {
            int version = lock.version();
            long tier = tier(segment);
            int slot = slotOf(tier, hash, probe.high(), probe.low());
            if (slot != ABSENT) {
                MapEntry.read(entryAt(tier, slot), probe);
            }
            if (lock.isUnchanged(version)) {
                return slot != ABSENT;
            }
            SegmentLock.pause(attempt++);
        }
    }

    /** Stores a location; null when the key was absent. */
    public @Nullable Location put(KeyHash key, Location location) throws NoRoomException {
        return put(key, location, false);
    }

    /** Stores a location when the key is absent; null when it was. */
    public @Nullable Location putIfAbsent(KeyHash key, Location location) throws NoRoomException {
        return put(key, location, true);
    }

    private @Nullable Location put(KeyHash key, Location location, boolean onlyIfAbsent) throws NoRoomException {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        probe.found(location);
        return put(probe, onlyIfAbsent) ? probe.location() : null;
    }

    /**
     * Stores the location of a probe, or only if its key is absent.
     *
     * @return whether the key was present; the probe then gets the location that it had
     */
    public boolean put(IndexProbe probe, boolean onlyIfAbsent) throws NoRoomException {
        long hash = Placement.hash(probe.high(), probe.low());
        int segment = placement.segmentOf(hash);
        long tier = tier(segment);
        locks[segment].lock();
        try {
            int slot = slotOf(tier, hash, probe.high(), probe.low());
            if (slot == ABSENT) {
                insert(segment, hash, probe);
                return false;
            }
            long entry = entryAt(tier, slot);
            if (onlyIfAbsent) {
                MapEntry.read(entry, probe);
            } else {
                MapEntry.exchange(entry, probe);
            }
            return true;
        } finally {
            locks[segment].unlock();
        }
    }

    public boolean replace(KeyHash key, Location expected, Location replacement) {
        long hash = Placement.hash(key.high(), key.low());
        int segment = placement.segmentOf(hash);
        long tier = tier(segment);
        locks[segment].lock();
        try {
            int slot = slotOf(tier, hash, key.high(), key.low());
            if (slot == ABSENT || !expected.equals(MapEntry.location(entryAt(tier, slot)))) {
                return false;
            }
            MapEntry.write(entryAt(tier, slot), replacement);
            return true;
        } finally {
            locks[segment].unlock();
        }
    }

    /** Removes a key, and does nothing when it is absent. */
    public void remove(KeyHash key) {
        remove(key, null);
    }

    /** Removes a key when its location is the expected one, or whatever it is when that is null. */
    public boolean remove(KeyHash key, @Nullable Location expected) {
        long hash = Placement.hash(key.high(), key.low());
        int segment = placement.segmentOf(hash);
        long tier = tier(segment);
        locks[segment].lock();
        try {
            int slot = slotOf(tier, hash, key.high(), key.low());
            if (slot == ABSENT || (expected != null && !expected.equals(MapEntry.location(entryAt(tier, slot))))) {
                return false;
            }
            int number = slotAt(tier, slot) >>> keyBits;
            removeSlot(tier, slot);
            free(segment, tier, number);
            return true;
        } finally {
            locks[segment].unlock();
        }
    }

    /** Copies all entries of one segment. */
    public SegmentEntries collect(int segment) {
        SegmentEntries entries = new SegmentEntries(entriesMax);
        StackRoom.require();
        locks[segment].lock();
        try {
            long tier = tier(segment);
            for (int slot = 0; slot <= slotMask; slot++) {
                if (slotAt(tier, slot) != 0) {
                    entries.add(entryAt(tier, slot));
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
            keys += MEMORY.readInt(header(segment) + MapLayout.TAKEN_OFFSET);
        }
        return keys;
    }

    private void insert(int segment, long hash, IndexProbe probe) throws NoRoomException {
        long header = header(segment);
        long tier = tier(segment);
        int taken = MEMORY.readInt(header + MapLayout.TAKEN_OFFSET);
        if (taken >= entriesMax) {
            throw new NoRoomException();
        }
        int number = take(tier, MEMORY.readInt(header + MapLayout.LOWEST_FREE_OFFSET));
        long entry = entry(tier, number);
        MapEntry.write(entry, probe);
        MEMORY.writeInt(header + MapLayout.TAKEN_OFFSET, taken + 1);
        MEMORY.writeInt(header + MapLayout.LOWEST_FREE_OFFSET, number + 1);
        int slotKey = placement.slotKeyOf(hash);
        int slot = slotKey & slotMask;
        while (slotAt(tier, slot) != 0) {
            slot = next(slot);
        }
        setSlot(tier, slot, slotKey | number << keyBits);
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
        long header = header(segment);
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
            int home = word & slotMask;
            if ((at - home & slotMask) >= (at - hole & slotMask)) {
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
        int slotKey = placement.slotKeyOf(hash);
        int slot = slotKey & slotMask;
        for (int i = 0; i <= slotMask; i++) {
            int word = slotAt(tier, slot);
            if (word == 0) {
                return ABSENT;
            }
            if ((word & keyMask) == slotKey && MapEntry.hasKey(entryOf(tier, word), high, low)) {
                return slot;
            }
            slot = next(slot);
        }
        return ABSENT;
    }

    private long header(int segment) {
        return headers + segment * headerBytes;
    }

    private long tier(int segment) {
        return tiers + segment * tierBytes;
    }

    private int next(int slot) {
        return slot + 1 & slotMask;
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
        int number = word >>> keyBits;
        return entry(tier, number < entriesMax ? number : 0);
    }

    private long entry(long tier, int number) {
        return tier + entriesOffset + (long) number * MapEntry.BYTES;
    }
}
