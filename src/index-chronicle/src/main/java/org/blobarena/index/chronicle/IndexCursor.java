package org.blobarena.index.chronicle;

import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.chronicle.map.MapGeneration;
import org.blobarena.index.chronicle.map.MapLayout;
import org.blobarena.index.chronicle.map.MapTable;
import org.blobarena.index.chronicle.map.SegmentEntries;
import org.jspecify.annotations.Nullable;

/**
 * Visits the index segment by segment, and holds none of its maps: one that nobody closes costs nothing.
 *
 * <p>The map has all keys when the cursor is made, and a key never changes its segment. Once the index moves to another
 * map, the old one gains nothing, and is visited further as long as it is there; then the other one has all keys. From
 * there on the cursor visits that, but for the keys whose segments of the maps before it has visited. So it comes by every
 * key once that has been present throughout.
 */
final class IndexCursor implements LocationIndex.Cursor {

    private final IndexState state;
    private final LocationIndex index;

    /** The first segments of each map that the index has outgrown meanwhile. */
    private final List<Visited> visited = new ArrayList<>();

    /** The map itself may be closed by now, and is asked for again at every step. */
    private MapLayout map;

    private int segment;
    private boolean closed;

    private record Visited(MapLayout map, int segments) {

        boolean has(KeyHash key) {
            return MapTable.segmentOf(key, map) < segments;
        }
    }

    /** @param first the map that has all keys now */
    IndexCursor(IndexState state, LocationIndex index, MapGeneration first) {
        this.state = state;
        this.index = index;
        this.map = first.table().layout();
    }

    @Override
    public boolean next(LocationIndex.Visitor visitor) {
        while (true) {
            if (closed) {
                throw new IllegalStateException("the cursor is closed");
            }
            SegmentEntries entries = collect();
            if (entries == null) {
                return false;
            }
            if (visit(entries, visitor)) {
                return true;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    /** Returns the entries of the next segment, or null after the last. */
    private @Nullable SegmentEntries collect() {
        while (true) {
            Generations generations = state.generations();
            ReaderSlots.Slot slot = generations.enter();
            try {
                if (state.generations() == generations) {
                    generations.requireOpen();
                    MapTable table = generations.current().table();
                    goOnIn(table.layout());
                    return segment == map.segments() ? null : table.collect(segment++);
                }
            } finally {
                slot.taken = false;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // two maps may have equal layouts
    private void goOnIn(MapLayout present) {
        if (present != map) {
            visited.add(new Visited(map, segment));
            map = present;
            segment = 0;
        }
    }

    /** Returns whether the visitor was called. No reader's slot is held meanwhile. */
    private boolean visit(SegmentEntries entries, LocationIndex.Visitor visitor) {
        boolean any = false;
        for (int i = 0; i < entries.size(); i++) {
            KeyHash key = entries.key(i);
            if (visited.stream().noneMatch(each -> each.has(key))) {
                Location location = isUpToDate() ? entries.location(i) : index.get(key);
                if (location != null) {
                    visitor.visit(key, location);
                    any = true;
                }
            }
        }
        return any;
    }

    /** Returns whether what stood in the map is what the index says, but for what has changed this moment. */
    @SuppressWarnings("ReferenceEquality")
    private boolean isUpToDate() {
        Generations generations = state.generations();
        return !generations.isMigrating() && generations.current().table().layout() == map;
    }
}
