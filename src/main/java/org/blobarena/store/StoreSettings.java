package org.blobarena.store;

import org.blobarena.arena.ArenaOptions;
import org.blobarena.arena.io.DescriptorBudget;

/**
 * The validated options of {@link BlobStoreBuilder}, where each is documented.
 *
 * @param fileBytesMax what a record must leave room for in its file. The arena's own limit is 4 GiB: a file that
 *     was begun under a larger option can still be sealed, and a tombstone be written for every key
 * @param forceBytes 0 for no force by bytes
 * @param forceNanos 0 for no force by time
 */
record StoreSettings(
        Durability durability,
        ArenaOptions arenaOptions,
        long fileBytesMax,
        long expectedKeys,
        boolean createIfMissing,
        long forceBytes,
        long forceNanos,
        CompactionSettings compaction) {

    DescriptorBudget descriptors() {
        return arenaOptions.descriptors();
    }
}
