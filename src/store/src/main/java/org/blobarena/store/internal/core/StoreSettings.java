package org.blobarena.store.internal.core;

import java.time.InstantSource;
import org.blobarena.arena.internal.file.FileOptions;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.jspecify.annotations.Nullable;

/**
 * The validated options of {@link BlobStoreBuilder}, where each is documented.
 *
 * @param fileBytesMax what a record must leave room for in its file. The arena's own limit is 4 GiB: a file that
 *     was begun under a larger option can still be sealed, and a tombstone be written for every key
 * @param streamMemoryBytes how much of a blob of unknown length is kept in memory, in the hope that it ends
 * @param maxBlobBytes the longest blob that is read into memory as a whole
 * @param clock says which blobs have expired
 * @param forceBytes 0 for no force by bytes
 * @param forceNanos 0 for no force by time
 * @param eviction null for a store that keeps what it has
 */
public record StoreSettings(
        FileOptions fileOptions,
        long fileBytesMax,
        long expectedKeys,
        boolean createIfMissing,
        int streamMemoryBytes,
        int maxBlobBytes,
        InstantSource clock,
        long forceBytes,
        long forceNanos,
        CompactionSettings compaction,
        @Nullable EvictionSettings eviction) {

    private static final int SHARED_FACTOR = 4;

    /** What a directory has to be that is opened with these. */
    public StoreIdentity.Kind kind() {
        return eviction == null ? StoreIdentity.Kind.STORE : StoreIdentity.Kind.CACHE;
    }

    /** Blobs of more bytes are written to a file of their own, so that they do not hold up small ones. */
    public long sharedBytesMax() {
        return (long) SHARED_FACTOR * streamMemoryBytes;
    }
}
