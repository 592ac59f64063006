package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A directory that keys become paths in, and that no key leaves: neither by its own text nor by a symbolic link
 * that stands in the way.
 */
final class ExportTree {

    private final Path root;
    private final Path excluded;
    private @Nullable Path lastParent;

    /** @param excluded the real path of a directory that no key may lie in, such as the store's own */
    ExportTree(Path root, Path excluded) throws IOException {
        Files.createDirectories(root);
        this.root = root.toRealPath();
        this.excluded = excluded;
    }

    /** Puts a file, or replaces the one that is there, and makes the directories above it. */
    void write(String key, InputStream content) throws IOException {
        Path file = resolve(key);
        Path parent = file.resolveSibling("");
        if (!parent.equals(lastParent)) {
            makeDirectories(key, parent);
            lastParent = parent;
        }
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw refused(key, file + " is a directory");
        }
        OutputFile.replace(file, content);
    }

    /** @throws IOException if the key is not the path of a file below the root */
    Path resolve(String key) throws IOException {
        Path file = root;
        for (String name : key.split("/", -1)) {
            if (name.isEmpty()) {
                throw refused(key, "it is empty, begins or ends with /, or has // inside");
            }
            if (name.equals(".") || name.equals("..")) {
                throw refused(key, "it has " + name + " as a part");
            }
            file = file.resolve(single(key, name));
        }
        if (file.startsWith(excluded)) {
            throw refused(key, "it would be written into the store");
        }
        return file;
    }

    /** Other systems know more separators, and drives. */
    private Path single(String key, String name) throws IOException {
        try {
            Path path = root.getFileSystem().getPath(name);
            if (path.isAbsolute()
                    || path.getNameCount() != 1
                    || !path.toString().equals(name)) {
                throw refused(key, "a part of it is not the name of a file here");
            }
            return path;
        } catch (InvalidPathException e) {
            throw refused(key, e.getReason());
        }
    }

    private void makeDirectories(String key, Path parent) throws IOException {
        Path directory = root;
        for (Path name : root.relativize(parent)) {
            directory = directory.resolve(name);
            BasicFileAttributes attributes = attributes(directory);
            if (attributes == null) {
                Files.createDirectory(directory);
            } else if (attributes.isSymbolicLink()) {
                throw refused(key, directory + " is a symbolic link");
            } else if (!attributes.isDirectory()) {
                throw refused(key, directory + " is not a directory");
            }
        }
    }

    private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static IOException refused(String key, String reason) {
        return new IOException("key \"" + key + "\" is not exported: " + reason);
    }
}
