package org.blobarena;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the sources of all modules declare. */
final class Sources {

    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern PARENT = Pattern.compile("(?s)<parent>.*?</parent>");
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>([^<]*)</artifactId>");

    private Sources() {}

    /** The simple names of all classes, those of tests and tools included. */
    static Set<String> classes() throws IOException {
        Set<String> names = new HashSet<>();
        for (Path file : java()) {
            names.add(file.getFileName().toString().replace(".java", ""));
        }
        return names;
    }

    /** What users can name of the public classes of the arena and the store: methods, fields, constants. */
    static Set<String> publicMembers() throws IOException {
        Set<String> names = new HashSet<>();
        for (Path file : java()) {
            Matcher declared = PACKAGE.matcher(Files.readString(file));
            if (file.toString().contains("main") && declared.find() && isForUsers(declared.group(1))) {
                addMembers(
                        declared.group(1) + "." + file.getFileName().toString().replace(".java", ""), names);
            }
        }
        return names;
    }

    private static boolean isForUsers(String name) {
        return name.matches(
                "org\\.blobarena\\.(arena|cache|content|httpclient|infinispan|jcache|micrometer|spring|store)(\\.(api|objects))?");
    }

    private static void addMembers(String name, Set<String> names) {
        try {
            Class<?> type = Class.forName(name, false, Sources.class.getClassLoader());
            if (Modifier.isPublic(type.getModifiers())) {
                Method[] methods = type.getMethods();
                Field[] fields = type.getFields();
                Stream.concat(Arrays.stream(methods), Arrays.stream(fields))
                        .map(Member::getName)
                        .forEach(names::add);
            }
        } catch (ClassNotFoundException e) {
            // A package-info.
        }
    }

    static String text(Path file) throws IOException {
        return Files.readString(file);
    }

    /** The artifacts that the build makes. */
    static Set<String> artifacts() throws IOException {
        Set<String> artifacts = new HashSet<>();
        for (Path file : files("src", "pom.xml")) {
            Matcher artifact =
                    ARTIFACT.matcher(PARENT.matcher(Files.readString(file)).replaceFirst(""));
            if (artifact.find()) {
                artifacts.add(artifact.group(1));
            }
        }
        return artifacts;
    }

    /** All files of Java, those of tests and tools included. */
    static List<Path> java() throws IOException {
        List<Path> all = new ArrayList<>(files("src", ".java"));
        all.addAll(files("tools", ".java"));
        return all;
    }

    private static List<Path> files(String folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}
