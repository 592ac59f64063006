package org.blobarena.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.blobarena.arena.internal.io.WholeFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EscapedNameTest {

    @ParameterizedTest
    @CsvSource({
        "'', %",
        "a, a",
        "a/b, a%2Fb",
        "., %2E",
        ".., %2E.",
        "a.b, a.b",
        "%, %25",
        "%-, %25-",
        "https://example.org/, https%3A%2F%2Fexample.org%2F",
        "\udcff, %FF",
        "ä, %C3%A4"
    })
    void keyHasName(String key, String name) throws IOException {
        assertThat(EscapedName.of(Key.of(key))).isEqualTo(name);
        assertThat(EscapedName.key(name)).isEqualTo(Key.of(key));
    }

    @Test
    void everyKeyHasANameOfItsOwnThatAnyDirectoryTakes() throws IOException {
        Random random = new Random(1);
        Set<Key> keys = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(i % 100 == 0 ? 300 : 3)];
            random.nextBytes(bytes);
            Key key = new Key(bytes);
            String name = EscapedName.of(key);
            keys.add(key);
            names.add(name);

            assertThat(name).matches("[A-Za-z0-9._%-]{1,240}").doesNotMatch("\\..*");
            if (!EscapedName.isHashed(name)) {
                assertThat(EscapedName.key(name)).isEqualTo(key);
            }
        }
        assertThat(names).hasSameSizeAs(keys);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "ä", "%2f", "%41", "%4", "%%", ".a", "a%", "%ZZ", ""})
    void nameThatNoKeyHasIsRefused(String name) {
        assertThatThrownBy(() -> EscapedName.key(name)).isInstanceOf(IOException.class);
    }

    @Test
    void keyThatLooksLikeAnUnfinishedFileIsImported() {
        String name = EscapedName.of(Key.of(".blobarena-1.part"));
        assertThat(WholeFile.isPart(RawPath.of(name))).isFalse();
    }
}
