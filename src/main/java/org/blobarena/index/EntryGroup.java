package org.blobarena.index;

import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;

/** The entries of one segment, copied out of the map so that they can be worked on without its lock. */
final class EntryGroup {

    private final List<KeyHash> keys = new ArrayList<>();
    private final List<Location> locations = new ArrayList<>();

    void add(KeyHash key, Location location) {
        keys.add(key);
        locations.add(location);
    }

    int size() {
        return keys.size();
    }

    KeyHash key(int index) {
        return keys.get(index);
    }

    Location location(int index) {
        return locations.get(index);
    }
}
