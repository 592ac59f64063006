package org.blobarena.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.blobarena.store.testing.UsualIndex;
import org.junit.jupiter.api.Test;

/** Compares the tables of store-format.md with the constants of the code. */
class FormatSpecTest {

    private static final Path SPECIFICATION = Path.of("store-format.md");
    private static final Pattern HEADING = Pattern.compile("#+ (.*)\\(`(\\w+)`\\)\\s*");
    private static final Pattern ROW = Pattern.compile("\\| *(\\d+) *\\| *(\\d+) *\\|[^|]*\\| *`([^`]+)` *\\|.*");
    private static final String SUFFIX = "_OFFSET";

    /** Sizes of the structures, by heading or class: where a table has to end. */
    private static final Map<String, Integer> SIZES = Map.ofEntries(
            Map.entry("StoreIdentity", StoreIdentity.BYTES),
            Map.entry("ArenaHeader", ArenaHeader.BYTES),
            Map.entry("RecordHeader", RecordHeader.BYTES),
            Map.entry("BlockTable block", BlockTable.ROW_BYTES),
            Map.entry("CompressedTable block", CompressedTable.ROW_BYTES),
            Map.entry("CompressedTable", CompressedTable.END_BYTES),
            Map.entry("IndexBlock", IndexBlock.HEADER_BYTES),
            Map.entry("IndexBlock entry", IndexBlock.ENTRY_BYTES),
            Map.entry("IndexBlock moment", IndexBlock.MOMENT_BYTES),
            Map.entry("Lineage", Lineage.HEADER_BYTES),
            Map.entry("Lineage replaced", Lineage.REPLACED_BYTES),
            Map.entry("ArenaFooter", ArenaFooter.BYTES),
            Map.entry("CleanMark", CleanMark.HEADER_BYTES),
            Map.entry("CleanMark file", CleanMark.FILE_BYTES),
            Map.entry("KeyTable", KeyTable.HEADER_BYTES),
            Map.entry("KeyTable key", KeyTable.ROW_BYTES),
            Map.entry("IndexSeal", 24));

    /** Structures of other packages, whose constants are private there. */
    private static final Map<String, String> ELSEWHERE = Map.of("IndexSeal", "org.blobarena.index.chronicle.IndexSeal");

    private record Row(int offset, int width, String name) {}

    private record Table(String type, String heading, List<Row> rows) {

        /** What the structure is called in {@link #SIZES}. */
        String key() {
            int part = heading.lastIndexOf(" one ");
            return part < 0 ? type : type + " " + heading.substring(part + 5).strip();
        }
    }

    @Test
    void tablesTileTheirStructuresWithoutGapOrOverlap() throws IOException {
        Map<String, Integer> ends = new LinkedHashMap<>();
        for (Table table : tables()) {
            int end = 0;
            for (Row row : table.rows) {
                assertThat(row.offset).as("%s: %s", table.heading, row.name).isEqualTo(end);
                end += row.width;
            }
            ends.put(table.key(), end);
        }
        assertThat(ends).containsExactlyInAnyOrderEntriesOf(SIZES);
    }

    @Test
    void everyConstantHasItsRowAndEveryRowItsConstant() throws IOException {
        UsualIndex.assumeChronicleMap(); // Its seal is among them.
        Map<String, Map<String, Integer>> rows = new LinkedHashMap<>();
        Set<String> names = new HashSet<>();
        for (Table table : tables()) {
            for (Row row : table.rows) {
                assertThat(names.add(table.type + " " + row.name))
                        .as("%s twice in %s", row.name, table.type)
                        .isTrue();
                rows.computeIfAbsent(table.type, type -> new LinkedHashMap<>()).put(constant(row.name), row.offset);
            }
        }
        for (Map.Entry<String, Map<String, Integer>> structure : rows.entrySet()) {
            assertThat(constants(structure.getKey()))
                    .as(structure.getKey())
                    .containsExactlyInAnyOrderEntriesOf(structure.getValue());
        }
    }

    @Test
    void everyStructureOfThisPackageHasATable() throws IOException {
        Set<String> described = tables().stream().map(Table::type).collect(Collectors.toSet());
        try (Stream<Path> sources = Files.list(Path.of("src/store/src/main/java/org/blobarena/format"))) {
            Set<String> structures = sources.map(path -> path.getFileName().toString())
                    .filter(name -> !name.contains("-"))
                    .map(name -> name.substring(0, name.indexOf('.')))
                    .filter(name -> !name.equals("Fixed") && !constants(name).isEmpty())
                    .collect(Collectors.toSet());
            structures.addAll(ELSEWHERE.keySet());
            assertThat(described).isEqualTo(structures);
        }
    }

    private static String constant(String name) {
        return name.toUpperCase(Locale.ROOT).replace(' ', '_') + SUFFIX;
    }

    private static Map<String, Integer> constants(String type) {
        Map<String, Integer> constants = new LinkedHashMap<>();
        try {
            String name = ELSEWHERE.getOrDefault(type, "org.blobarena.format." + type);
            for (Field field : Class.forName(name).getDeclaredFields()) {
                if (field.getName().endsWith(SUFFIX) && field.getType() == int.class) {
                    field.setAccessible(true);
                    constants.put(field.getName(), field.getInt(null));
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(type, e);
        }
        return constants;
    }

    /** The tables of this package's structures: those of other packages have no constants to compare. */
    private static List<Table> tables() throws IOException {
        List<Table> tables = new ArrayList<>();
        Table table = null;
        for (String line : Files.readAllLines(SPECIFICATION)) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                table = new Table(heading.group(2), heading.group(1).strip(), new ArrayList<>());
                if (!table.type.equals("Location")) {
                    tables.add(table);
                }
            } else if (line.startsWith("#")) {
                table = null;
            } else if (table != null && row.matches()) {
                table.rows.add(new Row(Integer.parseInt(row.group(1)), Integer.parseInt(row.group(2)), row.group(3)));
            }
        }
        assertThat(tables).isNotEmpty();
        return tables;
    }
}
