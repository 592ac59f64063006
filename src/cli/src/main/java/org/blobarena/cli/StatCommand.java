package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Json;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.KeyOption;
import org.blobarena.cli.text.Reports;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreStats;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows what a store holds, or how one blob is stored. */
@Command(
        name = "stat",
        description = {
            "Shows what the store holds, and whether it was closed cleanly or recovered at this opening. Exit status 0 "
                    + "also where there is damage: that is for verify to say.",
            "Of a store that keeps the same content once, the figures of its names and of its contents.",
            "With KEY, shows where the record of its blob lies and how long it is. The exit status is 1 if the key is absent."
        })
final class StatCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Main main;

    @Mixin
    private KeyOption keys;

    @Parameters(paramLabel = "KEY", arity = "0..1", description = "The key; the whole store when not given.")
    private @Nullable Key key;

    @Option(names = "--json", description = "As one line of JSON.")
    private boolean json;

    @Option(names = "--files", description = "Also of each arena file: its bytes, live bytes, dead bytes, tombstones.")
    private boolean files;

    @Override
    public Integer call() throws IOException {
        if (key == null) {
            return showStore();
        }
        if (files) {
            throw new ParameterException(spec.commandLine(), "--files is about the store and not about a key");
        }
        return showRecord(key);
    }

    private int showRecord(Key ofBlob) throws IOException {
        Key typed = keys.key(ofBlob);
        RecordInfo record;
        try (ReadableBlobs blobs = main.store().openToRead(main.console())) {
            record = blobs.describe(typed);
        }
        if (record == null) {
            return main.complainOfAbsence(List.of(ofBlob));
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("file", (json ? record.file() : record.file().getFileName()).toString());
        figures.put("offset", record.offset());
        figures.put("recordBytes", record.recordBytes());
        figures.put("keyBytes", record.keyBytes());
        figures.put("blobBytes", record.blobBytes());
        figures.put("compressed", record.compressed());
        figures.put("sequence", record.sequence());
        if (!record.expiry().isNever()) {
            figures.put(
                    "expires",
                    Instant.ofEpochMilli(record.expiry().millisFrom(InstantSource.system()))
                            .toString());
        }
        if (json) {
            main.console().line(Json.of(figures));
        } else {
            print(figures);
        }
        return ExitStatus.DONE;
    }

    private void print(Map<String, Object> figures) throws IOException {
        for (Map.Entry<String, Object> figure : figures.entrySet()) {
            main.console().line(String.format("%-13s %s", figure.getKey(), figure.getValue()));
        }
    }

    private int showStore() throws IOException {
        Map<String, StoreStats> stats;
        List<FileStats> fileStats;
        try (ReadableBlobs blobs = main.store().openToRead(main.console())) {
            stats = blobs.stats();
            fileStats = files ? blobs.fileStats() : List.of();
        }
        if (json) {
            Map<String, Object> figures = new LinkedHashMap<>();
            for (Map.Entry<String, StoreStats> part : stats.entrySet()) {
                Map<String, Object> ofPart = figures(part.getValue());
                ofPart.put("opening", Reports.json(part.getValue().opening()));
                if (part.getKey().isEmpty()) {
                    figures.putAll(ofPart);
                } else {
                    figures.put(part.getKey(), ofPart);
                }
            }
            if (files) {
                figures.put("files", fileStats.stream().map(StatCommand::json).toList());
            }
            main.console().line(Json.of(figures));
            return ExitStatus.DONE;
        }
        for (Map.Entry<String, StoreStats> part : stats.entrySet()) {
            Map<String, Object> figures = figures(part.getValue());
            figures.put("opening", Reports.text(part.getValue().opening()));
            if (!part.getKey().isEmpty()) {
                main.console().line(part.getKey() + ":");
            }
            print(figures);
        }
        for (FileStats file : fileStats) {
            main.console()
                    .line(String.format(
                            "%s  %s  %d bytes  %d live  %d dead  %d tombstones",
                            shown(file.file(), stats.size()),
                            file.sealed() ? "sealed" : "active",
                            file.bytes(),
                            file.liveBytes(),
                            file.deadBytes(),
                            file.tombstones()));
        }
        return ExitStatus.DONE;
    }

    /** With the directory, where there are several stores. */
    private static Path shown(Path file, int stores) {
        int parts = file.getNameCount();
        return file.subpath(Math.max(0, parts - (stores > 1 ? 2 : 1)), parts);
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
        figures.put("expiredBytes", stats.expiredBytes());
        figures.put("arenaFiles", stats.arenaFiles());
        figures.put("arenaBytes", stats.arenaBytes());
        figures.put("indexBytes", stats.indexBytes());
        figures.put("index", stats.indexKind());
        figures.put("formatVersion", stats.formatVersion());
        return figures;
    }
}
