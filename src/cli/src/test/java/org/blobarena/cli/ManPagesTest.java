package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** The pages of the manual and the script for shells, as the build makes them. */
class ManPagesTest {

    @TempDir
    Path temp;

    @Test
    void everyCommandHasAPageWithItsOptionsAndStatuses() throws Exception {
        make();
        Command main = Main.class.getAnnotation(Command.class);
        List<String> names = new ArrayList<>(List.of("blobarena"));
        for (Class<?> command : main.subcommands()) {
            names.add("blobarena-" + command.getAnnotation(Command.class).name());
        }
        try (Stream<Path> pages = Files.list(temp.resolve("man1"))) {
            assertThat(pages.map(page -> page.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            names.stream().map(name -> name + ".1").toList());
        }
        for (String name : names) {
            String page =
                    Files.readString(temp.resolve("man1").resolve(name + ".1")).replace("\\-", "-");
            String[] help = name.equals("blobarena")
                    ? new String[] {"--help"}
                    : new String[] {name.substring("blobarena-".length()), "--help"};
            for (String line : Cli.run(help).lines()) {
                String option = line.strip().replaceFirst("^-\\w, ", "");
                if (line.startsWith("  ") && option.startsWith("--")) {
                    assertThat(page).as(name).contains(option.split("[ =,]", -1)[0]);
                }
            }
            assertThat(Arrays.stream(main.exitCodeList()).map(status -> status.replaceFirst(":.*", "")))
                    .allMatch(status -> page.contains("\\fB" + status + "\\fR"));
        }
        assertThat(Files.readString(temp.resolve("completion/blobarena")).strip())
                .isEqualTo(Cli.run("generate-completion").out().strip());
    }

    @Test
    void formatterOfManHasNothingToSayOfThePages() throws Exception {
        make();
        try (Stream<Path> pages = Files.list(temp.resolve("man1"))) {
            for (Path page : pages.toList()) {
                String warnings = run(
                        "sh",
                        "-c",
                        "command -v groff >/dev/null || exit 0; groff -man -Tutf8 -ww '" + page + "' 2>&1 >/dev/null");
                assertThat(warnings).as(page.toString()).isEmpty();
            }
        }
    }

    private void make() throws IOException, InterruptedException {
        String said = run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "tools/build/ManPages.java",
                temp.toString());
        assertThat(said).isEmpty();
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
