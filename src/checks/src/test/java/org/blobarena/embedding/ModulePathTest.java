package org.blobarena.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program that is a module, with all jars on the module path and no flag for the JVM. */
class ModulePathTest {

    @TempDir
    Path temporary;

    static Set<Path> javaHomes() throws Exception {
        return Program.javaHomes();
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheArenaAlone(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofArena(), temporary.resolve("jars"));
        assertThat(modules(jars)).containsExactly("org.blobarena.arena");
        run(Program.ARENA, jars, home);
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheStore(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofStore(), temporary.resolve("jars"));
        assertThat(modules(jars))
                .contains("org.blobarena", "org.blobarena.arena", "org.blobarena.index")
                .contains("org.blobarena.index.chronicle");
        run(Program.STORE, jars, home);
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheStoreWithoutChronicleMap(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofStoreWithTable(), temporary.resolve("jars"));
        assertThat(modules(jars))
                .contains("org.blobarena", "org.blobarena.arena", "org.blobarena.index")
                .noneMatch(name -> name.contains("chronicle"));
        run(Program.STORE, jars, home);
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheProviderOfJcache(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofIntegration("src/jcache"), temporary.resolve("jars"));
        assertThat(modules(jars)).contains("org.blobarena.jcache", "org.blobarena");
        run(Program.JCACHE, jars, home);
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheCacheManagerOfSpring(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofIntegration("src/spring"), temporary.resolve("jars"));
        assertThat(modules(jars)).contains("org.blobarena.spring", "org.blobarena");
        run(Program.SPRING, jars, home);
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheStorageOfHttpclient(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofIntegration("src/httpclient"), temporary.resolve("jars"));
        assertThat(modules(jars)).contains("org.blobarena.httpclient", "org.blobarena");
        run(Program.HTTPCLIENT, jars, home);
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void programUsesTheMetersOfMicrometer(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofIntegration("src/micrometer"), temporary.resolve("jars"));
        assertThat(modules(jars)).contains("org.blobarena.micrometer", "org.blobarena");
        run(Program.MICROMETER, jars, home);
    }

    /** A module that no other needs has to be named. */
    @ParameterizedTest
    @MethodSource("javaHomes")
    void programHasTheEventsOfItsStoreInARecording(Path home) throws Exception {
        List<Path> jars = Libraries.copy(Libraries.ofStore(), temporary.resolve("jars"));
        Path classes = Program.STORE.compile(jars, temporary);
        Path recording = temporary.resolve("store.jfr");
        Program.run(
                home,
                temporary,
                "--add-modules",
                "jdk.jfr",
                "-XX:StartFlightRecording:filename=" + recording,
                "-p",
                Program.path(jars) + File.pathSeparator + classes,
                "-m",
                "user/" + Program.MAIN);
        assertThat(RecordingFile.readAllEvents(recording))
                .filteredOn(event -> event.getEventType().getName().equals("org.blobarena.StoreOpen"))
                .hasSize(2);
    }

    private void run(Program program, List<Path> jars, Path home) throws Exception {
        Path classes = program.compile(jars, temporary);
        Program.run(
                home, temporary, "-p", Program.path(jars) + File.pathSeparator + classes, "-m", "user/" + Program.MAIN);
    }

    private static Set<String> modules(List<Path> jars) {
        return ModuleFinder.of(jars.toArray(Path[]::new)).findAll().stream()
                .map(ModuleReference::descriptor)
                .map(ModuleDescriptor::name)
                .collect(Collectors.toSet());
    }
}
