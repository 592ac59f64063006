package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemporaryDirectoriesTest {

    @TempDir
    Path directory;

    @Test
    void directoryOfTheEnvironmentIsChosenWhereItCanBeUsed() {
        assertThat(TemporaryDirectories.choose(directory.toString(), "jvm")).isEqualTo(directory);
    }

    @Test
    void unsetAndEmptyVariablesLeaveTheDirectoryOfTheJvm() {
        assertThat(TemporaryDirectories.choose(null, "jvm")).isEqualTo(Path.of("jvm"));
        assertThat(TemporaryDirectories.choose("", "jvm")).isEqualTo(Path.of("jvm"));
    }

    @Test
    void whatIsNoDirectoryOrNoPathIsNotChosen() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        for (String useless :
                List.of(file.toString(), directory.resolve("missing").toString(), "\0")) {
            assertThat(TemporaryDirectories.choose(useless, "jvm")).isEqualTo(Path.of("jvm"));
        }
    }

    /** The explicit option first, then the environment, then the JVM; a variable that cannot be used is logged. */
    @ParameterizedTest
    @ValueSource(strings = {"option", "environment", "jvm"})
    void temporaryFileIsMadeInTheFirstDirectoryThatCanBeUsed(String expected) throws Exception {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        for (String name : List.of("option", "environment", "jvm")) {
            Files.createDirectory(directory.resolve(name));
        }
        String tmpdir = directory
                .resolve(expected.equals("jvm") ? "missing" : "environment")
                .toString();
        List<String> flags = List.of("-Djava.io.tmpdir=" + directory.resolve("jvm"));
        try (ChildJvm child = ChildJvm.startWithTmpdir(
                tmpdir,
                flags,
                expected.equals("option") ? WithOption.class : WithoutOption.class,
                directory.resolve("option"))) {
            assertThat(child.awaitEnd()).singleElement().asString().contains("/" + expected + "/");

            if (expected.equals("jvm")) {
                assertThat(child.errors()).contains("TMPDIR", tmpdir, "jvm");
            } else {
                assertThat(child.errors()).doesNotContain("TMPDIR");
            }
        }
    }

    static final class WithOption {

        private WithOption() {}

        public static void main(String[] arguments) throws IOException {
            printPath(ArenaOptions.builder()
                    .temporaryDirectory(Path.of(arguments[0]))
                    .build());
        }
    }

    static final class WithoutOption {

        private WithoutOption() {}

        public static void main(String[] arguments) throws IOException {
            printPath(ArenaOptions.defaults());
        }
    }

    private static void printPath(ArenaOptions options) throws IOException {
        try (FileArenaWriter writer = FileArenaWriter.temporary(0, options)) {
            System.out.println(writer.file().path());
        }
    }
}
