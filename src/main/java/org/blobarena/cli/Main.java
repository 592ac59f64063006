package org.blobarena.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
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
            "3:input or output failed; the store is locked, damaged, missing or of a newer format"
        },
        subcommands = {
            ImportCommand.class,
            ExportCommand.class,
            PutCommand.class,
            GetCommand.class,
            RemoveCommand.class,
            ListCommand.class,
            ContainsCommand.class,
            StatCommand.class,
            VerifyCommand.class,
            RepairCommand.class,
            CompactCommand.class,
            SnapshotCommand.class,
            DemoCommand.class
        })
public final class Main {

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
        // Not System.out: it has the encoding of the platform, and keeps failures to itself.
        Console console = new Console(
                System.in,
                new FileOutputStream(FileDescriptor.out),
                System.err,
                System.getenv(),
                Boolean.getBoolean("org.blobarena.cli.terminal"));
        System.exit(execute(console, args));
    }

    /** Runs one command and returns its status. */
    static int execute(Console console, String... args) {
        Main main = new Main(console);
        CommandLine commandLine = new CommandLine(main)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(console.err())
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((problem, ignored) -> main.reportUsage(problem))
                .setExecutionExceptionHandler((problem, command, ignored) -> main.report(problem));
        try {
            int status = commandLine.execute(args);
            if (status != ExitStatus.FAILURE) {
                console.flush();
            }
            return status;
        } catch (IOException | OutOfMemoryError e) {
            return main.report(e);
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
        console.err().println("blobarena: " + Failures.onOneLine(problem));
    }

    /** Says that keys are absent, and returns the status for that. */
    int complainOfAbsence(String keys) {
        complain(store.directory(console) + ": no such key: " + keys);
        return ExitStatus.NEGATIVE;
    }

    private int report(Throwable problem) {
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
