package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.blobarena.spec.SpecComparison;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small stores that are damaged in one place or two, each with the verdict of store-format.md beside it: the places that
 * are damage, the bytes that are torn, and what each key has.
 */
class DamagedFixtureTest {

    static List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(DamagedStores.FIXTURES)) {
            return entries.filter(Files::isDirectory)
                    .map(directory -> directory.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void verdictIsThatOfTheLibraryAndOfTheReaderByThePage(String name) throws IOException {
        Map<String, byte[]> files = TestStores.files(DamagedStores.FIXTURES.resolve(name));
        String verdict = Files.readString(DamagedStores.FIXTURES.resolve(name + ".txt"));
        Set<String> keys = Set.copyOf(DamagedStores.KEYS);

        assertThat(DamagedStores.verdict(SpecComparison.bySpecification(files, keys)))
                .isEqualTo(verdict);
        assertThat(DamagedStores.verdict(SpecComparison.byLibrary(files, keys))).isEqualTo(verdict);
    }

    @Test
    void fixturesAreWhatTheirRecipesMake() throws IOException {
        Map<String, Map<String, byte[]>> made = DamagedStores.make();

        assertThat(names()).containsExactlyInAnyOrderElementsOf(made.keySet());
        for (Map.Entry<String, Map<String, byte[]>> fixture : made.entrySet()) {
            Map<String, byte[]> committed = TestStores.files(DamagedStores.FIXTURES.resolve(fixture.getKey()));
            assertThat(committed)
                    .as(fixture.getKey())
                    .containsOnlyKeys(fixture.getValue().keySet());
            committed.forEach((name, bytes) -> assertThat(bytes)
                    .as(fixture.getKey() + " " + name)
                    .isEqualTo(fixture.getValue().get(name)));
        }
    }
}
