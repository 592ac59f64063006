package org.blobarena.store.internal.core;

import java.time.InstantSource;
import org.blobarena.arena.internal.file.FileOptions;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.jspecify.annotations.Nullable;

/**
 * The validated options of {@link BlobStoreBuilder}, where each is documented.
 *
 * @param fileBytesMax what a record must leave room for in its file. The arena's own limit is 4 GiB: a file that
 *     was begun under a larger option can still be sealed, and a tombstone be written for every key
 * @param requireAllFiles whether the opening fails if the mark of a clean close knows more than there is
 * @param streamMemoryBytes how much of a blob of unknown length is kept in memory, in the hope that it ends
 * @param maxBlobBytes the longest blob that is read into memory as a whole
 * @param clock says which blobs have expired
 * @param forceBytes 0 for no force by bytes
 * @param forceNanos 0 for no force by time
 * @param leakTraces whether a leak is told of with the place where it was opened
 * @param eviction null for a store that keeps what it has
 * @param keySource null for a store that is not encrypted
 */
public record StoreSettings(
        FileOptions fileOptions,
        long fileBytesMax,
        long expectedKeys,
        boolean createIfMissing,
        boolean requireAllFiles,
        int streamMemoryBytes,
        int maxBlobBytes,
        InstantSource clock,
        long forceBytes,
        long forceNanos,
        CompactionSettings compaction,
        boolean leakTraces,
        @Nullable EvictionSettings eviction,
        @Nullable KeySource keySource) {

    private static final int SHARED_FACTOR = 4;
    private static final long UNSEALED_BYTES_MAX = 512L << 20;
    private static final int UNSEALED_PART_OF_CACHE = 16;

    /** What a directory has to be that is opened with these. */
    public StoreIdentity.Kind kind() {
        return eviction == null ? StoreIdentity.Kind.STORE : StoreIdentity.Kind.CACHE;
    }

    /** The length that a file of several records is filled to. */
    public long filledBytes() {
        return eviction == null ? fileBytesMax : Math.min(fileBytesMax, eviction.filledBytes());
    }

    /**
     * The bytes that may wait for being sealed while more than a few files do: an opening after a crash reads them, and a cache
     * cannot evict them.
     */
    public long unsealedBytesMax() {
        return eviction == null
                ? UNSEALED_BYTES_MAX
                : Math.min(UNSEALED_BYTES_MAX, eviction.maximumBytes() / UNSEALED_PART_OF_CACHE);
    }

    /** Whether it counts when a blob was last used. */
    public boolean hasTimeToIdle() {
        return eviction != null && eviction.idleMillis() > 0;
    }

    /** Blobs of more bytes are written to a file of their own, so that they do not hold up small ones. */
    public long sharedBytesMax() {
        return (long) SHARED_FACTOR * streamMemoryBytes;
    }
}
