package org.blobarena.embedding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program and its libraries as jars inside of one jar. */
class NestedJarTest {

    @TempDir
    Path temporary;

    static Set<Path> javaHomes() throws Exception {
        return Program.javaHomes();
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheStore(Path home) throws Exception {
        List<Path> parts = new ArrayList<>(Libraries.ofStore());
        parts.add(Program.STORE.compile(Libraries.copy(parts, temporary.resolve("libraries")), temporary));
        List<Path> jars = Libraries.copy(parts, temporary.resolve("jars"));
        Path outer = temporary.resolve("outer.jar");
        nest(jars, outer);
        Program.run(
                home,
                temporary,
                "-cp",
                ChildJvm.classesOf(NestedJarLoader.class).toString(),
                NestedJarLoader.class.getName(),
                outer.toString(),
                Program.MAIN);
    }

    private static void nest(List<Path> jars, Path outer) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(outer))) {
            for (Path jar : jars) {
                out.putNextEntry(new ZipEntry("BOOT-INF/lib/" + jar.getFileName()));
                Files.copy(jar, out);
            }
        }
    }
}
