package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cache keeps, against an LRU that fills the same bytes with blobs alone, and so has room for more of them. */
class HitRatioTest {

    private static final long MAXIMUM_BYTES = 64L * TestCaches.FILE_BYTES;
    private static final int BLOB_BYTES = 4096;
    private static final int KEYS = 8_000;
    private static final int REQUESTS = 60_000;

    /** What the files that are not full cost in so small a cache. */
    private static final double ABOUT = 0.003;

    @TempDir
    Path directory;

    @Test
    void keysByZipfsLawAreHitMoreOftenThanWithLruAndHardlyWrittenAgain() throws IOException {
        int[] keys = zipf(KEYS, REQUESTS);
        Replay replay = new Replay(keys, MAXIMUM_BYTES);
        assertThat(replay.hitRatio()).isGreaterThan(lruHitRatio(keys, MAXIMUM_BYTES));
        assertThat(replay.writtenPerAdmitted()).isGreaterThan(1).isLessThan(1.3);
    }

    /** Most blobs are used here before their file goes, and few of them can be written again: those used most. */
    @Test
    void aCacheOfHalfOfAllBlobsIsHitAboutAsOftenAsWithLru() throws IOException {
        int[] keys = zipf(KEYS / 2, 2 * REQUESTS);
        Replay replay = new Replay(keys, 2 * MAXIMUM_BYTES);
        assertThat(replay.hitRatio()).isGreaterThan(lruHitRatio(keys, 2 * MAXIMUM_BYTES) - ABOUT);
        assertThat(replay.writtenPerAdmitted()).isGreaterThan(1).isLessThan(1.3);
    }

    @Test
    void scansThroughOtherKeysLeaveMoreHitsThanWithLru() throws IOException {
        int[] keys = zipf(KEYS, REQUESTS);
        int scanned = 0;
        for (int i = 0; i < keys.length; i++) {
            if (i % 10_000 < 3_000) {
                keys[i] = KEYS + scanned++ % KEYS;
            }
        }
        Replay replay = new Replay(keys, MAXIMUM_BYTES);
        assertThat(replay.hitRatio()).isGreaterThan(lruHitRatio(keys, MAXIMUM_BYTES));
        assertThat(replay.writtenPerAdmitted()).isGreaterThan(1).isLessThan(1.3);
    }

    @Test
    void blobsThatAreAllUsedAreWrittenAgainWithinTheBound() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        CacheStats stats;
        try (BlobCache<String> cache =
                TestCaches.alone().smallMaximumBytes(MAXIMUM_BYTES).open(directory)) {
            for (int key = 0; key < 15_000; key++) {
                cache.put(Integer.toString(key), new byte[BLOB_BYTES]);
                for (int i = 0; i < 4; i++) {
                    byte[] unused = cache.getIfPresent(Integer.toString(key - random.nextInt(1500)));
                }
            }
            stats = cache.stats();
        }
        double share = (double) stats.reinsertedBytes() / (stats.bytesWritten() - stats.reinsertedBytes());
        assertThat(share).isBetween(0.2, 0.3);
    }

    /** Keys whose frequency falls with the power of 0.9 of their rank. */
    private static int[] zipf(int distinct, int requests) {
        double[] sums = new double[distinct];
        double sum = 0;
        for (int rank = 0; rank < distinct; rank++) {
            sum += Math.pow(rank + 1, -0.9);
            sums[rank] = sum;
        }
        SplittableRandom random = new SplittableRandom(9);
        int[] keys = new int[requests];
        for (int i = 0; i < requests; i++) {
            int found = Arrays.binarySearch(sums, random.nextDouble() * sum);
            keys[i] = found >= 0 ? found : Math.min(-found - 1, distinct - 1);
        }
        return keys;
    }

    private static double lruHitRatio(int[] keys, long maximumBytes) {
        Map<Integer, Boolean> held = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                return size() > maximumBytes / BLOB_BYTES;
            }
        };
        int hits = 0;
        for (int key : keys) {
            hits += held.put(key, true) == null ? 0 : 1;
        }
        return (double) hits / keys.length;
    }

    /** All requests for keys, in turn; each that misses puts a blob. */
    private final class Replay {

        private final CacheStats stats;
        private long admittedBytes;

        Replay(int[] keys, long maximumBytes) throws IOException {
            byte[] blob = new byte[BLOB_BYTES];
            new SplittableRandom(1).nextBytes(blob);
            try (BlobCache<String> cache =
                    TestCaches.alone().smallMaximumBytes(maximumBytes).open(directory)) {
                for (int key : keys) {
                    ByteBuffer.wrap(blob).putInt(0, key);
                    byte[] found = cache.getIfPresent(Integer.toString(key));
                    if (found == null) {
                        cache.put(Integer.toString(key), blob);
                        admittedBytes += BLOB_BYTES;
                    } else {
                        assertThat(found).isEqualTo(blob);
                    }
                }
                stats = cache.stats();
            }
        }

        double hitRatio() {
            return stats.hitRatio();
        }

        double writtenPerAdmitted() {
            return (double) stats.bytesWritten() / admittedBytes;
        }
    }
}
