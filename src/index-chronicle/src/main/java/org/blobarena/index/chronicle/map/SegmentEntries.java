package org.blobarena.index.chronicle.map;

import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;

/** The entries of one segment, copied out of the map so that they can be worked on without its lock. */
public final class SegmentEntries {

    private static final int WORDS_PER_KEY = 2;
    private static final int WORDS_PER_LOCATION = 3;

    private final long[] keys;
    private final long[] locations;
    private final IndexProbe probe = new IndexProbe();
    private int size;

    /** Room for so many entries: nothing is allocated while they are added. */
    SegmentEntries(int sizeMax) {
        keys = new long[WORDS_PER_KEY * sizeMax];
        locations = new long[WORDS_PER_LOCATION * sizeMax];
    }

    /** Copies an entry from memory; not more of them than there is room for. */
    void add(long address) {
        int at = WORDS_PER_KEY * size;
        keys[at] = MapEntry.keyHigh(address);
        keys[at + 1] = MapEntry.keyLow(address);
        MapEntry.read(address, probe);
        at = WORDS_PER_LOCATION * size;
        locations[at] = probe.fileIndex();
        locations[at + 1] = probe.offset();
        locations[at + 2] = probe.length();
        size++;
    }

    public int size() {
        return size;
    }

    public KeyHash key(int index) {
        return new KeyHash(keys[WORDS_PER_KEY * index], keys[WORDS_PER_KEY * index + 1]);
    }

    public Location location(int index) {
        int at = WORDS_PER_LOCATION * index;
        return new Location(locations[at], locations[at + 1], locations[at + 2]);
    }
}
