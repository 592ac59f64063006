package org.blobarena.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes that become text, paths and what people see, and are told apart in all of them. */
class RawTextTest {

    @Test
    void anyBytesComeBackAndNoTwoBecomeTheSameText() {
        Map<String, String> bytesOfText = new HashMap<>();
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(6)];
            for (int j = 0; j < bytes.length; j++) {
                // Leading and following bytes of all lengths, surrogates and overlong forms among them.
                bytes[j] = (byte) "\0a\u0080\u00bf\u00c0\u00c3\u00ed\u00a0\u00f0\u00f4\u0090\u00fe\u00ff"
                        .charAt(random.nextInt(13));
            }
            String text = RawText.decode(bytes);
            String hex = HexFormat.of().formatHex(bytes);

            assertThat(RawText.encode(text)).isEqualTo(bytes);
            assertThat(bytesOfText.putIfAbsent(text, hex)).isIn(null, hex);
        }
    }

    @Test
    void textIsUtf8() {
        String text = "a ä 日 \ud83d\ude00 \ufffd \0";
        assertThat(RawText.encode(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        assertThat(RawText.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
        assertThatThrownBy(() -> RawText.encode("\ud83d")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "61, a",
                "c3a4, ä",
                "1b5b326a, \\x1b[2j",
                "6b0a6c, k\\x0al",
                "6bfe, k\\xfe",
                "5c78, \\\\x",
                "c29b, \\xc2\\x9b",
                "e280ae, \\xe2\\x80\\xae",
                "7f, \\x7f"
            })
    void keyIsShownWithoutHarmAndUnlikeAnyOther(String bytes, String shown) {
        assertThat(Shown.of(new Key(HexFormat.of().parseHex(bytes)))).isEqualTo(shown);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void pathsOfAnyBytesKeepThem() {
        for (String text : new String[] {"a", "/", "../a/./b", "/a//b/", "a%41 ?#", "ä"}) {
            assertThat(RawPath.of(text)).isEqualTo(Path.of(text));
        }
        for (String name : new String[] {"/tmp/\udcff", "../\udcfe%ff", "\udcc3", "./x\udc80/y"}) {
            assertThat(RawPath.bytes(RawPath.of(name))).isEqualTo(RawText.encode(name));
        }
        assertThat(RawPath.of("\udcff")).isNotEqualTo(RawPath.of("\udcfe"));
    }
}
