package org.blobarena.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.process.Leftovers;
import org.blobarena.cli.process.ProcessText;
import org.blobarena.cli.process.StandardStreams;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.RawPath;
import org.blobarena.cli.text.RawText;
import org.blobarena.cli.text.Shown;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The root command: finds the command to run, and turns what goes wrong into a line and an exit status. */
@Command(
        name = "blobarena",
        description = "Keeps blobs by key, in append-only arena files.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:the key is absent, verify found damage, or repair lost something",
            "2:wrong usage",
            "3:input or output failed; files or keys were passed over by import, export, cp or sync; the store is locked, "
                    + "damaged, missing or of a newer format",
            "128+N:ended by signal N, as 130 by Ctrl-C and 143 by SIGTERM"
        },
        subcommands = {
            ImportCommand.class,
            ExportCommand.class,
            PutCommand.class,
            GetCommand.class,
            RemoveCommand.class,
            CopyCommand.class,
            SyncCommand.class,
            ListCommand.class,
            ContainsCommand.class,
            StatCommand.class,
            DiskUsageCommand.class,
            VerifyCommand.class,
            RepairCommand.class,
            CompactCommand.class,
            SnapshotCommand.class,
            RestoreCommand.class,
            DemoCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Main {

    /** They tell of the index, which a command says itself when it is asked. */
    private static final List<String> QUIET_LOGGERS = List.of(
            "net.openhft", "org.blobarena.store.IndexKind", "org.blobarena.store.internal.recovery.IndexChoice");

    private final Console console;

    @Mixin
    private StoreOption store;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "When something fails, print where in the program it did.")
    private boolean stacktrace;

    private Main(Console console) {
        this.console = console;
    }

    /**
     * Runs one command and exits with its status.
     *
     * @param args the command and its arguments
     */
    public static void main(String[] args) {
        quietenLibraries();
        Console console = StandardStreams.console();
        String[] exact;
        try {
            exact = ProcessText.arguments(args);
        } catch (IllegalArgumentException e) {
            console.err().println(line(Failures.describe(e)));
            System.exit(ExitStatus.USAGE);
            return;
        }
        System.exit(execute(console, exact));
    }

    /** What libraries tell at every start is of no use to a person at a terminal. */
    static void quietenLibraries() {
        for (String logger : QUIET_LOGGERS) {
            System.getProperties().putIfAbsent("org.slf4j.simpleLogger.log." + logger, "warn");
        }
    }

    /**
     * Runs one command and returns its status.
     *
     * @param args as {@link RawText}
     */
    static int execute(Console console, String... args) {
        Main main = new Main(console);
        CommandLine commandLine = new CommandLine(main)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(console.err())
                .registerConverter(Key.class, new Key.Converter())
                .registerConverter(Path.class, new RawPath.Converter())
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((problem, ignored) -> main.reportUsage(problem))
                .setExecutionExceptionHandler((problem, command, ignored) -> main.report(problem));
        int status;
        try {
            status = commandLine.execute(args);
        } catch (RuntimeException | Error e) {
            status = main.report(e);
        }
        try {
            console.flush();
            return status;
        } catch (IOException | Error e) {
            // One line is enough for what has failed already.
            return status == ExitStatus.FAILURE ? status : main.report(e);
        }
    }

    Console console() {
        return console;
    }

    StoreOption store() {
        return store;
    }

    /** Says on the error stream that a command did not do what it was asked to. */
    void complain(String problem) {
        console.err().println(line(problem));
    }

    private static String line(String problem) {
        return "blobarena: " + Shown.message(problem);
    }

    /** Says that keys are absent, and returns the status for that. */
    int complainOfAbsence(List<Key> keys) {
        complain(Shown.of(store.directory(console)) + ": no such key: "
                + keys.stream().map(Shown::shortly).collect(Collectors.joining(", ")));
        return ExitStatus.NEGATIVE;
    }

    private int report(Throwable problem) {
        Leftovers.stopIfEnding(); // What fails because the process ends is not worth a word.
        complain(Failures.describe(problem));
        if (stacktrace) {
            problem.printStackTrace(console.err());
        }
        return ExitStatus.FAILURE;
    }

    private int reportUsage(ParameterException problem) {
        String command = problem.getCommandLine().getCommandSpec().qualifiedName();
        complain(problem.getMessage() + " (see " + command + " --help)");
        return ExitStatus.USAGE;
    }

    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"blobarena " + Objects.requireNonNullElse(version, "(not packaged)")};
        }
    }
}
