package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes whole files: whoever looks finds the old one or the new one, never a part. */
final class OutputFile {

    private OutputFile() {}

    /**
     * Puts a file, or replaces the one that is there. A symbolic link is replaced, not followed.
     *
     * @param target not a directory; the directory above it exists
     */
    static void replace(Path target, InputStream content) throws IOException {
        if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(target.toString(), null, "is a directory");
        }
        // Not derived from the name of the target, which may have the greatest length already.
        Path part = target.resolveSibling(".blobarena-" + UUID.randomUUID() + ".part");
        try {
            try (OutputStream out =
                    Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.transferTo(out);
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            IOException ofTarget = ofTarget(target, e);
            deleteAfter(ofTarget, part);
            throw ofTarget;
        } catch (IOException | RuntimeException e) {
            deleteAfter(e, part);
            throw e;
        }
    }

    /** Writes into what is there, such as a pipe or a device. */
    static void writeInto(Path target, InputStream content) throws IOException {
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.WRITE)) {
            content.transferTo(out);
        }
    }

    /** Nobody knows the part by its name. */
    private static IOException ofTarget(Path target, FileSystemException failure) {
        FileSystemException ofTarget =
                new FileSystemException(target.toString(), null, "cannot be written: " + Failures.reason(failure));
        ofTarget.initCause(failure);
        return ofTarget;
    }

    private static void deleteAfter(Exception cause, Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
