package org.blobarena.embedding;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.blobarena.testing.ChildJvm;

/** The jars that a program gets when it names an artifact. */
final class Libraries {

    private Libraries() {}

    /** What Maven resolves for the run time of a program that names the arena. */
    static List<Path> ofArena() throws IOException {
        return resolved("src/arena");
    }

    /** What Maven resolves for the run time of a program that names the store. */
    static List<Path> ofStore() throws IOException {
        List<Path> all = resolved("src/store");
        // Optional, so that only a program that names it gets it.
        all.removeIf(entry -> entry.getFileName().toString().startsWith("zstd-jni"));
        return all;
    }

    /** What Maven resolves for the run time of a program that names an integration. */
    static List<Path> ofIntegration(String folder) throws IOException {
        List<Path> all = resolved(folder);
        all.removeIf(entry -> entry.getFileName().toString().startsWith("zstd-jni"));
        return all;
    }

    /** What is left of it for a program that excludes the index on Chronicle Map. */
    static List<Path> ofStoreWithTable() throws IOException {
        List<Path> all = ofStore();
        all.removeIf(entry -> isOf("src/index-chronicle", entry)
                || entry.toString().contains("openhft")
                || entry.toString().contains("javapoet"));
        return all;
    }

    /** Copies a class path into a directory, as jars: before the phase {@code package} ours are directories. */
    static List<Path> copy(List<Path> entries, Path directory) throws IOException {
        Files.createDirectories(directory);
        List<Path> jars = new ArrayList<>();
        for (Path entry : entries) {
            Path jar = directory.resolve("library-" + jars.size() + ".jar");
            if (Files.isDirectory(entry)) {
                pack(entry, manifest(), jar);
            } else {
                jar = Files.copy(entry, directory.resolve(entry.getFileName().toString()));
            }
            jars.add(jar);
        }
        return jars;
    }

    /** The module itself, and after it what the build has written down of its dependencies. */
    private static List<Path> resolved(String folder) throws IOException {
        // The code source of a class may be a copy, to which the manifest of the command line leads.
        Path own = ChildJvm.classPath().stream()
                .filter(entry -> isOf(folder, entry))
                .filter(entry ->
                        !entry.endsWith("test-classes") && !entry.toString().endsWith("-tests.jar"))
                .findFirst()
                .orElseThrow();
        String others = Files.readString(own.resolveSibling("runtime-class-path.txt"));
        List<Path> all = new ArrayList<>(List.of(own));
        Stream.of(others.split(File.pathSeparator, -1))
                .filter(entry -> !entry.isBlank())
                .map(Path::of)
                .forEach(all::add);
        return all;
    }

    /** Whether a jar or directory is that of a folder with a module of this project. */
    static boolean isOf(String folder, Path entry) {
        return entry.startsWith(Path.of(folder).toAbsolutePath());
    }

    private static Manifest manifest() {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        return manifest;
    }

    private static void pack(Path directory, Manifest manifest, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = directory.relativize(each).toString();
                out.putNextEntry(new JarEntry(name.replace(File.separatorChar, '/')));
                Files.copy(each, out);
            }
        }
    }
}
