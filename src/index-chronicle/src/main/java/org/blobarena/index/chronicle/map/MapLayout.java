package org.blobarena.index.chronicle.map;

import net.openhft.chronicle.core.OS;
import net.openhft.chronicle.hash.impl.VanillaChronicleHash;

/**
 * Where things stand in the file of a Chronicle Map without extra tiers, and so in the memory it is mapped to.
 *
 * <p>First the header (see {@link MapHeader}); then one segment header each, of which {@link #SEGMENT_HEADER_USED_BYTES}
 * mean something; then one tier each: hash slots of 4 bytes, counters that only extra tiers use, a bit per entry that is
 * taken, and the entries, of {@link MapEntry#BYTES} each. A slot has bits of the key's hash, never all zero, and above them
 * the number of the entry; 0 is a free slot. A key stands in the first free slot from where its bits say, or was moved
 * nearer to it since. All numbers are in the order of the machine.
 *
 * @param segments number of segments
 * @param placement tells segment and slot of a key
 * @param headersOffset where the first segment header stands
 * @param headerBytes from one segment header to the next
 * @param tierBytes from one tier to the next
 * @param slots hash slots per segment, a power of two
 * @param keyBits bits of the hash in a slot
 * @param entries that a segment can take
 * @param freeListOffset of the bits in a tier
 * @param entriesOffset of the entries in a tier
 */
public record MapLayout(
        int segments,
        Placement placement,
        long headersOffset,
        int headerBytes,
        long tierBytes,
        int slots,
        int keyBits,
        int entries,
        int freeListOffset,
        int entriesOffset) {

    static final int SLOT_BYTES = Integer.BYTES;

    /** Of a segment header: the lock that Chronicle Map takes, 8 bytes. */
    static final int LOCK_OFFSET = 0;
    /** Of a segment header: how many entries are taken, 4 bytes. */
    static final int TAKEN_OFFSET = 8;
    /** Of a segment header: all entries before this one are taken, 4 bytes. */
    static final int LOWEST_FREE_OFFSET = 12;
    /** Of a segment header: behind it come the next tier and the count of deleted entries, both always 0. */
    static final int UNUSED_OFFSET = 16;
    /** The part of a segment header that means something. */
    static final int SEGMENT_HEADER_USED_BYTES = 32;

    /** Returns the layout of a map that knows where its segment headers stand. */
    static MapLayout of(VanillaChronicleHash<?, ?, ?, ?> map) {
        long headers = map.segmentHeadersOffset;
        long perSegment = (map.sizeInBytesWithoutTiers() - headers) / map.actualSegments;
        long freeList = map.tierHashLookupOuterSize + VanillaChronicleHash.TIER_COUNTERS_AREA_SIZE;
        return new MapLayout(
                map.actualSegments,
                new Placement(map.hashSplitting, map.tierHashLookupKeyBits),
                headers,
                Math.toIntExact(perSegment - map.tierSize),
                map.tierSize,
                Math.toIntExact(map.tierHashLookupCapacity),
                map.tierHashLookupKeyBits,
                Math.toIntExact(map.actualChunksPerSegmentTier),
                Math.toIntExact(freeList),
                Math.toIntExact(freeList + map.tierFreeListOuterSize + map.tierEntrySpaceInnerOffset));
    }

    /** Returns the length of the file, without a seal. */
    long fileBytes() {
        return OS.pageAlign(tiersOffset() + segments * tierBytes);
    }

    long headerOffset(int segment) {
        return headersOffset + (long) segment * headerBytes;
    }

    long tierOffset(int segment) {
        return tiersOffset() + segment * tierBytes;
    }

    /** Returns the counters behind the slots of a tier, up to {@link #freeListOffset}. */
    int countersOffset() {
        return freeListOffset - Math.toIntExact(VanillaChronicleHash.TIER_COUNTERS_AREA_SIZE);
    }

    /** Words of 64 bits, one for each entry, lowest first. */
    int freeListWords() {
        return (entries + Long.SIZE - 1) / Long.SIZE;
    }

    private long tiersOffset() {
        return headersOffset + (long) segments * headerBytes;
    }
}
