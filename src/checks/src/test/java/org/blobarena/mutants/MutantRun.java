package org.blobarena.mutants;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.apache.commons.io.FileUtils;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.testing.ChildJvm;

/**
 * The program behind {@code tools/mutants}, whose help says what it does.
 *
 * <p>The compiled product is copied, the one changed source is compiled over the copy, and the tests run on that in a
 * process of their own. A constant that the compiler copies into other classes cannot be changed in this way.
 */
final class MutantRun {

    /** The list, relative to the root of the project. */
    static final Path LIST = Path.of("tools", "mutants.list");

    private static final Path MODULES = Path.of("src");
    private static final Path TEST_SOURCES = Path.of("src", "test", "java");
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path TEST_CLASSES = Path.of("target", "test-classes");

    /** Written by {@code tools/java-of-tests}: the libraries of a module and its tests. */
    private static final Path CLASS_PATH = Path.of("target", "tests.classpath");

    /** Far more than the tests of any mutant take; what needs longer hangs, which is noticed as well. */
    private static final long MINUTES_MAX = 5;

    private final Path scratch;

    private MutantRun(Path scratch) {
        this.scratch = scratch;
    }

    public static void main(String[] args) throws Exception {
        List<Mutant> chosen;
        try {
            chosen = chosen(Mutant.parse(LIST), args);
        } catch (IllegalArgumentException e) {
            System.err.println("mutants: " + e.getMessage() + "; see --help");
            System.exit(2);
            return;
        }
        Path scratch = Files.createTempDirectory("mutants");
        int status;
        try {
            status = new MutantRun(scratch).run(chosen) ? 0 : 1;
        } finally {
            delete(scratch);
        }
        System.exit(status);
    }

    private static List<Mutant> chosen(List<Mutant> all, String[] args) {
        Set<String> names = new LinkedHashSet<>();
        int count = all.size();
        long seed = System.nanoTime();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--random" -> count = Integer.parseInt(args[++i]);
                case "--seed" -> seed = Long.parseLong(args[++i]);
                default -> names.add(args[i]);
            }
        }
        if (!names.isEmpty()) {
            List<Mutant> named =
                    all.stream().filter(mutant -> names.contains(mutant.name())).toList();
            if (named.size() != names.size()) {
                throw new IllegalArgumentException("not all of " + names + " are in " + LIST);
            }
            return named;
        }
        if (count >= all.size()) {
            return all;
        }
        System.out.println("seed " + seed);
        List<Mutant> shuffled = new ArrayList<>(all);
        shuffled.removeIf(Mutant::byChance); // Few runs must not end in one that was lucky.
        Collections.shuffle(shuffled, new Random(seed));
        return shuffled.subList(0, Math.min(count, shuffled.size()));
    }

    /** Returns whether every mutant was caught. */
    private boolean run(List<Mutant> mutants) throws Exception {
        Map<List<Path>, Set<String>> tests = new LinkedHashMap<>();
        for (Mutant mutant : mutants) {
            tests.computeIfAbsent(classPathOf(mutant), path -> new LinkedHashSet<>())
                    .addAll(mutant.tests());
        }
        for (Map.Entry<List<Path>, Set<String>> together : tests.entrySet()) {
            Result sound = test(together.getKey(), together.getValue());
            if (sound.status != MutantTests.PASSED) {
                System.out.println("the tests fail without any mutant: " + sound);
                return false;
            }
        }
        int caught = 0;
        for (Mutant mutant : mutants) {
            Path planted = scratch.resolve("classes");
            FileUtils.deleteDirectory(planted.toFile());
            List<Path> sound = classPathOf(mutant);
            Path product = productOf(mutant, sound);
            FileUtils.copyDirectory(product.toFile(), planted.toFile());
            // Or the compiler would look for the other modules on a module path.
            Files.deleteIfExists(planted.resolve("module-info.class"));
            List<Path> classPath = sound.stream()
                    .map(path -> isSame(path, product) ? planted : path)
                    .toList();
            compile(mutant, planted, classPath);
            long startNanos = System.nanoTime();
            Result result = test(classPath, mutant.tests());
            boolean noticed = result.isNoticed();
            caught += noticed ? 1 : 0;
            System.out.printf(
                    Locale.ROOT,
                    "%-8s %5.1f s  %s: %s%n",
                    noticed ? "caught" : "SURVIVED",
                    (System.nanoTime() - startNanos) / 1e9,
                    mutant.name(),
                    noticed ? result.firstLine : mutant.breaks() + " (" + result + ")");
        }
        System.out.println(caught + " of " + mutants.size() + " mutants caught");
        return caught == mutants.size();
    }

    /** The folder of a module that a source stands in. */
    private static Path moduleOf(Path source) {
        return MODULES.resolve(MODULES.relativize(source).getName(0));
    }

    /**
     * What the tests of a mutant run on: the class path of this process, or where that has not their module's tests, theirs.
     */
    private static List<Path> classPathOf(Mutant mutant) throws IOException {
        Set<Path> modules = new LinkedHashSet<>();
        for (String test : mutant.tests()) {
            modules.add(moduleOf(sourceOf(test)));
        }
        List<Path> own = ChildJvm.classPath();
        modules.removeIf(module -> own.stream().anyMatch(path -> isSame(path, module.resolve(TEST_CLASSES))));
        if (modules.isEmpty()) {
            return own;
        }
        if (modules.size() > 1) {
            throw new IllegalArgumentException("no class path has the tests of " + modules + " for " + mutant.name());
        }
        Path module = modules.iterator().next();
        List<Path> classPath = new ArrayList<>(List.of(module.resolve(TEST_CLASSES), module.resolve(CLASSES)));
        for (String path : Files.readString(module.resolve(CLASS_PATH)).strip().split(File.pathSeparator, -1)) {
            classPath.add(Path.of(path));
        }
        // What runs them: this module, and JUnit's launcher.
        own.stream()
                .filter(path -> isSame(path, MODULES.resolve("checks").resolve(TEST_CLASSES))
                        || path.getFileName().toString().startsWith("junit-platform-launcher-"))
                .forEach(classPath::add);
        return classPath;
    }

    /** The compiled classes of the module that the mutant changes. */
    private static Path productOf(Mutant mutant, List<Path> classPath) {
        Path sources = moduleOf(Path.of(mutant.file()));
        return classPath.stream()
                .filter(path ->
                        path.endsWith("classes") && path.toAbsolutePath().startsWith(sources.toAbsolutePath()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no classes of " + sources + " on the class path"));
    }

    private static boolean isSame(Path one, Path other) {
        return one.toAbsolutePath().equals(other.toAbsolutePath());
    }

    private void compile(Mutant mutant, Path classes, List<Path> classPath) throws IOException {
        Path source = Path.of(mutant.file());
        Path changed = scratch.resolve("source").resolve(source.getFileName());
        Files.createDirectories(changed.getParent());
        Files.writeString(changed, mutant.plantIn(Files.readString(source)));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int status = compiler.run(
                null,
                null,
                null,
                "-proc:none",
                "-nowarn",
                "-Xlint:none",
                "-parameters",
                "--release",
                "17",
                "-classpath",
                text(classPath),
                "-d",
                classes.toString(),
                changed.toString());
        Files.delete(changed);
        if (status != 0) {
            throw new IllegalArgumentException(mutant.name() + " does not compile");
        }
    }

    private Result test(List<Path> classPath, Collection<String> tests) throws Exception {
        Path temporary = Files.createDirectories(scratch.resolve("tmp"));
        Path output = scratch.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-XX:ErrorFile=" + scratch.resolve("crashed"),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", // Some tests look at warnings.
                "-classpath",
                text(classPath),
                MutantTests.class.getName()));
        for (String test : tests) {
            command.add(qualified(test));
        }
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectErrorStream(true)
                .start();
        boolean ended;
        try {
            ended = process.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        delete(temporary);
        List<String> lines;
        try (Stream<String> all = Files.lines(output)) {
            lines = all.filter(line -> line.startsWith("[engine:")).toList();
        }
        return new Result(
                ended ? process.exitValue() : Result.HUNG,
                lines.isEmpty() ? "exit status " + process.exitValue() : lines.get(0));
    }

    /** Where there may be pipes, which {@code FileUtils} would open, and wait. */
    private static void delete(Path directory) {
        try {
            PathUtils.delete(directory);
        } catch (IOException e) {
            System.err.println("mutants: " + directory + " is left: " + e);
        }
    }

    /** How a run of tests ended. */
    private record Result(int status, String firstLine) {

        static final int HUNG = -1;

        /** From here on the process was ended by a signal, as by one for memory that is not mapped. */
        private static final int SIGNAL = 128;

        boolean isNoticed() {
            return status == MutantTests.FAILED || status == HUNG || status > SIGNAL;
        }
    }

    private static String text(List<Path> classPath) {
        return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** The full name of a test that is given by its simple name, perhaps with a method. */
    static String qualified(String test) throws IOException {
        Path source = sourceOf(test);
        String type = typeOf(test);
        String method = test.substring(type.length()).replace('#', ' ');
        if (!Files.readString(source).contains(method.isEmpty() ? "" : method + "()")) {
            throw new IllegalArgumentException(test + " is the name of no test without parameters");
        }
        String path = moduleOf(source).resolve(TEST_SOURCES).relativize(source).toString();
        String name = path.substring(0, path.length() - ".java".length()).replace(File.separatorChar, '.');
        return name + test.substring(type.length());
    }

    private static String typeOf(String test) {
        int hash = test.indexOf('#');
        return hash < 0 ? test : test.substring(0, hash);
    }

    private static Path sourceOf(String test) throws IOException {
        String name = typeOf(test) + ".java";
        try (Stream<Path> files = Files.walk(MODULES)) {
            List<Path> found = files.filter(
                            path -> path.getFileName().toString().equals(name))
                    .toList();
            if (found.size() != 1) {
                throw new IllegalArgumentException(test + " is the name of " + found.size() + " tests");
            }
            return found.get(0);
        }
    }
}
