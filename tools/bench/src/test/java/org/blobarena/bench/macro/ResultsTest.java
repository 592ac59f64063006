package org.blobarena.bench.macro;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.bench.engine.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of measurements: lines, a table and a chart. */
class ResultsTest {

    @TempDir
    private Path directory;

    private static Measurement measurement(String engine, Measure measure, Double value, boolean quiet) {
        return new Measurement(
                engine,
                Durability.WRITTEN,
                4096,
                10,
                "fill",
                measure,
                measure.label(),
                measure.unit(),
                value,
                "",
                10,
                quiet,
                0,
                1,
                "a machine",
                "JDK 17",
                "2026-11-01");
    }

    @Test
    void aLaterMeasurementTakesThePlaceOfAnEarlierOne() throws IOException {
        Path file = directory.resolve("results.jsonl");
        new Results(file).add(List.of(measurement("lmdb", Measure.FILL, 1.0, true)));
        new Results(file)
                .add(List.of(
                        measurement("lmdb", Measure.FILL, 2.0, true), measurement("raw", Measure.FILL, 3.0, true)));
        assertThat(new Results(file).ofBlobBytes(4096))
                .extracting(Measurement::value)
                .containsExactly(2.0, 3.0);
        assertThat(new Results(file).ofBlobBytes(100)).isEmpty();
        assertThat(Files.readAllLines(file)).hasSize(3);
    }

    @Test
    void theTableSaysWhatWasDisturbedAndWhatWasRefused() {
        String table = Table.of(List.of(
                measurement("raw", Measure.FILL, 1234.4, true),
                measurement("lmdb", Measure.FILL, 5.678, false),
                measurement("mapdb", Measure.FILL, null, true)));
        assertThat(table.lines())
                .contains("| fill from empty, puts/s | 1,234 | 5.68 ~ | refused |", "|  | raw | lmdb | mapdb |");
    }

    @Test
    void theChartNamesEveryEngineThatHasAFigure() throws IOException {
        Path chart = directory.resolve("chart.svg");
        Charts.write(
                List.of(
                        measurement("raw", Measure.FILL, 1234.4, true),
                        measurement("lmdb", Measure.GET, 5.678, true),
                        measurement("mapdb", Measure.KILL, null, true)),
                chart);
        assertThat(Files.readString(chart))
                .contains("raw", "1,234", "lmdb", "5.68", "a machine", "2026-11-01")
                .doesNotContain("mapdb");
    }
}
