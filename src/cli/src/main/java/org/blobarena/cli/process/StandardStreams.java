package org.blobarena.cli.process;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.output.BrokenOutputStream;

/**
 * The standard streams of this process, as far as it was given any. Where the process that started it had closed one,
 * the system gives its number to the first file that the JVM opens, and a read from standard input would read that.
 *
 * <p>{@code tools/blobarena} finds out both that and what is a terminal, and says so by system properties. Without it,
 * Linux tells of the files behind the numbers; elsewhere nothing is a terminal, and all is open.
 */
public final class StandardStreams {

    private static final String CLOSED = "org.blobarena.cli.closed";
    private static final String TERMINALS = "org.blobarena.cli.terminals";
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** {@code O_CLOEXEC}. */
    private static final long CLOSE_ON_EXEC = 0x80000;

    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int ERR = 2;

    private StandardStreams() {}

    public static Console console() {
        return new Console(
                isOpen(IN) ? System.in : null,
                isOpen(OUT) ? new FileOutputStream(FileDescriptor.out) : closedOutput(),
                isOpen(ERR)
                        ? System.err
                        : new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                ProcessText.environment(),
                new Console.Terminals(isTerminal(IN), isTerminal(OUT), isTerminal(ERR)));
    }

    /** Returns whether an argument of the JVM says something about the streams. */
    public static boolean isAbout(String argument) {
        return argument.startsWith("-D" + CLOSED + "=") || argument.startsWith("-D" + TERMINALS + "=");
    }

    private static OutputStream closedOutput() {
        return new BrokenOutputStream(ignored -> new IOException("it is closed"));
    }

    private static boolean isOpen(int descriptor) {
        String closed = System.getProperty(CLOSED);
        if (closed != null) {
            return !isIn(closed, descriptor);
        }
        if (!Files.isDirectory(DESCRIPTORS)) {
            return true;
        }
        try {
            Path file = Files.readSymbolicLink(DESCRIPTORS.resolve(String.valueOf(descriptor)));
            return !file.startsWith(Path.of(System.getProperty("java.home")).toRealPath())
                    && !isClosedOnExec(descriptor);
        } catch (IOException e) {
            return false;
        }
    }

    /** What is closed when a process becomes another program was not handed to this one. */
    private static boolean isClosedOnExec(int descriptor) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor));
        for (String line : lines) {
            if (line.startsWith("flags:")) {
                return (Long.parseLong(line.substring(line.indexOf(':') + 1).strip(), 8) & CLOSE_ON_EXEC) != 0;
            }
        }
        return false;
    }

    private static boolean isTerminal(int descriptor) {
        String terminals = System.getProperty(TERMINALS);
        if (terminals != null) {
            return isIn(terminals, descriptor);
        }
        try {
            String file = Files.readSymbolicLink(DESCRIPTORS.resolve(String.valueOf(descriptor)))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isIn(String numbers, int descriptor) {
        return List.of(numbers.split(",", -1)).contains(String.valueOf(descriptor));
    }
}
