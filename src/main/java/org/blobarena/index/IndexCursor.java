package org.blobarena.index;

import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/**
 * Visits one generation segment by segment.
 *
 * <p>The generation has all keys when the cursor is made, and a key never changes its segment. Once the index has moved on
 * it gains nothing, so it still has, each once, all the keys that have been present throughout; their locations are
 * then looked up anew.
 */
final class IndexCursor implements LocationIndex.Cursor {

    private final IndexState state;
    private final LocationIndex index;
    private final MapGeneration map;
    private int segment;
    private boolean closed;

    /** Takes over the caller's hold on the map. */
    IndexCursor(IndexState state, LocationIndex index, MapGeneration map) {
        this.state = state;
        this.index = index;
        this.map = map;
    }

    @Override
    public boolean next(LocationIndex.Visitor visitor) {
        if (closed || map.isClosed()) {
            throw new IllegalStateException("the cursor or its index is closed");
        }
        while (segment < map.geometry().segments()) {
            EntryGroup group = map.table().collect(segment);
            segment++;
            if (group.size() > 0) {
                visit(group, visitor);
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            map.letGo();
        }
    }

    private void visit(EntryGroup group, LocationIndex.Visitor visitor) {
        Generations generations = state.generations();
        boolean upToDate = generations.current() == map && !generations.isMigrating();
        for (int i = 0; i < group.size(); i++) {
            KeyHash key = group.key(i);
            @Nullable Location location = upToDate ? group.location(i) : index.get(key);
            if (location != null) {
                visitor.visit(key, location);
            }
        }
    }
}
