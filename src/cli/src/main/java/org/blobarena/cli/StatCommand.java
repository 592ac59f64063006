package org.blobarena.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Json;
import org.blobarena.cli.text.Key;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.StoreStats;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Shows what a store holds. */
@Command(
        name = "stat",
        description =
                "Shows what the store holds, and whether it was closed cleanly or recovered at this opening. Exit status 0 "
                        + "also where there is damage: that is for verify to say.")
final class StatCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Option(names = "--json", description = "As one line of JSON.")
    private boolean json;

    @Option(names = "--files", description = "Also of each arena file: its bytes, live bytes, dead bytes, tombstones.")
    private boolean files;

    @Override
    public Integer call() throws IOException {
        StoreStats stats;
        List<FileStats> fileStats;
        try (BlobStore<Key> store = main.store().open(main.console())) {
            stats = store.stats();
            fileStats = files ? store.fileStats() : List.of();
        }
        Map<String, Object> figures = figures(stats);
        if (json) {
            figures.put("opening", Reports.json(stats.opening()));
            if (files) {
                figures.put("files", fileStats.stream().map(StatCommand::json).toList());
            }
            main.console().line(Json.of(figures));
        } else {
            figures.put("opening", Reports.text(stats.opening()));
            for (Map.Entry<String, Object> figure : figures.entrySet()) {
                main.console().line(String.format("%-13s %s", figure.getKey(), figure.getValue()));
            }
            for (FileStats file : fileStats) {
                main.console()
                        .line(String.format(
                                "%s  %s  %d bytes  %d live  %d dead  %d tombstones",
                                file.file().getFileName(),
                                file.sealed() ? "sealed" : "active",
                                file.bytes(),
                                file.liveBytes(),
                                file.deadBytes(),
                                file.tombstones()));
            }
        }
        return ExitStatus.DONE;
    }

    private static Map<String, Object> json(FileStats file) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", file.file().toString());
        json.put("sealed", file.sealed());
        json.put("bytes", file.bytes());
        json.put("liveBytes", file.liveBytes());
        json.put("deadBytes", file.deadBytes());
        json.put("tombstones", file.tombstones());
        return json;
    }

    private static Map<String, Object> figures(StoreStats stats) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("keys", stats.keys());
        figures.put("liveBytes", stats.liveBytes());
        figures.put("deadBytes", stats.deadBytes());
        figures.put("arenaFiles", stats.arenaFiles());
        figures.put("arenaBytes", stats.arenaBytes());
        figures.put("indexBytes", stats.indexBytes());
        figures.put("formatVersion", stats.formatVersion());
        return figures;
    }
}
