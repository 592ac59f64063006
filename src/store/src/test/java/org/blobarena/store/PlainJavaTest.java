package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process without any flag for the JVM: what it loads, and what it leaves behind. */
class PlainJavaTest {

    /** Parts of the paths of what only tests need. */
    private static final List<String> OF_TESTS = List.of(
            "test-classes",
            "junit",
            "jqwik",
            "assertj",
            "archunit",
            "surefire",
            "opentest4j",
            "apiguardian",
            "byte-buddy");

    @TempDir
    Path temporary;

    @Test
    void programOnThisJavaNeedsNoFlagsNoCompilerAndNoNetwork() throws Exception {
        run(Path.of(System.getProperty("java.home")));
    }

    @Test
    void programOnJava25NeedsNoFlagsNoCompilerAndNoNetwork() throws Exception {
        Optional<Path> home = java25();
        Assumptions.assumeTrue(home.isPresent(), "no JDK 25 here: set JAVA25_HOME");
        run(home.orElseThrow());
    }

    @Test
    void programOnARuntimeWithoutACompilerWorks() throws Exception {
        Path home = Path.of(System.getProperty("java.home"));
        Path jlink = home.resolve("bin/jlink");
        Assumptions.assumeTrue(Files.isExecutable(jlink) && Files.isDirectory(home.resolve("jmods")), "no jlink here");
        Path runtime = temporary.resolve("runtime");
        Process linking = new ProcessBuilder(
                        jlink.toString(),
                        "--add-modules",
                        "java.base,jdk.unsupported,java.compiler,java.management,java.naming",
                        "--output",
                        runtime.toString())
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve("jlink.txt").toFile())
                .start();
        assertThat(linking.waitFor()).isZero();
        run(runtime);
    }

    /** No connection without an address: a class of sockets alone may be loaded for its name. */
    private void run(Path home) throws Exception {
        Path user = Files.createDirectory(temporary.resolve("user"));
        Path work = Files.createDirectory(temporary.resolve("work"));
        Path temp = Files.createDirectory(temporary.resolve("temp"));
        Path classes = Files.createDirectories(temporary.resolve("classes/org/blobarena/store"));
        copyProgram(classes);
        Path output = temporary.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        home.resolve("bin/java").toString(),
                        "-Duser.home=" + user,
                        "-Djava.io.tmpdir=" + temp,
                        "-verbose:class",
                        "-cp",
                        temporary.resolve("classes") + File.pathSeparator + runtimeClassPath(),
                        Program.class.getName(),
                        temporary.resolve("store").toString())
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        builder.environment().put("HOME", user.toString());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(withoutClasses(text)).isZero();
        assertThat(text).contains(StoreEngine.class.getName());
        List<String> unwanted = text.lines()
                .filter(line -> line.matches(
                        ".*\\b(com\\.sun\\.tools\\.javac\\.|net\\.openhft\\.compiler\\.CompilerUtils |java\\.net\\.Socket |"
                                + "java\\.net\\.InetSocketAddress |sun\\.net\\.www\\.protocol\\.http).*"))
                .toList();
        assertThat(unwanted).isEmpty();
        assertThat(user).isEmptyDirectory();
        assertThat(work).isEmptyDirectory();
        assertThat(TestStores.files(temporary.resolve("store"))).containsKeys("STORE", "CLEAN", "00000001.arena");
    }

    private static void copyProgram(Path classes) throws IOException, java.net.URISyntaxException {
        String name = "PlainJavaTest$Program.class";
        Path tests = Path.of(PlainJavaTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Files.copy(tests.resolve("org/blobarena/store").resolve(name), classes.resolve(name));
    }

    /** The class path of this test without what only tests need. */
    private static String runtimeClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> OF_TESTS.stream().noneMatch(entry::contains))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String withoutClasses(String text) {
        return text.lines().filter(line -> !line.contains("source:")).limit(60).collect(Collectors.joining("\n"));
    }

    private static Optional<Path> java25() throws IOException {
        String configured = System.getenv("JAVA25_HOME");
        if (configured != null) {
            return Optional.of(Path.of(configured));
        }
        Path siblings = Path.of(System.getProperty("java.home")).toRealPath().getParent();
        if (siblings == null) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(siblings)) {
            return homes.filter(PlainJavaTest::isJava25).findFirst();
        }
    }

    private static boolean isJava25(Path home) {
        try {
            return Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"25");
        } catch (IOException e) {
            return false;
        }
    }

    /** Opens a store twice and uses it. Fails with an exception, and so with an exit code. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            byte[] blob = "blob".getBytes(StandardCharsets.UTF_8);
            for (int round = 0; round < 2; round++) {
                try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
                    for (int i = 0; i < 100; i++) {
                        store.put("key" + i, blob);
                    }
                    if (!Arrays.equals(store.get("key50"), blob) || store.size() != 100) {
                        throw new IllegalStateException("the blob did not come back");
                    }
                }
            }
        }
    }
}
