package org.blobarena.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;

/** Says in one line what failed, and where. */
final class Failures {

    private Failures() {}

    static String describe(Throwable failure) {
        if (failure instanceof UncheckedIOException && failure.getCause() != null) {
            return describe(failure.getCause());
        }
        if (failure instanceof FileSystemException ofFile) {
            return ofFile.getFile() + ": " + reason(ofFile);
        }
        if (failure instanceof OutOfMemoryError) {
            return "out of memory: " + failure.getMessage();
        }
        if (failure.getMessage() == null || !isMeantForUsers(failure)) {
            return failure.toString();
        }
        return failure.getMessage();
    }

    /** Control characters would make several lines of one, or move a terminal's cursor. */
    static String onOneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            if (Character.isISOControl(character)) {
                line.append(String.format("\\u%04x", character));
            } else {
                line.appendCodePoint(character);
            }
        });
        return line.toString();
    }

    /** What is wrong with the file; many of these exceptions have no message but its name. */
    static String reason(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NotDirectoryException) {
            return "not a directory";
        }
        return Objects.requireNonNullElse(
                failure.getReason(), failure.getClass().getSimpleName());
    }

    private static boolean isMeantForUsers(Throwable failure) {
        return failure.getClass() == IOException.class
                || failure instanceof IllegalArgumentException
                || failure instanceof IllegalStateException
                || failure.getClass().getName().startsWith("org.blobarena.");
    }
}
