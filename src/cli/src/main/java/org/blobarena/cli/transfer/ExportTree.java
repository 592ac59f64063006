package org.blobarena.cli.transfer;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.Arrays;
import org.blobarena.arena.internal.io.Readers;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.RawPath;
import org.blobarena.cli.text.RawText;
import org.jspecify.annotations.Nullable;

/**
 * A directory that keys become paths in, and that no key leaves: neither by its own text nor by a symbolic link
 * that stands in the way.
 */
public final class ExportTree {

    private final Path root;
    private final Path excluded;
    private final Readers readers;
    private @Nullable Path lastParent;

    /**
     * @param excluded the real path of a directory that no key may lie in, such as the store's own
     * @param readers who may read what is made
     */
    public ExportTree(Path root, Path excluded, Readers readers) throws IOException {
        this.readers = readers;
        Files.createDirectories(root, attributes());
        this.root = root.toRealPath();
        this.excluded = excluded;
    }

    /** Begins a file, or the replacement of the one that is there, and makes the directories above it. */
    OutputFile begin(Key key) throws IOException {
        Path file = resolve(key);
        Path parent = file.resolveSibling("");
        if (!parent.equals(lastParent)) {
            makeDirectories(parent);
            lastParent = parent;
        }
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw refused(file + " is a directory");
        }
        return OutputFile.replacing(file, readers);
    }

    /** @throws IOException if the key is not the path of a file below the root */
    Path resolve(Key key) throws IOException {
        String text = RawText.decode(key.bytes());
        Names.requirePath(text);
        Path file = root;
        for (String name : text.split("/", -1)) {
            file = file.resolve(single(name));
        }
        if (file.startsWith(excluded)) {
            throw refused("it would be written into the store");
        }
        return file;
    }

    /** Other systems know more separators, and drives. */
    private Path single(String name) throws IOException {
        try {
            Path path = RawPath.of(name);
            if (path.isAbsolute()
                    || path.getNameCount() != 1
                    || !Arrays.equals(RawPath.bytes(path), RawText.encode(name))) {
                throw refused("a part of it is not the name of a file here");
            }
            return path;
        } catch (InvalidPathException e) {
            throw refused(e.getReason());
        }
    }

    private void makeDirectories(Path parent) throws IOException {
        Path directory = root;
        for (Path name : root.relativize(parent)) {
            directory = directory.resolve(name);
            BasicFileAttributes attributes = attributes(directory);
            if (attributes == null) {
                Files.createDirectory(directory, attributes());
            } else if (attributes.isSymbolicLink()) {
                throw refused(directory + " is a symbolic link");
            } else if (!attributes.isDirectory()) {
                throw refused(directory + " is not a directory");
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

    private FileAttribute<?>[] attributes() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {readers.ofNewDirectory()}
                : new FileAttribute<?>[0];
    }

    private static IOException refused(String reason) {
        return new IOException(reason);
    }
}
