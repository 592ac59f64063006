package org.blobarena.cli.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.blobarena.cli.text.Key;
import org.junit.jupiter.api.Test;

class SortedKeysTest {

    @Test
    void keysComeInTheOrderOfTheirBytesWhateverFitsInMemory() throws IOException {
        Random random = new Random(1);
        List<Key> keys = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            keys.add(new Key(bytes));
        }
        for (long bytesMax : new long[] {1, 10_000, Long.MAX_VALUE}) {
            List<Key> sorted = new ArrayList<>();
            try (SortedKeys runs = new SortedKeys(bytesMax)) {
                // One run for each key takes a reader each.
                for (Key key : bytesMax == 1 ? keys.subList(0, 50) : keys) {
                    runs.add(key);
                }
                runs.forEach(sorted::add);
            }

            List<Key> expected = new ArrayList<>(bytesMax == 1 ? keys.subList(0, 50) : keys);
            Collections.sort(expected);
            assertThat(sorted).isEqualTo(expected);
        }
    }

    @Test
    void bytesAreUnsigned() {
        assertThat(Key.of("\udcff")).isGreaterThan(Key.of("a"));
        assertThat(Key.of("a")).isLessThan(Key.of("a/b"));
    }
}
