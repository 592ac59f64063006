package org.blobarena.store;

import java.io.IOException;
import org.blobarena.arena.ArenaFile;
import org.blobarena.arena.FileArenaWriter;

/**
 * The record at the end of a file that is still being written, and that nobody may take for one before. Safe from any
 * thread, so that whoever scans the file knows where to end.
 */
final class UnfinishedRecord {

    private static final long NONE = Long.MAX_VALUE;

    private long start = NONE;

    /** To be called before the first byte of the record is pushed. */
    synchronized void begin(long offset) {
        start = offset;
    }

    /** Whether there is such a record now. */
    synchronized boolean isBegun() {
        return start != NONE;
    }

    /** The record is one. */
    synchronized void finish() {
        start = NONE;
    }

    /**
     * The record will be none; nothing happens if none was begun.
     *
     * @throws IOException as of {@link FileArenaWriter#cut}
     */
    synchronized void cut(FileArenaWriter writer) throws IOException {
        if (start != NONE) {
            try {
                writer.cut(start);
            } finally {
                start = NONE;
            }
        }
    }

    synchronized long recordsEnd(ArenaFile arena) {
        return Math.min(start, arena.length());
    }
}
