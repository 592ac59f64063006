package org.blobarena.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The sources of the JDK: a page is a class, and leads to those that it imports. */
final class LinkedSources extends LinkedPages implements AutoCloseable {

    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?([\\w.]+)");
    private static final String SUFFIX = ".java";

    private final Path archive;
    private final FileSystem files;

    /** By the name of a class, with dots, its file in the archive. */
    private final Map<String, String> classes = new HashMap<>();

    private final List<String> names;

    /** @param archive in which each folder is a module */
    LinkedSources(Path archive) throws IOException {
        this.archive = archive;
        this.files = FileSystems.newFileSystem(archive);
        try (Stream<Path> found = Files.walk(files.getPath("/"))) {
            names = found.map(Path::toString)
                    .filter(name -> name.endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
        for (String name : names) {
            int module = name.indexOf('/', 1);
            if (module > 0) {
                String type = name.substring(module + 1, name.length() - SUFFIX.length());
                classes.put(type.replace('/', '.'), name);
            }
        }
    }

    /** The sources that came with the Java that runs; they need not be there. */
    static Path ofThisJava() {
        return Path.of(System.getProperty("java.home"), "lib", "src.zip");
    }

    int size() {
        return names.size();
    }

    @Override
    String description() {
        return String.format("%,d classes of Java in %s, and what they import", names.size(), archive);
    }

    @Override
    List<String> names() {
        return names;
    }

    @Override
    Page read(String name) throws IOException {
        String source = new String(Files.readAllBytes(files.getPath(name)), StandardCharsets.UTF_8);
        Set<String> links = new LinkedHashSet<>();
        Matcher imports = IMPORT.matcher(source);
        while (imports.find()) {
            String type = imports.group(1);
            // A nested class or a static member is found in the file of the class around it.
            while (type.indexOf('.') > 0 && !classes.containsKey(type)) {
                type = type.substring(0, type.lastIndexOf('.'));
            }
            String file = classes.get(type);
            if (file != null) {
                links.add(file);
            }
        }
        return new Page(source, links);
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
