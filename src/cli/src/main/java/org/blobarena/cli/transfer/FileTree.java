package org.blobarena.cli.transfer;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.internal.io.WholeFile;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.RawPath;
import org.blobarena.cli.text.RawText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The regular files below a directory and the keys that they have in a store: the path from there, with
 * {@code /} on every system. Symbolic links are not followed, and what a dead process left unfinished is passed over.
 *
 * <p>They come in the order of their names, directory by directory: what a directory holds comes where its name has its
 * place. That takes memory for the names in one directory and in those above it.
 */
public final class FileTree {

    private static final Logger LOG = LoggerFactory.getLogger(FileTree.class);

    private final Path root;
    private final Path excluded;
    private final long filesMax;
    private final long bytesMax;

    /** @param excluded the real path of a directory that is passed over, such as the store's own */
    public FileTree(Path root, Path excluded) throws IOException {
        this(requireDirectory(root), excluded, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private FileTree(Path root, Path excluded, long filesMax, long bytesMax) {
        this.root = root;
        this.excluded = excluded;
        this.filesMax = filesMax;
        this.bytesMax = bytesMax;
    }

    /** Returns the same tree without the files that would exceed these totals. */
    public FileTree bounded(int files, long bytes) {
        return new FileTree(root, excluded, files, bytes);
    }

    /** Returns the real path of the directory. */
    public Path root() {
        return root;
    }

    /** Returns the real path of a directory; an exception when there is none. */
    static Path requireDirectory(Path path) throws IOException {
        Path real = path.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(path.toString());
        }
        return real;
    }

    /** What is done with each file. */
    @FunctionalInterface
    public interface Action {

        void accept(Key key, Path file, long bytes) throws IOException;
    }

    /** What is done about each file and directory that cannot be read, or has no key. */
    @FunctionalInterface
    public interface Problems {

        /** Takes no notice. */
        Problems PASSED_OVER = (file, problem) -> {};

        void report(Path file, IOException problem) throws IOException;
    }

    /** How many files there are, how many bytes they have together, and the largest that can be stored. */
    public record Totals(long files, long bytes, long largest) {}

    /** Counts what can be stored. */
    public Totals totals() throws IOException {
        long[] sums = new long[3];
        forEach(
                (key, file, bytes) -> {
                    if (bytes <= SourceStream.BLOB_BYTES_MAX) {
                        sums[0]++;
                        sums[1] += bytes;
                        sums[2] = Math.max(sums[2], bytes);
                    }
                },
                Problems.PASSED_OVER);
        return new Totals(sums[0], sums[1], sums[2]);
    }

    /** Visits every file, in their order. */
    public void forEach(Action action, Problems problems) throws IOException {
        new Walk(action, problems).directory(root);
    }

    /** One visit of all. */
    private final class Walk {

        private final Action action;
        private final Problems problems;
        private long files;
        private long bytes;

        Walk(Action action, Problems problems) {
            this.action = action;
            this.problems = problems;
        }

        void directory(Path directory) throws IOException {
            if (directory.equals(excluded)) {
                return;
            }
            List<Path> names;
            try {
                names = names(directory);
            } catch (IOException e) {
                problems.report(directory, e);
                return;
            }
            for (Path name : names) {
                if (files >= filesMax) {
                    return;
                }
                Path entry = directory.resolve(name);
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                } catch (IOException e) {
                    problems.report(entry, e);
                    continue;
                }
                if (attributes.isDirectory()) {
                    directory(entry);
                } else if (attributes.isRegularFile() && !WholeFile.isPart(name)) {
                    file(entry, attributes.size());
                } else {
                    LOG.debug("{} is no regular file and is passed over", entry);
                }
            }
        }

        private void file(Path file, long size) throws IOException {
            if (size > bytesMax - bytes) {
                return;
            }
            byte[] name = RawPath.bytes(root.relativize(file));
            if (RawText.hasEscapes(RawText.decode(name))) {
                problems.report(file, new IOException("the name is not valid UTF-8"));
                return;
            }
            files++;
            bytes += size;
            action.accept(key(name), file, size);
        }
    }

    private static Key key(byte[] name) {
        return new Key(
                File.separatorChar == '/'
                        ? name
                        : new String(name, StandardCharsets.UTF_8)
                                .replace(File.separatorChar, '/')
                                .getBytes(StandardCharsets.UTF_8));
    }

    private static List<Path> names(Path directory) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(entry.getFileName());
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }
}
