package org.blobarena.cli;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A copy of {@code tools/blobarena} in a checkout of its own, whose jar refers to the classes under test: it
 * starts what it would start, and never builds.
 */
public final class Launcher {

    private final Path script;

    public Launcher(Path root) throws IOException {
        script = Files.createDirectories(root.resolve("tools")).resolve("blobarena");
        Files.createDirectories(root.resolve("src/cli/src/main"));
        Files.createDirectories(root.resolve("tools/build"));
        Files.createDirectories(root.resolve("src/cli/target/lib"));
        Files.writeString(root.resolve("pom.xml"), "");
        Files.writeString(root.resolve("src/cli/pom.xml"), "");
        Files.copy(Path.of("tools/blobarena"), script);
        Path launcher = Path.of("src/cli/src/main/launcher/blobarena");
        Files.createDirectories(root.resolve(launcher).getParent());
        Files.copy(launcher, root.resolve(launcher));
        Path jar = root.resolve("src/cli/target/blobarena-cli-test.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest(Main.class)).close();
        // What the build makes beside it, and the launcher must pass over.
        for (String other : List.of("sources", "tests", "javadoc")) {
            Files.createFile(root.resolve("src/cli/target/blobarena-cli-" + other + ".jar"));
        }
        Path examples = Files.createDirectories(root.resolve("tools/examples/src/main"))
                .getParent()
                .getParent();
        Files.writeString(examples.resolve("pom.xml"), "");
        Files.createDirectories(examples.resolve("target/lib"));
        Path example = examples.resolve("target/blobarena-examples-test.jar");
        new JarOutputStream(Files.newOutputStream(example), manifest(EchoProgram.class)).close();
        for (Path built : List.of(jar, example)) {
            Files.setLastModifiedTime(built, FileTime.from(Instant.now().plusSeconds(3600)));
        }
    }

    /** With everything in jars, as the build makes them, and with a directory for archives of classes. */
    static Launcher packed(Path root) throws IOException {
        Launcher launcher = new Launcher(root);
        Path target = root.resolve("src/cli/target");
        List<String> names = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            String name = "lib/" + names.size() + ".jar";
            if (Files.isDirectory(Path.of(entry))) {
                pack(Path.of(entry), target.resolve(name));
            } else if (Files.exists(Path.of(entry))) {
                Files.copy(Path.of(entry), target.resolve(name));
            } else {
                continue;
            }
            names.add(name);
        }
        Path jar = target.resolve("blobarena-cli-test.jar");
        Manifest manifest = manifest(Main.class);
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", names));
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(3600)));
        return launcher;
    }

    private static void pack(Path directory, Path jar) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = directory.relativize(file).toString().replace(File.separatorChar, '/');
                if (!name.equals("META-INF/MANIFEST.MF")) {
                    out.putNextEntry(new JarEntry(name));
                    Files.copy(file, out);
                }
            }
        }
    }

    /** What a process left behind. */
    public record Result(int status, String out, String err) {}

    /** Runs a command to its end. */
    Result run(Map<String, String> environment, String... args) throws IOException, InterruptedException {
        return run(builder(environment, args));
    }

    private static Result run(ProcessBuilder builder) throws IOException, InterruptedException {
        Path err = Files.createTempFile("blobarena-test-", ".err");
        try {
            Process process = builder.redirectError(err.toFile()).start();
            process.getOutputStream().close();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            process.getInputStream().transferTo(out);
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("still running: " + builder.command());
            }
            return new Result(process.exitValue(), out.toString(StandardCharsets.UTF_8), Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    /**
     * Runs lines of a shell, which stop at the first that fails. In them {@code blobarena} is the launcher, and {@code
     * plain} a java that starts the jar.
     */
    public Result shell(Map<String, String> environment, String... lines) throws IOException, InterruptedException {
        Path root = script.getParent().getParent();
        List<String> all = new ArrayList<>(List.of(
                "set -eu",
                "blobarena() { sh '" + script + "' \"$@\"; }",
                "plain() { \"$JAVA_HOME/bin/java\" -jar '" + root + "/src/cli/target/blobarena-cli-test.jar' \"$@\"; }",
                "cd '" + root + "'"));
        all.addAll(List.of(lines));
        Path file = Files.write(root.resolve("script"), all);
        return run(builder(environment).command("sh", file.toString()));
    }

    ProcessBuilder builder(Map<String, String> environment, String... args) {
        List<String> command = new ArrayList<>(List.of("sh", script.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("BLOBARENA_STORE");
        builder.environment().remove("BLOBARENA_JAVA_OPTS");
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(environment);
        return builder;
    }

    /** The JDK 25 beside the one in use, or the one in use, or what JAVA25_HOME says. */
    public static Optional<Path> jdk25() throws IOException {
        String variable = System.getenv("JAVA25_HOME");
        if (variable != null && !variable.isEmpty()) {
            return Optional.of(Path.of(variable));
        }
        Path running = Path.of(System.getProperty("java.home")).toRealPath();
        try (Stream<Path> neighbours = Files.list(running.getParent())) {
            return neighbours.filter(Launcher::isJdk25).findFirst();
        }
    }

    private static boolean isJdk25(Path home) {
        try {
            return Files.isExecutable(home.resolve("bin/java"))
                    && Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"25.");
        } catch (IOException e) {
            return false;
        }
    }

    /** As the build makes it. */
    private static Manifest manifest(Class<?> program) {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, program.getName());
        attributes.put(
                Attributes.Name.CLASS_PATH,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toUri().toString())
                        .collect(Collectors.joining(" ")));
        attributes.putValue("Add-Opens", "java.base/java.lang java.base/java.lang.reflect java.base/sun.nio.ch");
        attributes.putValue("Add-Exports", "java.base/jdk.internal.ref");
        attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
        return manifest;
    }
}
