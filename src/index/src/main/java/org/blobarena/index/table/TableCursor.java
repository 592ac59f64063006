package org.blobarena.index.table;

import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;

/**
 * Visits the keys in the order of their hashes as unsigned numbers of 128 bits, those of one segment as they are when the cursor
 * comes by.
 *
 * <p>It remembers nothing but the first hash that it has not come to. A split leaves the keys of a segment between the same two
 * hashes, so wherever the cursor stands, a segment begins; and no key is passed by or met again.
 */
final class TableCursor implements LocationIndex.Cursor {

    private final TableLocationIndex index;
    private long next;
    private boolean ended;
    private boolean closed;

    TableCursor(TableLocationIndex index) {
        this.index = index;
    }

    private record Visited(KeyHash key, Location location) {

        /** In the order of the hashes. */
        static int compare(Visited one, Visited other) {
            int high = Long.compareUnsigned(one.key.high(), other.key.high());
            return high != 0 ? high : Long.compareUnsigned(one.key.low(), other.key.low());
        }
    }

    @Override
    public boolean next(LocationIndex.Visitor visitor) {
        if (closed) {
            throw new IllegalStateException("the cursor is closed");
        }
        List<Visited> entries = new ArrayList<>();
        while (entries.isEmpty()) {
            if (ended) {
                return false;
            }
            collect(entries);
        }
        entries.sort(Visited::compare);
        for (Visited entry : entries) {
            visitor.visit(entry.key, entry.location);
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void collect(List<Visited> entries) {
        Segment segment = index.enter(next);
        try {
            Slots slots = segment.slots();
            slots.forEach((slot, high, low) -> entries.add(new Visited(new KeyHash(high, low), slots.location(slot))));
            next = (segment.prefix() + 1L) << (Long.SIZE - segment.depth());
            ended = next == 0;
        } finally {
            segment.unlock();
        }
    }
}
