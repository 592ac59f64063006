package org.blobarena.testing;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/** A program in a Java process of its own, which can be given flags, watched and killed. Closing it kills it. */
public final class ChildJvm implements Closeable {

    /** What lets channels be told to ignore interrupts. */
    public static final String OPEN_CHANNELS = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";

    private static final long MINUTES_MAX = 2;

    private final Process process;
    private final Path errors;
    private final BufferedReader output;

    private ChildJvm(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts a program on the classes of this project and nothing else.
     *
     * @param flags for the Java machine
     * @param program has a main method
     * @param directory is its first argument; a sibling takes its errors
     * @param arguments the others
     */
    public static ChildJvm start(List<String> flags, Class<?> program, Path directory, String... arguments)
            throws IOException {
        return start(List.of(classesOf(Location.class), classesOf(program)), flags, program, directory, arguments);
    }

    /** The same on a class path of the caller's. */
    public static ChildJvm start(
            List<Path> classPath, List<String> flags, Class<?> program, Path directory, String... arguments)
            throws IOException {
        return start(new ArrayList<>(), classPath, flags, program, directory, arguments);
    }

    /** The same on the classes of this project, with the temporary directory that the environment names. */
    public static ChildJvm startWithTmpdir(String tmpdir, List<String> flags, Class<?> program, Path directory)
            throws IOException {
        List<String> env = List.of("env", "TMPDIR=" + tmpdir);
        List<Path> classPath = List.of(classesOf(Location.class), classesOf(program));
        return start(new ArrayList<>(env), classPath, flags, program, directory);
    }

    /** The same with so few descriptors. Needs a POSIX shell. */
    public static ChildJvm startLimited(int descriptors, Class<?> program, Path directory, String... arguments)
            throws IOException {
        List<String> shell = List.of("sh", "-c", "ulimit -n " + descriptors + " && exec \"$0\" \"$@\"");
        return start(new ArrayList<>(shell), classPath(), List.of(), program, directory, arguments);
    }

    private static ChildJvm start(
            List<String> command,
            List<Path> classPath,
            List<String> flags,
            Class<?> program,
            Path directory,
            String... arguments)
            throws IOException {
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xshare:auto");
        Arrays.stream(System.getProperty("blobarena.child.flags", "").split(" "))
                .filter(flag -> !flag.isBlank())
                .forEach(command::add);
        command.addAll(flags);
        command.add("-classpath");
        command.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(program.getName());
        command.add(directory.toString());
        command.addAll(Arrays.asList(arguments));
        Path errors = Files.createTempFile(directory.toAbsolutePath().getParent(), "errors", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().remove("TMPDIR"); // Or the flag for java.io.tmpdir would be without effect.
        return new ChildJvm(builder.start(), errors);
    }

    /** All of the class path of the tests. */
    public static List<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
    }

    /** The directory or jar that a class was loaded from. */
    public static Path classesOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The next line that the program prints, also after it was killed; null at the end. */
    public @Nullable String readLine() throws IOException {
        return output.readLine();
    }

    /** Reads what the program prints until this line; fails when the program ends before. */
    public void awaitLine(String wanted) throws IOException, InterruptedException {
        String line = output.readLine();
        while (line != null && !line.equals(wanted)) {
            line = output.readLine();
        }
        if (line == null) {
            throw new AssertionError("exit code " + process.waitFor() + " before \"" + wanted + "\": " + errors());
        }
    }

    /** Writes to what the program reads. */
    public void send(String text) throws IOException {
        process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** The rest of what the program prints, when it has ended well. */
    public List<String> awaitEnd() throws IOException, InterruptedException {
        List<String> lines = output.lines().toList();
        if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new AssertionError("ended badly: " + process + " " + lines + " " + errors());
        }
        return lines;
    }

    /** What the program has printed to its error stream. */
    public String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Deletes what the program has printed to its error stream, where many are started. */
    public void deleteErrors() throws IOException {
        Files.delete(errors);
    }

    public long pid() {
        return process.pid();
    }

    /** Ends the program as kill -9 does, and waits until it is gone. What it had printed can still be read. */
    public void kill() throws InterruptedException {
        process.toHandle().destroyForcibly(); // The process's own method would close its streams.
        process.waitFor();
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            output.close();
        }
    }
}
