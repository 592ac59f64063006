package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.blobarena.bench.engine.Engines;
import org.blobarena.bench.engine.Scale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command behind {@code tools/bench/run}. */
@Command(
        name = "tools/bench/run",
        mixinStandardHelpOptions = true,
        description = {
            "Measures BlobArena and its peers, verifies every value, and writes results.jsonl, a table and a chart for"
                    + " each size. What the results hold already stays, unless it is measured again.",
            "With --micro as the first option it runs the JMH benchmarks instead, which get the rest of the command line."
        })
public final class Main implements Callable<Integer> {

    private static final long BYTES_WANTED = 614_400_000;
    private static final int KEYS_MAX = 300_000;
    private static final int KEYS_MIN = 1_000;
    private static final int QUICK_KEYS = 300;
    private static final long QUICK_BYTES_MAX = 16 << 20;
    private static final double SECONDS = 2;
    private static final double QUICK_SECONDS = 0.1;

    @Option(
            names = "--size",
            split = ",",
            defaultValue = "4096",
            description = "Bytes of a blob: 100, 1024, 4096 (the default), 65536, 1048576 or others.")
    private List<Integer> sizes;

    @Option(names = "--only", split = ",", description = "Engines to measure; all by default.")
    private List<String> engines;

    @Option(names = "--cases", split = ",", description = "Workloads to run; all by default.")
    private List<String> workloads;

    @Option(names = "--quick", description = "Some hundred keys: shows that everything works, and measures nothing.")
    private boolean quick;

    @Option(names = "--keys", description = "The number of keys; by default it depends on the size.")
    private int keys;

    @Option(names = "--out", defaultValue = "target/bench", description = "Where the results go.")
    private Path out;

    @Option(
            names = "--data",
            description = "A directory with room for the stores; the one of temporary files by default.")
    private Path data = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--report", description = "Only makes the tables and charts anew.")
    private boolean report;

    /** Ends with status 1 if a case failed. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Files.createDirectories(out);
        Results results = new Results(out.resolve("results.jsonl"));
        boolean succeeded = report || measure(results);
        for (int size : results.sizes()) {
            List<Measurement> measurements = results.ofBlobBytes(size);
            String table = Table.of(measurements);
            System.out.println(table);
            Files.writeString(out.resolve(size + ".md"), table);
            Charts.write(measurements, out.resolve(size + ".svg"));
        }
        return succeeded ? 0 : 1;
    }

    private boolean measure(Results results) throws IOException, InterruptedException {
        boolean succeeded = true;
        Path directory = Files.createTempDirectory(data, "blobarena-bench-");
        try (WarmMemory warm = quick ? null : WarmMemory.open()) {
            CaseRunner runner = new CaseRunner(Path.of(System.getProperty("bench.jvm-options")), warm, !quick);
            for (Case run : cases(directory.resolve("store"))) {
                succeeded &= measure(runner, run, results);
            }
        } finally {
            Files.delete(directory);
        }
        return succeeded;
    }

    private List<Case> cases(Path directory) {
        List<Engines> chosen = engines == null
                ? Engines.available()
                : engines.stream().map(Engines::named).toList();
        List<Workload> run = workloads == null
                ? Arrays.asList(Workload.values())
                : workloads.stream().map(Workload::named).toList();
        List<Case> cases = new ArrayList<>();
        for (int size : sizes) {
            Scale scale = new Scale(keys > 0 ? keys : defaultKeys(size), size);
            for (Engines engine : chosen) {
                for (Workload workload : run) {
                    cases.add(new Case(workload, engine, directory, scale, quick ? QUICK_SECONDS : SECONDS));
                }
            }
        }
        return cases;
    }

    private int defaultKeys(int size) {
        if (quick) {
            return (int) Math.max(4, Math.min(QUICK_KEYS, QUICK_BYTES_MAX / size));
        }
        return (int) Math.max(KEYS_MIN, Math.min(KEYS_MAX, BYTES_WANTED / size));
    }

    private static boolean measure(CaseRunner runner, Case run, Results results)
            throws IOException, InterruptedException {
        String name = run.workload().label() + " of " + run.engine().label();
        long start = System.nanoTime();
        try {
            List<Measurement> measurements = runner.run(run);
            results.add(measurements);
            Measurement any = measurements.get(0);
            System.err.printf(
                    "%s: %.1f s, attempts %d, others %.2f cores%n",
                    name, (System.nanoTime() - start) / 1e9, any.attempts(), any.otherCores());
            return true;
        } catch (IOException e) {
            System.err.println(name + ": " + e.getMessage());
            return false;
        } finally {
            if (!run.workload().leavesFilled()) {
                runner.wipe(run);
            }
        }
    }
}
