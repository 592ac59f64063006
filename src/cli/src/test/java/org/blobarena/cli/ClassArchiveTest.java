package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archives of loaded classes that the launcher keeps: whatever becomes of them, a command runs, without a word. */
@DisabledOnOs(OS.WINDOWS)
class ClassArchiveTest {

    /** What the JVM logs of a class that came from an archive that was made when a process ended. */
    private static final String SHARED = "shared objects file (top)";

    @TempDir
    Path temp;

    private Launcher launcher;
    private Path target;

    @BeforeEach
    void pack() throws IOException {
        launcher = Launcher.packed(temp.resolve("checkout"));
        target = temp.resolve("checkout/src/cli/target");
    }

    @Test
    void firstRunMakesOneThatLaterRunsUse() throws Exception {
        runQuietly();
        List<Path> made = archives();
        runQuietly();

        assertThat(made).hasSize(1);
        assertThat(archives()).isEqualTo(made);
        assertThat(isShared()).isTrue();
    }

    @Test
    void firstRunsAtOnceLeaveOne() throws Exception {
        List<ProcessBuilder> runs = Stream.generate(() -> launcher.builder(Map.of(), "--version"))
                .limit(3)
                .toList();
        List<Process> processes = new ArrayList<>();
        for (ProcessBuilder run : runs) {
            processes.add(run.start());
        }

        for (Process process : processes) {
            assertThat(process.getErrorStream().readAllBytes()).isEmpty();
            assertThat(process.getInputStream().readAllBytes()).isNotEmpty();
            assertThat(process.waitFor()).isZero();
        }
        assertThat(files()).hasSize(1).isEqualTo(archives());
    }

    @Test
    void oneThatWasCutIsMadeAnew() throws Exception {
        runQuietly();
        List<Path> made = archives();
        assertThat(made.get(0).toFile().setWritable(true)).isTrue();
        try (RandomAccessFile file = new RandomAccessFile(made.get(0).toFile(), "rw")) {
            file.setLength(100_000); // The JVM would map more, and die.
        }

        runQuietly();

        assertThat(archives())
                .hasSize(1)
                .allSatisfy(archive -> assertThat(Files.size(archive)).isGreaterThan(100_000));
        assertThat(isShared()).isTrue();
    }

    @Test
    void oneOfOtherJarsIsReplaced() throws Exception {
        runQuietly();
        List<Path> made = archives();
        Files.setLastModifiedTime(
                target.resolve("blobarena-cli-test.jar"),
                FileTime.from(Instant.now().plusSeconds(7200)));

        runQuietly();

        assertThat(archives()).hasSize(1).doesNotContainAnyElementsOf(made);
        assertThat(isShared()).isTrue();
    }

    @Test
    void oneThatTheJvmDoesNotTakeIsPassedOver() throws Exception {
        runQuietly();
        Path made = archives().get(0);
        assertThat(made.toFile().setWritable(true)).isTrue();
        try (RandomAccessFile file = new RandomAccessFile(made.toFile(), "rw")) {
            file.write(new byte[1000]);
        }

        runQuietly();

        assertThat(isShared()).isFalse();
    }

    @Test
    void whereNoneCanBeMadeThatIsTriedOnce() throws Exception {
        Path home = Files.createDirectories(temp.resolve("home/bin")).getParent();
        Path java = home.resolve("bin/java");
        Path tries = temp.resolve("tries");
        Files.writeString(
                java,
                "#!/bin/sh\ncase $* in *ArchiveClassesAtExit*) echo try >>'" + tries + "'; exit 1 ;; esac\nexec '"
                        + System.getProperty("java.home") + "/bin/java' \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.copy(Path.of(System.getProperty("java.home"), "release"), home.resolve("release"));
        Map<String, String> environment = Map.of("JAVA_HOME", home.toString());

        for (int run = 0; run < 2; run++) {
            Launcher.Result result = launcher.run(environment, "--version");
            assertThat(result.err()).isEmpty();
            assertThat(result.status()).isZero();
        }

        assertThat(tries).hasContent("try");
        assertThat(archives()).isEmpty();
    }

    private void runQuietly() throws Exception {
        Launcher.Result result = launcher.run(Map.of(), "--version");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("blobarena ").hasLineCount(1);
        assertThat(result.status()).isZero();
    }

    private boolean isShared() throws Exception {
        return launcher.run(Map.of("BLOBARENA_JAVA_OPTS", "-Xlog:class+load"), "--version")
                .out()
                .lines()
                .anyMatch(line -> line.contains(Main.class.getName() + " ") && line.contains(SHARED));
    }

    private List<Path> archives() throws IOException {
        return files().stream().filter(file -> file.toString().endsWith(".jsa")).toList();
    }

    private List<Path> files() throws IOException {
        return filesOf(target.resolve("cds"));
    }

    private static List<Path> filesOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
