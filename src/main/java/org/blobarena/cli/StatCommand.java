package org.blobarena.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreStats;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Shows what a store holds. */
@Command(
        name = "stat",
        description = "Shows what the store holds, and whether it was closed cleanly or recovered at this opening.")
final class StatCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Option(names = "--json", description = "As one line of JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        StoreStats stats;
        try (BlobStore<String> store = main.store().open(main.console())) {
            stats = store.stats();
        }
        Map<String, Object> figures = figures(stats);
        if (json) {
            figures.put("opening", Reports.json(stats.opening()));
            main.console().line(Json.of(figures));
        } else {
            figures.put("opening", Reports.text(stats.opening()));
            for (Map.Entry<String, Object> figure : figures.entrySet()) {
                main.console().line(String.format("%-13s %s", figure.getKey(), figure.getValue()));
            }
        }
        return ExitStatus.DONE;
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
