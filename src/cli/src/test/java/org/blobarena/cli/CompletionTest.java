package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** The script that completes commands and options. */
class CompletionTest {

    private static final List<String> SHELLS = List.of("bash", "zsh");

    @TempDir
    Path temp;

    @Test
    void everyCommandAndItsOptionsAreCompleted() throws Exception {
        Path script = script();
        Assumptions.assumeTrue(isThere("bash"), "no bash here");
        Command main = Main.class.getAnnotation(Command.class);

        List<String> commands = complete(script, "blobarena", "");
        assertThat(commands)
                .containsAll(Arrays.stream(main.subcommands())
                        .map(command -> command.getAnnotation(Command.class).name())
                        .toList());
        for (Class<?> command : main.subcommands()) {
            String name = command.getAnnotation(Command.class).name();
            List<String> offered = complete(script, "blobarena", name, "--");
            for (String line : Cli.run(name, "--help").lines()) {
                for (String word : line.strip().split("[ =,]+", -1)) {
                    if (word.startsWith("--") && line.strip().startsWith("-")) {
                        assertThat(offered).as(name).contains(word);
                        break;
                    }
                }
            }
        }
        assertThat(complete(script, "blobarena", "import", "--d")).contains("--dedup", "--durability");
    }

    @Test
    void shellsReadTheScriptWithoutWord() throws Exception {
        Path script = script();
        for (String shell : SHELLS) {
            if (isThere(shell)) {
                Process process = new ProcessBuilder(shell, "-n", script.toString())
                        .redirectErrorStream(true)
                        .start();
                assertThat(process.getInputStream().readAllBytes()).as(shell).isEmpty();
                assertThat(process.waitFor()).as(shell).isZero();
            }
        }
    }

    private Path script() throws IOException {
        Cli.Result result = Cli.run("generate-completion");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        return Files.writeString(temp.resolve("completion"), result.out());
    }

    /** What bash offers behind these words. */
    private static List<String> complete(Path script, String... words) throws IOException {
        String line = "source '" + script + "'; COMP_WORDS=(" + quoted(words) + "); COMP_CWORD=" + (words.length - 1)
                + "; COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE}; _complete_blobarena; printf '%s\\n' \"${COMPREPLY[@]}\"";
        Process process =
                new ProcessBuilder("bash", "-c", line).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .toList();
    }

    private static String quoted(String... words) {
        return "'" + String.join("' '", words) + "'";
    }

    private static boolean isThere(String program) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectErrorStream(true)
                        .start()
                        .waitFor()
                == 0;
    }
}
