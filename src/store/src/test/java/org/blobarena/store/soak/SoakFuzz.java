package org.blobarena.store.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.format.FormatFuzz;
import org.blobarena.index.chronicle.map.IndexFuzz;
import org.blobarena.store.internal.recovery.OpeningFuzz;

/**
 * Jazzer, a coverage-guided fuzzer, on each of the targets in turn, in a process of its own. It begins with the inputs
 * that reached something new in earlier runs, and those of the regression tests.
 */
final class SoakFuzz {

    private static final Path ROOT = Path.of(System.getProperty("blobarena.soak.root", ""));

    /** Since it runs a thousand times as often in a second. */
    private static final int SHARE_OF_FORMAT = 6;

    /** No input gets longer than the longest that the fuzzer begins with. */
    private static final int INPUT_BYTES_MAX = 256;

    private final Path work;
    private final long seed;

    SoakFuzz(Path work, long seed) {
        this.work = work;
        this.seed = seed;
    }

    boolean run(long seconds) throws IOException, InterruptedException {
        long format = Math.max(1, seconds / SHARE_OF_FORMAT);
        boolean formatIsGood = run(FormatFuzz.class, "store", format);
        boolean indexIsGood = run(IndexFuzz.class, "index-chronicle", format);
        return run(OpeningFuzz.class, "store", Math.max(1, seconds - 2 * format)) && indexIsGood && formatIsGood;
    }

    private boolean run(Class<?> target, String module, long seconds) throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(ROOT.resolve("target/fuzz").resolve(target.getSimpleName()));
        Files.write(corpus.resolve("longest"), new byte[INPUT_BYTES_MAX]);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags());
        command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
        command.add("com.code_intelligence.jazzer.Jazzer");
        command.add("--target_class=" + target.getName());
        command.add("--instrumentation_includes=org.blobarena.**");
        command.add("--reproducer_path=" + work);
        command.add("-artifact_prefix=" + work + "/" + target.getSimpleName() + "-");
        command.add("-max_total_time=" + seconds);
        command.add("-seed=" + ((seed & Integer.MAX_VALUE) | 1)); // 0 would be replaced by one that we do not know.
        command.add("-timeout=20");
        command.add("-len_control=0");
        command.add("-print_final_stats=1");
        command.add(corpus.toString());
        command.add(ROOT.resolve("src/" + module + "/src/test/resources/fuzz")
                .resolve(target.getSimpleName())
                .toString());
        System.out.println("fuzzing " + target.getSimpleName() + " for " + seconds + " s");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            output.lines().filter(SoakFuzz::isWorthSaying).forEach(System.out::println);
        } finally {
            process.destroy();
        }
        return process.waitFor() == 0;
    }

    /** The agent that measures coverage attaches itself, and works below what JDK 24 and later approve of. */
    private static List<String> flags() {
        List<String> flags = new ArrayList<>(List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"));
        if (Runtime.version().feature() >= 24) {
            flags.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        return flags;
    }

    /** Findings and figures, and not each of thousands of new inputs. */
    private static boolean isWorthSaying(String line) {
        return line.startsWith("#")
                ? line.contains("DONE") || line.contains("pulse")
                : !line.startsWith("INFO: ") && !line.contains("dictionary") && !line.contains("# Uses: ");
    }
}
