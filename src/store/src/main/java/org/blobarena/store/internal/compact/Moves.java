package org.blobarena.store.internal.compact;

import java.io.IOException;
import java.util.Arrays;
import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;

/** Where records were copied to that keys point at, as many as take little memory. For one thread. */
final class Moves {

    /** What these take of the heap is about 3 MB. */
    static final int COUNT_MAX = 1 << 16;

    private static final int LONGS = 6;

    private long[] values = new long[LONGS * 256];
    private int count;
    private boolean complete = true;

    /** Receives moves in the order in which they were added. */
    @FunctionalInterface
    interface Visitor {

        void visit(KeyHash hash, Location from, Location to) throws IOException;
    }

    void add(KeyHash hash, Location from, Location to) {
        if (count == COUNT_MAX) {
            complete = false;
            return;
        }
        int at = count * LONGS;
        if (at == values.length) {
            values = Arrays.copyOf(values, 2 * at);
        }
        values[at] = hash.high();
        values[at + 1] = hash.low();
        values[at + 2] = from.fileIndex();
        values[at + 3] = from.offset();
        values[at + 4] = to.fileIndex() << Integer.SIZE | to.offset();
        values[at + 5] = from.length();
        count++;
    }

    /** Whether all that were added are known. */
    boolean isComplete() {
        return complete;
    }

    void forEach(Visitor visitor) throws IOException {
        for (int at = 0; at < count * LONGS; at += LONGS) {
            long length = values[at + 5];
            visitor.visit(
                    new KeyHash(values[at], values[at + 1]),
                    new Location(values[at + 2], values[at + 3], length),
                    new Location(values[at + 4] >>> Integer.SIZE, values[at + 4] & Location.UNSIGNED_MAX, length));
        }
    }
}
