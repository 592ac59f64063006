package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DigestTest {

    @ParameterizedTest
    @CsvSource({
        "'', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    })
    void digestIsThatOfTheStandard(String content, String hex) {
        byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);

        assertThat(Digest.of(bytes))
                .hasToString(hex)
                .isEqualTo(Digest.parse(hex))
                .hasSameHashCodeAs(Digest.parse(hex));
        assertThat(Digest.of(buffer)).hasToString(hex);
        assertThat(buffer.position()).isZero();
    }

    @Test
    void bytesAndTextComeBack() {
        byte[] bytes = new byte[Digest.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (250 - 7 * i);
        }
        Digest digest = Digest.ofBytes(bytes);

        assertThat(digest.toBytes()).isEqualTo(bytes);
        assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
        assertThat(Digest.parse(digest.toString().toUpperCase(java.util.Locale.ROOT)))
                .isEqualTo(digest);
    }

    @Test
    void orderIsThatOfUnsignedBytes() {
        for (int i = 0; i < Digest.BYTES; i++) {
            byte[] low = new byte[Digest.BYTES];
            byte[] high = new byte[Digest.BYTES];
            low[i] = 1;
            high[i] = (byte) 0x80;
            Arrays.fill(low, i + 1, low.length, (byte) 0xff);

            assertThat(Digest.ofBytes(low)).isLessThan(Digest.ofBytes(high)).isNotEqualTo(Digest.ofBytes(high));
            assertThat(Digest.ofBytes(high)).isGreaterThan(Digest.ofBytes(low));
            assertThat(Digest.ofBytes(low)).isEqualByComparingTo(Digest.ofBytes(low.clone()));
        }
    }

    @Test
    void whatIsNoDigestIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Digest.ofBytes(new byte[31]))
                .withMessageContaining("31");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Digest.parse("ab"))
                .withMessageContaining("\"ab\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Digest.parse("0".repeat(63) + "g"))
                .withMessageContaining("character 63");
    }
}
