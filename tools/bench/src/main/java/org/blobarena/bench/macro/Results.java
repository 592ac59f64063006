package org.blobarena.bench.macro;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The lines of a file of measurements. A newer one takes the place of what it measures again. */
final class Results {

    private static final Gson GSON = new GsonBuilder().create();

    private final Path file;
    private final List<Measurement> all = new ArrayList<>();

    Results(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            try (Stream<String> lines = Files.lines(file)) {
                lines.map(line -> GSON.fromJson(line, Measurement.class)).forEach(this::replace);
            }
        }
    }

    private void replace(Measurement measurement) {
        all.removeIf(measurement::sameAs);
        all.add(measurement);
    }

    void add(List<Measurement> measurements) throws IOException {
        for (Measurement measurement : measurements) {
            replace(measurement);
            Files.writeString(
                    file, GSON.toJson(measurement) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    List<Measurement> ofBlobBytes(int blobBytes) {
        return all.stream()
                .filter(measurement -> measurement.blobBytes() == blobBytes)
                .toList();
    }

    List<Integer> sizes() {
        return all.stream().map(Measurement::blobBytes).distinct().sorted().toList();
    }
}
