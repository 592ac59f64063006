package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.blobarena.index.IndexFactories;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own has: bytes for arguments, descriptors that are closed, a locale, signals. */
@DisabledOnOs(OS.WINDOWS)
class ProcessTest {

    private static final int SIGTERM_STATUS = 128 + 15;

    @TempDir
    Path temp;

    private Path store;
    private Launcher launcher;

    @BeforeEach
    void makeLauncher() throws IOException {
        launcher = new Launcher(temp.resolve("checkout"));
        store = temp.resolve("store");
    }

    @Test
    void keysThatAreNotUtf8KeepTheirBytes() throws Exception {
        Launcher.Result result = launcher.shell(
                Map.of("BLOBARENA_STORE", store.toString()),
                "printf 1 | blobarena put \"$(printf 'k\\376')\"",
                "printf 2 | blobarena put \"$(printf 'k\\377')\"",
                "blobarena ls | od -An -tx1 | tr -d '\\n'");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isIn(" 6b fe 0a 6b ff 0a", " 6b ff 0a 6b fe 0a");
        assertThat(Cli.on(store, "get", "k\udcfe").out()).isEqualTo("1");
        assertThat(Cli.on(store, "get", "k\udcff").out()).isEqualTo("2");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void keysStayDistinctWithoutTheLauncherInTheLocaleC() throws Exception {
        Launcher.Result result = launcher.shell(
                Map.of("BLOBARENA_STORE", store.toString(), "LC_ALL", "C"),
                "printf 1 | plain put \"$(printf '\\303\\244')\"",
                "printf 2 | plain put \"$(printf '\\303\\266')\"");

        assertThat(result.status()).isZero();
        assertThat(Cli.on(store, "get", "ä").out()).isEqualTo("1");
        assertThat(Cli.on(store, "get", "ö").out()).isEqualTo("2");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void directoryThatTheLocaleCannotNameIsRefusedAndNothingIsMade() throws Exception {
        Launcher.Result result = launcher.shell(
                Map.of("LC_ALL", "C"),
                "mkdir -p work/$(printf '\\303\\244')",
                "printf 1 | plain --store work/$(printf '\\303\\244')/s put k 2>>messages || echo $?",
                "cd work/$(printf '\\303\\244')",
                "printf 1 | plain --store s put k 2>>../../messages || echo $?",
                "ls -A");

        assertThat(result.out()).isEqualTo("3\n3\n");
        assertThat(Files.readAllLines(temp.resolve("checkout/messages")).stream()
                        .filter(line -> !line.startsWith("WARNING")))
                .hasSize(2)
                .allMatch(line -> line.startsWith("blobarena: ") && line.contains("this JVM cannot express"));
    }

    @Test
    void closedStandardInputIsNoBlob() throws Exception {
        Launcher.Result result = launcher.shell(
                Map.of("BLOBARENA_STORE", store.toString()),
                "blobarena put k <&- || echo $?",
                "plain put k /dev/stdin <&- || echo $?");

        assertThat(result.out()).isEqualTo("3\n3\n");
        assertThat(result.err()).contains("blobarena: standard input is closed");
        assertThat(store).doesNotExist();
    }

    @Test
    void pipeOfAnyNumberIsPut() throws Exception {
        Launcher.Result result = launcher.shell(
                Map.of("BLOBARENA_STORE", store.toString()), "printf blob | { blobarena put k /dev/fd/7 7<&0; }");

        assertThat(result.err()).isEmpty();
        assertThat(Cli.on(store, "get", "k").out()).isEqualTo("blob");
    }

    @Test
    void indexOfAnotherKindIsMadeWithoutWord() throws Exception {
        Assumptions.assumeTrue(
                IndexFactories.installed().preferred().factory().name().equals("chronicle-map"));
        try (BlobStore<String> made = BlobStore.open(store, KeyCodec.utf8())) {
            made.put("k", new byte[1]);
        }
        Launcher.Result result = launcher.shell(
                Map.of("BLOBARENA_STORE", store.toString()),
                "for index in table chronicle-map table automatic; do",
                "blobarena --index $index stat | grep '^index '",
                "done");

        assertThat(result.err()).isEmpty();
        assertThat(result.out().replaceAll(" +", " "))
                .isEqualTo("index table\nindex chronicle-map\nindex table\nindex table\n");
    }

    @Test
    void closedStandardOutputIsFailure() throws Exception {
        try (BlobStore<String> made = BlobStore.open(store, KeyCodec.utf8())) {
            made.put("k", new byte[1]);
        }
        Launcher.Result result =
                launcher.shell(Map.of("BLOBARENA_STORE", store.toString()), "blobarena ls >&- || exit $?");

        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err()).isEqualTo("blobarena: standard output: it is closed\n");
    }

    @Test
    void signalLeavesNoFileThatIsNotWhole() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HeldOutput.class.getName(),
                        temp.resolve("target").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("held");
            assertThat(temp).isDirectoryContaining("glob:**.part");

            process.toHandle().destroy();

            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isEqualTo(SIGTERM_STATUS);
            assertThat(temp).isDirectoryNotContaining("glob:**.part");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void signalLeavesNothingOfTheDemo() throws Exception {
        Path tree = temp.resolve("tree");
        Path work = Files.createDirectory(temp.resolve("work"));
        Trees.many(tree, 2000, 1);
        Process process = launcher.builder(
                        Map.of("BLOBARENA_JAVA_OPTS", "-Djava.io.tmpdir=" + work), "demo", tree.toString())
                .redirectError(temp.resolve("errors").toFile())
                .start();
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            while (!line.startsWith("4.")) { // A second process is at work.
                line = lines.readLine();
            }
            List<ProcessHandle> children = process.descendants().toList();

            process.toHandle().destroy();

            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isEqualTo(SIGTERM_STATUS);
            assertThat(work).isEmptyDirectory();
            assertThat(temp.resolve("errors")).isEmptyFile();
            for (ProcessHandle child : children) {
                child.onExit().get(1, TimeUnit.MINUTES);
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
