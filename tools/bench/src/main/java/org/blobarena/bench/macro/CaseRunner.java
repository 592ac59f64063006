package org.blobarena.bench.macro;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.bench.macro.Workload.Found;

/** Runs cases one after the other, each in a JVM of its own, and again while others took the processor. For one thread. */
final class CaseRunner {

    private static final int ATTEMPTS_MAX = 2;
    private static final double QUIET_CORES_MAX = 0.10;
    private static final long WARM_FACTOR = 3;
    private static final long WARM_BYTES_MAX = 4L << 30;
    private static final long CASE_MINUTES_MAX = 5;

    private final Path jvmOptions;
    private final WarmMemory warm;
    private final int attemptsMax;
    /** The case whose files are in the directory as after a fill, or null. */
    private Case filled;

    /**
     * @param warm null to hold none
     * @param repeat whether to repeat a case that was disturbed
     */
    CaseRunner(Path jvmOptions, WarmMemory warm, boolean repeat) {
        this.jvmOptions = jvmOptions;
        this.warm = warm;
        attemptsMax = repeat ? ATTEMPTS_MAX : 1;
    }

    /** What the JVM of a case has printed. */
    private static final class Output {

        private final List<String> measured = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private long verified;
        private String refused = "";

        void add(String line) {
            lines.add(line);
            String rest = line.substring(line.indexOf(' ') + 1);
            if (line.startsWith(CaseMain.MEASURED + " ")) {
                measured.add(rest);
            } else if (line.startsWith(CaseMain.VERIFIED + " ")) {
                verified += Long.parseLong(rest);
            } else if (line.startsWith(CaseMain.REFUSED + " ")) {
                refused = rest;
            }
        }
    }

    /**
     * Runs a case until nobody disturbs it.
     *
     * @return the measurements of the attempt that was disturbed least
     * @throws IOException if the case fails, with what it printed
     */
    List<Measurement> run(Case run) throws IOException, InterruptedException {
        Output best = null;
        double bestOthers = Double.MAX_VALUE;
        int attempts = 0;
        while (attempts < attemptsMax && bestOthers > QUIET_CORES_MAX) {
            prepare(run);
            attempts++;
            ProcessorLoad before = ProcessorLoad.now();
            Output output = start(run, run.workload().label(), process -> {});
            double others = ProcessorLoad.now().otherCoresSince(before);
            if (others < bestOthers) {
                best = output;
                bestOthers = others;
            }
            filled = run.workload().leavesFilled() ? run : null;
        }
        return measurements(run, best, bestOthers, attempts);
    }

    /** Makes the directory what the workload expects, and releases the memory that was held. */
    private void prepare(Case run) throws IOException, InterruptedException {
        Found found = run.workload().found();
        boolean there = found == Found.FILLED
                && filled != null
                && filled.directory().equals(run.directory())
                && filled.scale().equals(run.scale());
        if (!there) {
            wipe(run);
            hold(run);
            if (found == Found.FILLED) {
                start(run, Workload.FILL.label(), process -> {});
                filled = run;
            } else if (found == Found.KILLED) {
                // Not by Process.destroyForcibly, which closes what is still to be read.
                start(
                        run,
                        CaseMain.FILL_TO_BE_KILLED,
                        process -> process.toHandle().destroyForcibly());
            }
        }
    }

    private void hold(Case run) throws IOException {
        if (warm != null) {
            warm.hold(Math.min(WARM_BYTES_MAX, WARM_FACTOR * run.scale().liveBytes()));
            warm.release();
        }
    }

    void wipe(Case run) throws IOException {
        filled = null;
        if (Files.exists(run.directory())) {
            PathUtils.delete(run.directory());
        }
    }

    private Output start(Case run, String workload, Consumer<Process> onFilled)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + jvmOptions,
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(CaseMain.arguments(run, workload));
        File errors = File.createTempFile("case-", ".err");
        try {
            Process process = new ProcessBuilder(command).redirectError(errors).start();
            Thread onExit = new Thread(process::destroyForcibly);
            Runtime.getRuntime().addShutdownHook(onExit);
            Output output = new Output();
            boolean killed = false;
            try (BufferedReader reader = process.inputReader()) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    output.add(line);
                    if (line.equals(CaseMain.FILLED)) {
                        onFilled.accept(process);
                        killed = true;
                    }
                }
            }
            if (!process.waitFor(CASE_MINUTES_MAX, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(workload + " of " + run.engine().label() + " does not end");
            }
            Runtime.getRuntime().removeShutdownHook(onExit);
            if (process.exitValue() != 0 && !killed) {
                throw new IOException(workload + " of " + run.engine().label() + " failed: "
                        + String.join("\n", output.lines) + "\n" + Files.readString(errors.toPath()));
            }
            return output;
        } finally {
            Files.delete(errors.toPath());
        }
    }

    private static List<Measurement> measurements(Case run, Output output, double others, int attempts)
            throws IOException {
        List<Measurement> measurements = new ArrayList<>();
        for (Measure measure : run.workload().measures()) {
            String found = output.measured.stream()
                    .filter(line -> line.startsWith(measure.name() + " "))
                    .findFirst()
                    .orElse("");
            if (found.isEmpty() && output.refused.isEmpty()) {
                throw new IOException(run.workload().label() + " of "
                        + run.engine().label() + " did not measure " + measure + ": " + output.lines);
            }
            Double value = found.isEmpty() ? null : Double.valueOf(found.substring(found.indexOf(' ') + 1));
            if (value != null && output.verified == 0) {
                throw new IOException(
                        run.workload().label() + " of " + run.engine().label() + " verified nothing");
            }
            measurements.add(new Measurement(
                    run.engine().label(),
                    run.engine().durability(),
                    run.scale().blobBytes(),
                    run.scale().keys(),
                    run.workload().label(),
                    measure,
                    measure.label(),
                    measure.unit(),
                    value,
                    output.refused,
                    output.verified,
                    others <= QUIET_CORES_MAX,
                    Math.round(others * 100) / 100.0,
                    attempts,
                    Machine.describe(),
                    Machine.jdk(),
                    LocalDate.now().toString()));
        }
        return measurements;
    }
}
