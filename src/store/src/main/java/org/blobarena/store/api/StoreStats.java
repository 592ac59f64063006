package org.blobarena.store.api;

/**
 * What a store holds at one moment.
 *
 * @param keys the number of keys
 * @param liveBytes bytes of the records that are needed: values that can be read, and tombstones
 * @param deadBytes bytes of all other records: replaced, removed or void
 * @param expiredBytes bytes of the records whose blob has expired, replaced and removed ones too, until they are reclaimed
 * @param neededBytes the length that all arena files would have without dead bytes
 * @param arenaFiles the number of arena files
 * @param arenaBytes bytes of all arena files, including headers, index blocks and footers
 * @param indexBytes bytes of the index on disk
 * @param indexKind what the index is: {@code chronicle-map} or {@code table}
 * @param formatVersion the format version of the store
 * @param opening what its opening found
 * @param compaction what compaction has done
 */
public record StoreStats(
        long keys,
        long liveBytes,
        long deadBytes,
        long expiredBytes,
        long neededBytes,
        long arenaFiles,
        long arenaBytes,
        long indexBytes,
        String indexKind,
        int formatVersion,
        OpenReport opening,
        CompactionStats compaction) {}
