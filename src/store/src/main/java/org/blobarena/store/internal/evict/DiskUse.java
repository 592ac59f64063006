package org.blobarena.store.internal.evict;

import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;

/**
 * Counts what a store takes on disk, in whole blocks of the file system: arena files, those that are evicted and
 * still read included, the index, and the small files.
 *
 * <p>What the index will soon take counts as well, so that there is room for it. Safe from any thread.
 */
final class DiskUse {

    private static final int BLOCK_BYTES = 4096;

    /** The directory, identity, lock, and the mark of a clean close beside an unfinished one. */
    private static final int SMALL_FILES_BYTES = 16 * BLOCK_BYTES;

    /** What the mark has of each arena file, and the directory, twice and rounded up. */
    private static final int BYTES_PER_FILE = 512;

    private final EvictionContext context;
    private final EvictedFiles evictedFiles;
    private final long reserveBytes;

    DiskUse(EvictionContext context, EvictedFiles evictedFiles) {
        this.context = context;
        this.evictedFiles = evictedFiles;
        this.reserveBytes = context.store().reserve().bytes();
    }

    long bytes() {
        StoreContext store = context.store();
        long bytes = SMALL_FILES_BYTES
                + blocks(reserveBytes)
                + blocks(context.index().fileBytes())
                + context.index().growthBytes();
        for (StoreFile file : store.files().all()) {
            bytes += file.isNameless() ? 0 : blocks(file.arena().length()) + BYTES_PER_FILE;
        }
        return bytes + evictedFiles.bytes();
    }

    /** What so many bytes take. */
    static long blocks(long bytes) {
        return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }
}
