package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.blobarena.bench.engine.Engines;
import org.blobarena.bench.engine.Scale;

/** The program that runs one case, in a JVM of its own, and prints a line for each measurement. */
public final class CaseMain {

    /** The first words of what is printed. */
    static final String MEASURED = "measured";

    static final String VERIFIED = "verified";
    static final String REFUSED = "refused";
    static final String FILLED = "filled";

    /** In the place of a workload: fills a store, says so and waits to be killed. */
    static final String FILL_TO_BE_KILLED = "fill-to-be-killed";

    private CaseMain() {}

    /** The command line that {@link #main} understands. */
    static List<String> arguments(Case run, String workload) {
        return List.of(
                CaseMain.class.getName(),
                workload,
                run.engine().label(),
                run.directory().toString(),
                String.valueOf(run.scale().keys()),
                String.valueOf(run.scale().blobBytes()),
                String.valueOf(run.seconds()));
    }

    /**
     * Runs a case.
     *
     * @param arguments a workload, an engine, a directory, keys, bytes of a blob, seconds
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        boolean toBeKilled = arguments[0].equals(FILL_TO_BE_KILLED);
        Case run = new Case(
                toBeKilled ? Workload.KILL : Workload.named(arguments[0]),
                Engines.named(arguments[1]),
                Path.of(arguments[2]),
                new Scale(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4])),
                Double.parseDouble(arguments[5]));
        if (toBeKilled) {
            WriteCases.fillToBeKilled(run);
            return;
        }
        switch (run.workload()) {
            case FILL -> WriteCases.fill(run);
            case FILL2 -> WriteCases.fillByTwo(run);
            case DELETE -> WriteCases.delete(run);
            case CHURN -> ChurnCase.run(run);
            case GET -> ReadCases.hot(run);
            case COLD -> ReadCases.cold(run);
            case KILL -> KillCase.run(run);
        }
        // Some engines leave threads behind that would keep the JVM.
        System.exit(0);
    }

    static void measured(Measure measure, double value) {
        System.out.println(String.format(Locale.ROOT, "%s %s %.3f", MEASURED, measure.name(), value));
    }

    /** Says how many blobs were compared byte by byte. */
    static void verified(long blobs) {
        System.out.println(VERIFIED + " " + blobs);
    }

    static void refused(String message) {
        System.out.println(REFUSED + " " + message.lines().findFirst().orElse(""));
    }
}
