package org.blobarena.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The regular files below a directory and the keys that they have in a store: the path from there, with
 * {@code /} on every system. Symbolic links are not followed.
 */
final class FileTree {

    private static final Logger LOG = LoggerFactory.getLogger(FileTree.class);

    private final Path root;
    private final Path excluded;
    private final long filesMax;
    private final long bytesMax;

    /** @param excluded the real path of a directory that is passed over, such as the store's own */
    FileTree(Path root, Path excluded) throws IOException {
        this(requireDirectory(root), excluded, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private FileTree(Path root, Path excluded, long filesMax, long bytesMax) {
        this.root = root;
        this.excluded = excluded;
        this.filesMax = filesMax;
        this.bytesMax = bytesMax;
    }

    /** The same tree without the files that would exceed these totals. */
    FileTree bounded(int files, long bytes) {
        return new FileTree(root, excluded, files, bytes);
    }

    /** The real path of the directory. */
    Path root() {
        return root;
    }

    /** The real path of a directory; an exception when there is none. */
    static Path requireDirectory(Path path) throws IOException {
        Path real = path.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(path.toString());
        }
        return real;
    }

    /** What is done with each file. */
    @FunctionalInterface
    interface Action {

        void accept(String key, Path file, long bytes) throws IOException;
    }

    /** How many files there are, how many bytes they have together, and the largest. */
    record Totals(long files, long bytes, long largest) {}

    /** Counts, and refuses now what could not be stored later. */
    Totals totals() throws IOException {
        long[] sums = new long[3];
        forEach((key, file, bytes) -> {
            StoreOption.requireFits(file.toString(), bytes);
            sums[0]++;
            sums[1] += bytes;
            sums[2] = Math.max(sums[2], bytes);
        });
        return new Totals(sums[0], sums[1], sums[2]);
    }

    /** Visits every file, in the order of the directories. */
    void forEach(Action action) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            private long files;
            private long bytes;

            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return directory.equals(excluded) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    LOG.debug("{} is no regular file and is passed over", file);
                } else if (attributes.size() <= bytesMax - bytes) {
                    files++;
                    bytes += attributes.size();
                    action.accept(key(file), file, attributes.size());
                }
                return files < filesMax ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }
        });
    }

    /** A name that is not text in the encoding of file names would come back as another name. */
    private String key(Path file) throws IOException {
        Path relative = root.relativize(file);
        String name = relative.toString();
        if (!isSame(relative, name)) {
            throw new IOException(file + ": the name is not valid UTF-8");
        }
        return File.separatorChar == '/' ? name : name.replace(File.separatorChar, '/');
    }

    private static boolean isSame(Path path, String name) {
        try {
            return path.getFileSystem().getPath(name).equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
