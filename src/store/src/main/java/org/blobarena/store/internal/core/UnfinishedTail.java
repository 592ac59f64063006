package org.blobarena.store.internal.core;

import java.io.IOException;
import org.blobarena.arena.internal.file.AppendFile;
import org.blobarena.arena.internal.file.ReadableFile;

/**
 * Where the records of a file end that has another one behind them which is still being written. Safe from any thread, so
 * that a scan of the file knows where to end.
 */
public final class UnfinishedTail {

    private static final long NONE = Long.MAX_VALUE;

    private long start = NONE;

    /** To be called before the first byte of the record is pushed. */
    public synchronized void begin(long offset) {
        start = offset;
    }

    /** Returns whether there is such a record now. */
    public synchronized boolean isBegun() {
        return start != NONE;
    }

    /** The record is one. */
    public synchronized void finish() {
        start = NONE;
    }

    /**
     * The record will be none; nothing happens if none was begun.
     *
     * @throws IOException under the conditions of {@link AppendFile#cut}
     */
    public synchronized void cut(AppendFile writer) throws IOException {
        if (start != NONE) {
            try {
                writer.cut(start);
            } finally {
                start = NONE;
            }
        }
    }

    synchronized long recordsEnd(ReadableFile arena) {
        return Math.min(start, arena.length());
    }
}
