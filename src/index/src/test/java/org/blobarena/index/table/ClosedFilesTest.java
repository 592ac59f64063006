package org.blobarena.index.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.blobarena.index.LocationIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which former file a new table takes over, by what the system knows it by. */
class ClosedFilesTest {

    private static final int KEYS = 20_000;

    @TempDir
    Path temporary;

    private final TableIndexFactory factory = new TableIndexFactory();

    @Test
    void fileOfAClosedTableIsTakenOverAndNothingIsInIt() throws IOException {
        Path former = closedTable(KEYS);
        Object id = id(former);
        long bytes = Files.size(former);
        try (LocationIndex index = factory.create(temporary, KEYS)) {
            Path file = only();
            assertThat(id(file)).isEqualTo(id);
            assertThat(file).isNotEqualTo(former);
            assertThat(index.fileBytes()).isEqualTo(bytes);
            assertThat(index.size()).isZero();
            for (int number = 0; number < KEYS; number++) {
                assertThat(index.get(key(number))).isNull();
            }
            for (int number = 0; number < 2 * KEYS; number++) {
                assertThat(index.put(key(number), location(number, 2))).isNull();
            }
            for (int number = 0; number < 2 * KEYS; number++) {
                assertThat(index.get(key(number))).isEqualTo(location(number, 2));
            }
        }
    }

    @Test
    void smallerFileIsTakenOverAndMadeLonger() throws IOException {
        Object id = id(closedTable(10));
        try (LocationIndex index = factory.create(temporary, KEYS)) {
            assertThat(id(only())).isEqualTo(id);
            assertThat(Files.size(only())).isEqualTo(index.fileBytes());
        }
    }

    @Test
    void muchLargerFileIsDeleted() throws IOException {
        Object id = id(closedTable(5 * KEYS));
        factory.create(temporary, 0).close();
        assertThat(id(only())).isNotEqualTo(id);
    }

    /** Whoever has it may be alive. */
    @Test
    void fileThatThisJvmHasNotClosedIsDeleted() throws IOException {
        Path former = closedTable(KEYS);
        Object id = id(former);
        Files.move(former, former.resolveSibling("index-0123456789abcdef.table"));
        factory.create(temporary, KEYS).close();
        assertThat(id(only())).isNotEqualTo(id);
    }

    @Test
    void fileThatIsLinkedToFromElsewhereIsNotWrittenTo() throws IOException {
        Path former = closedTable(KEYS);
        Path link = Files.createLink(temporary.resolve("link"), former);
        byte[] before = Files.readAllBytes(link);
        factory.create(temporary, KEYS).close();
        assertThat(former).doesNotExist();
        assertThat(link).hasBinaryContent(before);
    }

    private Path closedTable(int keys) throws IOException {
        try (LocationIndex index = factory.create(temporary, keys)) {
            for (int number = 0; number < keys; number++) {
                index.put(key(number), location(number, 1));
            }
        }
        return only();
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            List<Path> tables =
                    files.filter(file -> file.toString().endsWith(".table")).toList();
            assertThat(tables).hasSize(1);
            return tables.get(0);
        }
    }

    private static Object id(Path file) throws IOException {
        Object id = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        assumeTrue(id != null, "this system does not tell");
        return id;
    }
}
