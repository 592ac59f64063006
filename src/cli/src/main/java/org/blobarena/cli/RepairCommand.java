package org.blobarena.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Json;
import org.blobarena.cli.text.Shown;
import org.blobarena.content.ContentRepairReport;
import org.blobarena.store.api.RepairReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Takes damage out of a store. */
@Command(
        name = "repair",
        description =
                "Copies what can be read of damaged files into new ones, sets the damaged files aside under the name "
                        + "NUMBER.damaged in the store's directory, and lists what is lost. Exit status 1 if anything is.")
final class RepairCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Option(names = "--json", description = "As one line of JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        ContentRepairReport ofContents = main.store().repairContents(console);
        if (ofContents == null) {
            RepairReport report = main.store().repair(console);
            show(Repairs.text(report), Repairs.json(report));
            return status(report.isLossless(), report.losses().size());
        }
        show(Repairs.text(ofContents), Repairs.json(ofContents));
        return status(ofContents.isLossless(), Repairs.lossCount(ofContents));
    }

    private void show(List<String> lines, Map<String, Object> figures) throws IOException {
        if (json) {
            main.console().line(Json.of(figures));
            return;
        }
        for (String line : lines) {
            main.console().line(Shown.message(line));
        }
    }

    private int status(boolean lossless, long losses) {
        if (lossless) {
            return ExitStatus.DONE;
        }
        main.complain(main.store().directory(main.console()) + ": " + losses + " losses");
        return ExitStatus.NEGATIVE;
    }
}
