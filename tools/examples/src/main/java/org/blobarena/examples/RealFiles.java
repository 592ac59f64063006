package org.blobarena.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiPredicate;
import org.apache.commons.io.FileUtils;

/** Finds the files that the programs work on. */
final class RealFiles {

    private RealFiles() {}

    /**
     * Finds regular files below a directory, links not followed. A directory that cannot be read is passed over.
     *
     * @param filesMax the number of files after which the search ends
     * @param isWanted decides by the path and the length in bytes
     * @return the paths, in the order of their names
     */
    static List<Path> below(Path root, int filesMax, BiPredicate<Path, Long> isWanted) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && Files.isReadable(file) && isWanted.test(file, attributes.size())) {
                    found.add(file);
                }
                return found.size() < filesMax ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        Collections.sort(found);
        return found;
    }

    /** The bytes that a directory takes on the device, as {@code du} counts them, or else the lengths of its files. */
    static long bytesOnDisk(Path directory) throws IOException, InterruptedException {
        Process du;
        try {
            du = new ProcessBuilder("du", "-sk", directory.toString()).start();
        } catch (IOException e) {
            return FileUtils.sizeOfDirectory(directory.toFile()); // There is no such program.
        }
        String line = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        du.waitFor();
        return Long.parseLong(line.substring(0, line.indexOf('\t'))) * 1024;
    }
}
