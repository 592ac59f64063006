package org.blobarena.store.internal.evict;

import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;

/**
 * Counts what a store takes on disk, in whole blocks of the file system: arena files, those that are deleted only when
 * their last reader lets go of them included, the index, and the small files.
 *
 * <p>An index that will soon move to a larger file counts with that file, so that there is room for it. Safe from any
 * thread.
 */
final class DiskUse {

    private static final int BLOCK_BYTES = 4096;

    /** The directory, identity, lock, and the mark of a clean close beside an unfinished one. */
    private static final int SMALL_FILES_BYTES = 16 * BLOCK_BYTES;

    /** What the mark has of each arena file, and the directory, twice and rounded up. */
    private static final int BYTES_PER_FILE = 512;

    /** From so many bytes per key on an index is not about to grow; one that grows has 36 to 42. */
    private static final int INDEX_BYTES_PER_KEY = 45;

    /** An index makes room for so many times its keys when it grows; a small one for more. */
    private static final double INDEX_GROWTH = 1.42;

    private static final int SMALL_INDEX_GROWTH = 4;
    private static final long SMALL_INDEX_KEYS = 1_400_000;

    private final EvictionContext context;
    private final long reserveBytes;

    DiskUse(EvictionContext context) {
        this.context = context;
        this.reserveBytes = context.store().reserve().bytes();
    }

    long bytes() {
        StoreContext store = context.store();
        long bytes = SMALL_FILES_BYTES + blocks(reserveBytes) + indexBytes();
        for (StoreFile file : store.files().all()) {
            bytes += blocks(file.arena().length()) + BYTES_PER_FILE;
        }
        for (StoreFile file : context.retirement().undeleted()) {
            bytes += blocks(file.arena().length());
        }
        return bytes;
    }

    private long indexBytes() {
        long bytes = blocks(context.index().fileBytes());
        long keys = context.index().size();
        if (bytes == 0 || bytes > keys * INDEX_BYTES_PER_KEY) {
            return bytes;
        }
        double grown = Math.max(INDEX_GROWTH * keys, Math.min(SMALL_INDEX_KEYS, (double) SMALL_INDEX_GROWTH * keys));
        return bytes + (long) (grown * INDEX_BYTES_PER_KEY);
    }

    private static long blocks(long bytes) {
        return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }
}
