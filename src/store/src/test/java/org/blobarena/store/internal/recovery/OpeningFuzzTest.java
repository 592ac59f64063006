package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the fuzzer has found, and that its target opens the stores that it begins with. */
class OpeningFuzzTest {

    private static final byte CHANGE_NO_INDEX = 0;
    private static final byte MEND_NOTHING = 0;
    private static final byte REMOVE = 9;

    static List<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/store/src/test/resources/fuzz/OpeningFuzz"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void inputThatOnceFailedIsHarmless(Path input) throws IOException {
        assertThat(OpeningFuzz.check(Files.readAllBytes(input))).isTrue();
    }

    @Test
    void storesWithoutChangesAreOpened() throws IOException {
        for (byte flags = 0; flags < 4; flags++) {
            assertThat(OpeningFuzz.check(new byte[] {flags})).isTrue();
        }
    }

    @Test
    void storeWithoutItsIdentityIsRefused() throws IOException {
        byte[] removal = {0, CHANGE_NO_INDEX, MEND_NOTHING, REMOVE, 4};
        assertThat(OpeningFuzz.check(removal)).isFalse();
    }
}
