package org.blobarena.store;

/**
 * What a store holds at one moment.
 *
 * @param keys the number of keys
 * @param liveBytes bytes of records that are needed: values that can be read, and tombstones
 * @param deadBytes bytes of all other records: replaced, removed, void
 * @param neededBytes what all arena files would have if they held nothing dead
 * @param arenaFiles the number of arena files
 * @param arenaBytes bytes of all arena files; besides records they hold headers, index blocks and footers
 * @param indexBytes bytes of the index on disk
 * @param formatVersion version of the format that the store is written in
 * @param opening what its opening found
 * @param compaction what was done to give space back
 */
public record StoreStats(
        long keys,
        long liveBytes,
        long deadBytes,
        long neededBytes,
        long arenaFiles,
        long arenaBytes,
        long indexBytes,
        int formatVersion,
        OpenReport opening,
        CompactionStats compaction) {}
