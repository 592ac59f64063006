package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command line as users start it. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

    @TempDir
    Path temp;

    private Path tree;
    private Path store;
    private Launcher launcher;

    @BeforeEach
    void makeLauncher() throws IOException {
        launcher = new Launcher(temp.resolve("checkout"));
        tree = temp.resolve("tree");
        store = temp.resolve("store");
    }

    @Test
    void largeFilesPassThroughSmallHeapWithoutWord() throws Exception {
        Trees.large(tree.resolve("large"), 100_000_000, 1);
        for (int i = 0; i < 10; i++) {
            Trees.large(tree.resolve("medium/" + i), 10_000_000, 2 + i);
        }
        Map<String, String> environment = Map.of("BLOBARENA_JAVA_OPTS", "-Xmx64m", "BLOBARENA_STORE", store.toString());

        List<Launcher.Result> results = new ArrayList<>();
        results.add(launcher.run(environment, "import", tree.toString()));
        results.add(launcher.run(environment, "export", temp.resolve("out").toString()));

        assertThat(results).extracting(Launcher.Result::err).containsOnly("");
        assertThat(results).extracting(Launcher.Result::status).containsOnly(0);
        assertThat(Trees.contents(temp.resolve("out"))).isEqualTo(Trees.contents(tree));
    }

    @Test
    void nothingOnStandardErrorOnJdk25() throws Exception {
        Optional<Path> home = Launcher.jdk25();
        Assumptions.assumeTrue(home.isPresent(), "no JDK 25 here");
        Trees.many(tree, 50, 1);
        Map<String, String> environment = Map.of(
                "JAVA_HOME",
                home.get().toString(),
                "BLOBARENA_JAVA_OPTS",
                "-Xmx64m",
                "BLOBARENA_STORE",
                store.toString());

        List<Launcher.Result> results = new ArrayList<>();
        results.add(launcher.run(environment, "import", tree.toString()));
        results.add(launcher.run(environment, "stat"));
        results.add(launcher.run(environment, "verify"));

        assertThat(results).extracting(Launcher.Result::err).containsOnly("");
        assertThat(results).extracting(Launcher.Result::status).containsOnly(0);
    }

    @Test
    void namesAreTheSameInEveryLocale() throws Exception {
        Map<String, String> ascii = Map.of("LC_ALL", "C", "BLOBARENA_STORE", store.toString());
        Path script = temp.resolve("names.sh");
        // By a shell, since this JVM may be in a locale that cannot name them.
        Files.writeString(
                script,
                "set -e; cd \"$1\"; mkdir -p tree/$(printf '\\303\\244'); printf x >tree/$(printf '\\303\\244/\\346\\227\\245')");
        assertThat(new ProcessBuilder("sh", script.toString(), temp.toString())
                        .start()
                        .waitFor())
                .isZero();

        Launcher.Result imported = launcher.run(ascii, "import", tree.toString());
        Launcher.Result listed = launcher.run(ascii, "ls");
        Launcher.Result exported =
                launcher.run(ascii, "export", temp.resolve("out").toString());

        assertThat(imported.err() + listed.err() + exported.err()).isEmpty();
        assertThat(listed.out()).isEqualTo("ä/日\n");
        assertThat(new ProcessBuilder(
                                "diff",
                                "-r",
                                tree.toString(),
                                temp.resolve("out").toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void exampleStartsTheProgramsOfTheExamplesWithWhatFollows() throws Exception {
        Launcher.Result result = launcher.run(Map.of("BLOBARENA_JAVA_OPTS", "-Xmx64m"), "example", "crawl", "a  b");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("crawl\na  b\n");
        assertThat(result.status()).isZero();
        // Anywhere else it is an argument of the command line.
        assertThat(launcher.run(Map.of(), "get", "example").status()).isEqualTo(2);
    }

    @Test
    void listingIntoHeadEndsQuietly() throws Exception {
        Trees.many(tree, 3000, 1);
        launcher.run(Map.of(), "--store", store.toString(), "import", tree.toString());
        Process listing = launcher.builder(Map.of(), "--store", store.toString(), "ls")
                .redirectErrorStream(false)
                .start();

        listing.getInputStream().read();
        listing.getInputStream().close();

        assertThat(listing.getErrorStream().readAllBytes()).isEmpty();
        assertThat(listing.waitFor()).isZero();
    }
}
