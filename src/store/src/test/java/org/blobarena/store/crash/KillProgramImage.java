package org.blobarena.store.crash;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.blobarena.testing.ChildJvm;

/**
 * Starts {@link KilledProgram} fast: with an archive of its classes as a first run has loaded them, which takes a
 * third off its processor time. Archives are for jars only, so the folders of the class path are packed into one.
 */
public final class KillProgramImage {

    private static final List<String> FLAGS = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m");

    private final List<Path> classPath = new ArrayList<>();
    private final List<String> flags = new ArrayList<>(FLAGS);

    /** Makes the archive in a directory that exists. */
    public KillProgramImage(Path directory) throws IOException, InterruptedException {
        Path jar = directory.resolve("classes.jar");
        classPath.add(jar);
        try (JarOutputStream output = new JarOutputStream(Files.newOutputStream(jar))) {
            Set<String> names = new HashSet<>();
            for (Path path : ChildJvm.classPath()) {
                if (Files.isDirectory(path)) {
                    pack(path, output, names);
                } else if (Files.exists(path)) {
                    classPath.add(path);
                }
            }
        }
        Path archive = directory.resolve("classes.jsa");
        List<String> dumping = new ArrayList<>(FLAGS);
        dumping.add("-XX:ArchiveClassesAtExit=" + archive);
        Path store = directory.resolve("first");
        try (ChildJvm first = ChildJvm.start(classPath, dumping, KilledProgram.class, store, "0", "0", "500")) {
            first.awaitEnd();
        }
        flags.add("-XX:SharedArchiveFile=" + archive);
    }

    ChildJvm start(Path store, String... arguments) throws IOException {
        return ChildJvm.start(classPath, flags, KilledProgram.class, store, arguments);
    }

    private static void pack(Path folder, JarOutputStream output, Set<String> names) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
            if (names.add(name)) {
                output.putNextEntry(new JarEntry(name));
                Files.copy(file, output);
                output.closeEntry();
            }
        }
    }
}
