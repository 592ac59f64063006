package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.KeyHash;
import org.junit.jupiter.api.Test;

/** Whoever chooses keys, but does not know the seed, cannot make them meet in the index. */
class KeyHashFloodTest {

    private static final int BUCKET_BITS = 10;
    private static final int BUCKETS = 1 << BUCKET_BITS;
    private static final int KEYS = 2000;
    private static final int SEEDS = 25;

    /** Of 2,000 keys in 1,024 buckets at random: a bucket of more has a chance of 1 in 10^9. */
    private static final int FULLEST_MAX = 20;

    @Test
    void keysThatCollideWithoutASeedSpreadUnderARandomOne() {
        List<byte[]> keys = collidingWithoutSeed();
        assertThat(fullest(hasher(0), keys, hash -> hash.high() & (BUCKETS - 1)))
                .isEqualTo(KEYS);

        checkSpread(keys);
    }

    @Test
    void keysThatDifferInFewBitsSpread() {
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            byte[] key = new byte[100];
            ByteBuffer.wrap(key).putInt(48, i << 20);
            keys.add(key);
        }
        checkSpread(keys);
    }

    /** Of all keys of eight bytes in order, the first whose hashes share their lowest bits. */
    private static List<byte[]> collidingWithoutSeed() {
        KeyHasher unseeded = hasher(0);
        List<byte[]> keys = new ArrayList<>();
        for (long i = 0; keys.size() < KEYS; i++) {
            byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(i).array();
            if ((unseeded.hash(key).high() & (BUCKETS - 1)) == 0) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static void checkSpread(List<byte[]> keys) {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < SEEDS; i++) {
            KeyHasher hasher = hasher(random.nextLong());
            assertThat(fullest(hasher, keys, hash -> hash.high() & (BUCKETS - 1)))
                    .isLessThanOrEqualTo(FULLEST_MAX);
            assertThat(fullest(hasher, keys, hash -> hash.high() >>> (Long.SIZE - BUCKET_BITS)))
                    .isLessThanOrEqualTo(FULLEST_MAX);
            assertThat(fullest(hasher, keys, hash -> hash.low() & (BUCKETS - 1)))
                    .isLessThanOrEqualTo(FULLEST_MAX);
            assertThat(fullest(hasher, keys, hash -> hash.low() >>> (Long.SIZE - BUCKET_BITS)))
                    .isLessThanOrEqualTo(FULLEST_MAX);
        }
    }

    private static int fullest(KeyHasher hasher, List<byte[]> keys, ToLongFunction<KeyHash> bucket) {
        int[] counts = new int[BUCKETS];
        int fullest = 0;
        for (byte[] key : keys) {
            int at = (int) bucket.applyAsLong(hasher.hash(key));
            counts[at]++;
            fullest = Math.max(fullest, counts[at]);
        }
        return fullest;
    }

    private static KeyHasher hasher(long seed) {
        return new KeyHasher(new StoreIdentity(new UUID(0, 0), seed));
    }
}
