package org.blobarena.store.internal.recovery;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.blobarena.arena.Location;
import org.blobarena.store.internal.core.StoreFile;

/** Where in the files of a store damage was found. For one thread. */
public final class DamagedRanges {

    /** By file id and start; the ranges of one file do not overlap. */
    private final Map<Long, TreeMap<Long, Long>> ends = new HashMap<>();

    void add(StoreFile file, long start, long end) {
        ends.computeIfAbsent(file.id(), id -> new TreeMap<>()).put(start, end);
    }

    /** Returns whether a record that should stand there begins in a damaged range. */
    public boolean contains(Location location) {
        TreeMap<Long, Long> ofFile = ends.get(location.fileIndex());
        if (ofFile == null) {
            return false;
        }
        Map.Entry<Long, Long> range = ofFile.floorEntry(location.offset());
        return range != null && location.offset() < range.getValue();
    }
}
