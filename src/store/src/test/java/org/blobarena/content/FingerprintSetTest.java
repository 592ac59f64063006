package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class FingerprintSetTest {

    private static Digest digest(long number) {
        return Digest.of(ByteBuffer.allocate(8).putLong(0, number));
    }

    @Test
    void hasWhatWasAddedInAtMostSixteenBytesEach() {
        FingerprintSet set = new FingerprintSet();
        int count = 200_000;
        for (int i = 0; i < count; i++) {
            set.add(digest(i));
            set.add(digest(i));
        }
        for (int i = 0; i < count; i++) {
            assertThat(set.contains(digest(i))).as("digest of %d", i).isTrue();
            assertThat(set.contains(digest(count + i)))
                    .as("digest of %d", count + i)
                    .isFalse();
        }
        assertThat(set.slots() * Long.BYTES).isLessThanOrEqualTo(16L * count);
    }

    @Test
    void digestOfZerosIsOneLikeOthers() {
        FingerprintSet set = new FingerprintSet();
        Digest zeros = Digest.ofBytes(new byte[Digest.BYTES]);
        assertThat(set.contains(zeros)).isFalse();

        set.add(zeros);

        assertThat(set.contains(zeros)).isTrue();
    }
}
