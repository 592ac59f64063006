package org.blobarena.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that jlink makes: of the arena itself, and of the modules of the JDK that a store needs. */
class RuntimeImageTest {

    private static final Path HOME = Path.of(System.getProperty("java.home"));

    /** What Chronicle Map needs, as the page on embedding names them. */
    private static final String OF_CHRONICLE = "java.compiler,java.management,java.naming,jdk.unsupported";

    @TempDir
    Path temporary;

    @BeforeEach
    void requireJlink() {
        Assumptions.assumeTrue(Files.isExecutable(HOME.resolve("bin/jlink")), "no jlink here");
    }

    @Test
    void imageHoldsTheArenaAndAProgram() throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofArena(), temporary.resolve("jars"));
        Path classes = Program.ARENA.compile(jars, temporary);
        Path image = link("user", Program.path(jars) + File.pathSeparator + classes);
        assertThat(modules(image)).containsExactlyInAnyOrder("java.base", "org.blobarena.arena", "user");
        Program.run(image, temporary, "-m", "user/" + Program.MAIN);
    }

    @Test
    void imageHoldsTheStoreWithATableAndAProgram() throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofStoreWithTable(), temporary.resolve("jars"));
        Path classes = Program.STORE.compile(jars, temporary);
        Path image = link("user", Program.path(jars) + File.pathSeparator + classes);
        assertThat(modules(image))
                .containsExactlyInAnyOrder(
                        "com.dynatrace.hash4j",
                        "java.base",
                        "org.apache.commons.io",
                        "org.blobarena",
                        "org.blobarena.arena",
                        "org.blobarena.index",
                        "org.slf4j",
                        "user");
        Program.run(image, temporary, "-m", "user/" + Program.MAIN);
    }

    @Test
    void imageOfTheJdkRunsAStoreFromTheModulePathAndFromTheClassPath() throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofStore(), temporary.resolve("jars"));
        Path classes = Program.STORE.compile(jars, temporary);
        String path = Program.path(jars) + File.pathSeparator + classes;
        Path image = link(OF_CHRONICLE, "");
        Program.run(image, temporary, "-p", path, "-m", "user/" + Program.MAIN);
        Program.run(image, temporary, "-cp", path, Program.MAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"java.compiler", "java.management", "java.naming", "jdk.unsupported"})
    void withoutAModuleThatChronicleMapNeedsTheStoreHasATable(String module) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofStore(), temporary.resolve("jars"));
        Path classes = Program.STORE.compile(jars, temporary);
        Program.Result result = Program.execute(
                HOME,
                temporary,
                "java",
                List.of(
                        "--limit-modules",
                        ("java.base," + OF_CHRONICLE).replace("," + module, ""),
                        "-cp",
                        Program.path(jars) + File.pathSeparator + classes,
                        Program.MAIN,
                        temporary.resolve("store").toString()));
        assertThat(result.output()).contains("used 3");
        try (Stream<Path> files = Files.list(temporary.resolve("store"))) {
            assertThat(files.map(Path::toString)).anyMatch(name -> name.endsWith(".table"));
        }
    }

    /** The modules of the JDK come from where it keeps them, which is jlink's default. */
    private Path link(String modules, String modulePath) throws IOException, InterruptedException {
        Path image = temporary.resolve("image");
        List<String> arguments = new ArrayList<>(List.of("--add-modules", modules, "--output", image.toString()));
        if (!modulePath.isEmpty()) {
            arguments.addAll(List.of("--module-path", modulePath));
        }
        Program.Result result = Program.execute(HOME, temporary, "jlink", arguments);
        assertThat(result.status()).as(result.output()).isZero();
        return image;
    }

    private List<String> modules(Path image) throws IOException, InterruptedException {
        return Program.execute(image, temporary, "java", List.of("--list-modules"))
                .output()
                .lines()
                .map(line -> line.replaceAll("@.*", ""))
                .toList();
    }
}
