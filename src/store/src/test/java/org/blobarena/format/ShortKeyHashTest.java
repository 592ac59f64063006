package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The hash of short keys against a library's, which was written by others. */
class ShortKeyHashTest {

    private static final int INPUTS_PER_LENGTH = 50;

    private final Random random = new Random(7);

    @Test
    void everyLengthGivesWhatTheLibraryGives() {
        for (int length = 0; length <= ShortKeyHash.BYTES_MAX; length++) {
            byte[] input = new byte[length + 1]; // The last is not hashed.
            check(0, input, length);
            Arrays.fill(input, (byte) 0xff);
            check(-1, input, length);
            for (int i = 0; i < INPUTS_PER_LENGTH; i++) {
                random.nextBytes(input);
                check(random.nextLong(), input, length);
            }
        }
    }

    private static void check(long seed, byte[] input, int length) {
        long[] hash = new long[2];
        new ShortKeyHash(seed).hash(input, length, hash);
        HashValue128 expected = Hashing.xxh3_128(seed).hashBytesTo128Bits(input, 0, length);
        assertThat(hash)
                .as("%s bytes, seed %s", length, seed)
                .containsExactly(expected.getLeastSignificantBits(), expected.getMostSignificantBits());
    }
}
