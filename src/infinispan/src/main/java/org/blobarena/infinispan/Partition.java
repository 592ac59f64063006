package org.blobarena.infinispan;

import java.util.zip.CRC32C;
import org.infinispan.configuration.cache.HashConfiguration;
import org.infinispan.distribution.ch.KeyPartitioner;
import org.infinispan.persistence.spi.InitializationContext;

/**
 * Which segment a key belongs to: the one that Infinispan says or, where its configuration has no segments in the store, one
 * of {@value #OWN_SEGMENTS} by a checksum of the key.
 *
 * @param partitioner what tells the segment in the first case
 * @param count how many segments there are
 * @param isOfInfinispan whether they are those of Infinispan
 * @param layout says in words what the segment of a key depends on
 */
record Partition(KeyPartitioner partitioner, int count, boolean isOfInfinispan, String layout) {

    private static final int OWN_SEGMENTS = 256;

    static Partition of(InitializationContext context) {
        BlobArenaStoreConfiguration configuration = context.getConfiguration();
        if (!configuration.segmented()) {
            return new Partition(context.getKeyPartitioner(), OWN_SEGMENTS, false, OWN_SEGMENTS + " by checksum");
        }
        HashConfiguration hash =
                context.getCache().getCacheConfiguration().clustering().hash();
        String layout =
                hash.numSegments() + " by " + hash.keyPartitioner().getClass().getName();
        return new Partition(context.getKeyPartitioner(), hash.numSegments(), true, layout);
    }

    /** Returns the segment of a key that Infinispan has named a segment for. */
    int of(int segment, byte[] key) {
        return isOfInfinispan ? segment : byChecksum(key);
    }

    /** Returns the segment of a key that nobody has named a segment for. */
    int segment(Object key, byte[] bytes) {
        return isOfInfinispan ? partitioner.getSegment(key) : byChecksum(bytes);
    }

    private static int byChecksum(byte[] key) {
        CRC32C checksum = new CRC32C();
        checksum.update(key);
        return (int) (checksum.getValue() % OWN_SEGMENTS);
    }
}
