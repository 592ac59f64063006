package org.blobarena.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Json;
import org.blobarena.cli.text.Shown;
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
        RepairReport report = main.store().repair(console);
        if (json) {
            console.line(Json.of(Repairs.json(report)));
        } else {
            for (String line : Repairs.text(report)) {
                console.line(Shown.message(line));
            }
        }
        if (report.isLossless()) {
            return ExitStatus.DONE;
        }
        main.complain(main.store().directory(console) + ": " + report.losses().size() + " losses");
        return ExitStatus.NEGATIVE;
    }
}
