package org.blobarena.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/**
 * The records of one write that stand in the files, and why the write has failed if it has.
 *
 * <p>The two do not exclude each other. A record that had reached its file when a failure came cannot be made void: the
 * next opening will find it. So it has to get its place in the index, and the caller the failure. It is made before the
 * first record is appended, and needs no memory from there on. For one thread.
 */
final class WrittenRecords {

    private final ArrayList<Location> locations;
    private @Nullable Throwable failure;

    /** @param recordsMax how many there can be at most */
    WrittenRecords(int recordsMax) {
        locations = new ArrayList<>(recordsMax);
    }

    void add(Location location) {
        locations.add(location);
    }

    void failed(@Nullable Throwable cause) {
        failure = cause;
    }

    /** In the order in which they were given; the first ones, where not all were written. */
    List<Location> locations() {
        return locations;
    }

    /** To be called when the index points at the records. */
    void rethrow() throws IOException {
        if (failure instanceof IOException e) {
            throw DiskFullException.orSame(e);
        }
        Failures.rethrow(failure);
    }
}
