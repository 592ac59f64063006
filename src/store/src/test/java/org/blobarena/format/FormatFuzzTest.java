package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the fuzzer has found, and that its target does not refuse everything. */
class FormatFuzzTest {

    static List<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/store/src/test/resources/fuzz/FormatFuzz"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void inputThatWasOnceTakenForAStructureIsRefused(Path input) throws IOException {
        assertThat(FormatFuzz.check(Files.readAllBytes(input))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 62, 63})
    void structureThatIsRightIsAccepted(int structure) {
        assertThat(FormatFuzz.check(new byte[] {(byte) (0x40 | structure)})).isTrue();
        assertThat(FormatFuzz.check(new byte[] {(byte) (0xc0 | structure)})).isTrue();
    }
}
