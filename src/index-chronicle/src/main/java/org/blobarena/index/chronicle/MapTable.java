package org.blobarena.index.chronicle;

import net.openhft.chronicle.algo.hashing.LongHashFunction;
import net.openhft.chronicle.core.Memory;
import net.openhft.chronicle.core.OS;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.StackRoom;
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
final class MapTable {

    private static final Memory MEMORY = OS.memory();
    private static final LongHashFunction HASH = LongHashFunction.xx_r39();
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

    /** The segment of a key in a map of a layout, which need not be open any more. */
    static int segmentOf(KeyHash key, MapLayout layout) {
        return layout.splitting().segmentIndex(HASH.hashLongs(words(key)));
    }

    /** The layout, which no other map has, were it the same. */
    MapLayout layout() {
        return layout;
    }

    @Nullable Location get(KeyHash key) {
        IndexProbe probe = new IndexProbe();
        probe.set(key.high(), key.low());
        return find(probe) ? new Location(probe.fileIndex(), probe.offset(), probe.length()) : null;
    }

    /** As {@link #get}, but makes no objects. */
    boolean find(IndexProbe probe) {
        long[] words = probe.words();
        long hash = HASH.hashLongs(words);
        int segment = layout.splitting().segmentIndex(hash);
        SegmentLock lock = locks[segment];
        int attempt = 0;
        while (true) {
            int version = lock.version();
            long tier = tier(segment);
            int slot = slotOf(tier, hash, words);
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
    @Nullable Location put(KeyHash key, Location location) throws NoRoomException {
        return store(key, location, false);
    }

    /** Stores a location when the key is absent; null when it was. */
    @Nullable Location putIfAbsent(KeyHash key, Location location) throws NoRoomException {
        return store(key, location, true);
    }

    boolean replace(KeyHash key, Location expected, Location replacement) {
        long[] words = words(key);
        long hash = HASH.hashLongs(words);
        int segment = layout.splitting().segmentIndex(hash);
        locks[segment].lock();
        try {
            long tier = tier(segment);
            int slot = slotOf(tier, hash, words);
            if (slot == ABSENT || !expected.equals(read(entryAt(tier, slot)))) {
                return false;
            }
            LocationMarshaller.write(MEMORY, location(entryAt(tier, slot)), replacement);
            return true;
        } finally {
            locks[segment].unlock();
        }
    }

    /** Removes a key, and does nothing when it is absent. */
    void remove(KeyHash key) {
        remove(key, null);
    }

    /** Removes a key when its location is the expected one, or whatever it is when that is null. */
    boolean remove(KeyHash key, @Nullable Location expected) {
        long[] words = words(key);
        long hash = HASH.hashLongs(words);
        int segment = layout.splitting().segmentIndex(hash);
        locks[segment].lock();
        try {
            long tier = tier(segment);
            int slot = slotOf(tier, hash, words);
            if (slot == ABSENT || (expected != null && !expected.equals(read(entryAt(tier, slot))))) {
                return false;
            }
            int number = slotAt(tier, slot) >>> layout.keyBits();
            removeSlot(tier, slot);
            free(segment, tier, number);
            return true;
        } finally {
            locks[segment].unlock();
        }
    }

    /** Copies all entries of one segment. */
    EntryGroup collect(int segment) {
        EntryGroup group = new EntryGroup(layout.entries());
        StackRoom.require();
        locks[segment].lock();
        try {
            long tier = tier(segment);
            for (int slot = 0; slot < layout.slots(); slot++) {
                if (slotAt(tier, slot) != 0) {
                    group.add(MEMORY, entryAt(tier, slot));
                }
            }
            return group;
        } finally {
            locks[segment].unlock();
        }
    }

    /** The number of all keys; exact when nobody writes. */
    long countKeys() {
        long keys = 0;
        for (int segment = 0; segment < layout.segments(); segment++) {
            keys += MEMORY.readInt(base + layout.headerOffset(segment) + MapLayout.TAKEN_OFFSET);
        }
        return keys;
    }

    private @Nullable Location store(KeyHash key, Location location, boolean onlyIfAbsent) throws NoRoomException {
        long[] words = words(key);
        long hash = HASH.hashLongs(words);
        int segment = layout.splitting().segmentIndex(hash);
        locks[segment].lock();
        try {
            long tier = tier(segment);
            int slot = slotOf(tier, hash, words);
            if (slot == ABSENT) {
                insert(segment, hash, words, location);
                return null;
            }
            Location present = read(entryAt(tier, slot));
            if (!onlyIfAbsent) {
                LocationMarshaller.write(MEMORY, location(entryAt(tier, slot)), location);
            }
            return present;
        } finally {
            locks[segment].unlock();
        }
    }

    private void insert(int segment, long hash, long[] words, Location location) throws NoRoomException {
        long header = base + layout.headerOffset(segment);
        int taken = MEMORY.readInt(header + MapLayout.TAKEN_OFFSET);
        if (taken >= layout.entries()) {
            throw new NoRoomException();
        }
        long tier = tier(segment);
        int number = take(tier, MEMORY.readInt(header + MapLayout.LOWEST_FREE_OFFSET));
        long entry = entry(tier, number);
        MEMORY.writeLong(entry, words[0]);
        MEMORY.writeLong(entry + Long.BYTES, words[1]);
        LocationMarshaller.write(MEMORY, location(entry), location);
        MEMORY.writeInt(header + MapLayout.TAKEN_OFFSET, taken + 1);
        MEMORY.writeInt(header + MapLayout.LOWEST_FREE_OFFSET, number + 1);
        int slotKey = layout.slotKey(hash);
        int slot = slotKey & slotMask();
        while (slotAt(tier, slot) != 0) {
            slot = next(slot);
        }
        setSlot(tier, slot, slotKey | number << layout.keyBits());
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

    /** The slot of a key, or {@link #ABSENT}. Returns whatever the memory holds. */
    private int slotOf(long tier, long hash, long[] words) {
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
                if (MEMORY.readLong(entry) == words[0] && MEMORY.readLong(entry + Long.BYTES) == words[1]) {
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

    /** The address of the entry that a slot points at; of the first when what was read of the slot points nowhere. */
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

    private static long[] words(KeyHash key) {
        return new long[] {KeyHashMarshaller.word(key.high()), KeyHashMarshaller.word(key.low())};
    }
}
