package org.blobarena.bench.macro;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.blobarena.bench.engine.Engines;

/** The measurements of one size as a table of Markdown: a row for each measure, a column for each engine. */
final class Table {

    private static final String DISTURBED = " ~";

    private Table() {}

    static String of(List<Measurement> measurements) {
        List<String> engines = Arrays.stream(Engines.values())
                .map(Engines::label)
                .filter(label -> measurements.stream()
                        .anyMatch(measurement -> measurement.engine().equals(label)))
                .toList();
        StringBuilder table = new StringBuilder();
        table.append(heading(measurements.get(0))).append("\n\n");
        append(table, "", engines);
        append(table, "---", engines.stream().map(engine -> "---").toList());
        append(
                table,
                "a put that returned is",
                engines.stream()
                        .map(label -> Engines.named(label).durability().name().toLowerCase(Locale.ROOT))
                        .toList());
        for (Measure measure : Measure.values()) {
            List<Measurement> row = measurements.stream()
                    .filter(measurement -> measurement.measure() == measure)
                    .toList();
            if (!row.isEmpty()) {
                append(
                        table,
                        measure.label() + ", " + measure.unit(),
                        engines.stream().map(engine -> cell(row, engine)).toList());
            }
        }
        table.append("\n").append("`~`: other processes took more than a tenth of a core, in each attempt.\n");
        return table.toString();
    }

    static String heading(Measurement any) {
        return String.format(
                Locale.ROOT,
                "%,d blobs of %s, %s, %s, %s",
                any.keys(),
                bytes(any.blobBytes()),
                any.jdk(),
                any.machine(),
                any.date());
    }

    static String bytes(int bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
    }

    private static void append(StringBuilder table, String first, List<String> rest) {
        List<String> cells = new ArrayList<>(List.of(first));
        cells.addAll(rest);
        table.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    private static String cell(List<Measurement> row, String engine) {
        return row.stream()
                .filter(measurement -> measurement.engine().equals(engine))
                .findFirst()
                .map(measurement -> measurement.value() == null ? "refused" : figure(measurement))
                .orElse("");
    }

    /** With a mark if it was disturbed. */
    static String figure(Measurement measurement) {
        return number(measurement.value()) + (measurement.quiet() ? "" : DISTURBED);
    }

    /** Three digits, or all of a whole number. */
    private static String number(double value) {
        if (value >= 100 || value == 0) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    }
}
