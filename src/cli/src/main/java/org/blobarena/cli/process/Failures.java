package org.blobarena.cli.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says in one line what failed, and where. */
public final class Failures {

    private Failures() {}

    public static String describe(Throwable failure) {
        if (failure instanceof UncheckedIOException && failure.getCause() != null) {
            return describe(failure.getCause());
        }
        if (failure instanceof FileSystemException ofFile) {
            return ofFile.getFile() + ": " + reason(ofFile);
        }
        if (failure instanceof OutOfMemoryError) {
            return "out of memory: " + failure.getMessage();
        }
        if (failure instanceof LinkageError && failure.getCause() != null) {
            return describe(failure.getCause());
        }
        if (failure.getMessage() == null || !isMeantForUsers(failure)) {
            return failure.toString();
        }
        return failure.getMessage();
    }

    /** Returns what is wrong with the file; many of these exceptions have no message but its name. */
    public static String reason(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (failure instanceof FileAlreadyExistsException && failure.getReason() == null) {
            return inTheWay(failure.getFile());
        }
        return Objects.requireNonNullElse(
                failure.getReason(), failure.getClass().getSimpleName());
    }

    /** Returns what is wrong, for a message that has named the file. */
    public static String reason(IOException failure) {
        return failure instanceof FileSystemException ofFile ? reason(ofFile) : describe(failure);
    }

    /** Returns what is there where something was to be made. */
    private static String inTheWay(@Nullable String file) {
        Path path = Path.of(Objects.requireNonNullElse(file, ""));
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            return "is a symbolic link that leads nowhere";
        }
        return Files.isDirectory(path) ? "is there already" : "is there already, and is no directory";
    }

    private static boolean isMeantForUsers(Throwable failure) {
        return failure.getClass() == IOException.class
                || failure instanceof IllegalArgumentException
                || failure instanceof IllegalStateException
                || failure.getClass().getName().startsWith("org.blobarena.");
    }
}
