package org.blobarena.cli.process;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.io.output.ProxyOutputStream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.jspecify.annotations.Nullable;

/**
 * What a command has of its surroundings: the standard streams and the environment. Text is UTF-8, whatever the
 * locale.
 *
 * <p>A reader that goes away, as {@code head} does, is no failure: what is written afterwards is dropped, and
 * {@link #isReaderGone} tells a long listing that it may stop.
 */
public final class Console {

    private static final int PIECE_BYTES = 64 * 1024;

    /** What is read by one of the names could be a file of the JVM, where there is no standard input. */
    private static final Set<String> STANDARD_INPUT = Set.of("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0");

    /** To replace the file behind one of the names would not write to it. */
    private static final Set<String> STANDARD_OUTPUT = Set.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

    private final @Nullable InputStream in;
    private final StandardOutput standardOutput;
    private final OutputStream out;
    private final PrintWriter err;
    private final Map<String, String> environment;
    private final PrintStream terminal;
    private final Terminals terminals;

    /** @param in null where there is none */
    public Console(
            @Nullable InputStream in,
            OutputStream out,
            PrintStream err,
            Map<String, String> environment,
            Terminals terminals) {
        this.in = in;
        this.standardOutput = new StandardOutput(out);
        this.out = new BufferedOutputStream(standardOutput);
        this.err = new PrintWriter(err, true, StandardCharsets.UTF_8);
        this.environment = environment;
        this.terminal = err;
        this.terminals = terminals;
    }

    /**
     * Which streams a person looks at, or types into.
     *
     * @param in whether standard input is a terminal, which no archive comes from
     * @param out whether standard output is a terminal, where keys are shown and not written as they are
     * @param err whether the error stream is one
     */
    public record Terminals(boolean in, boolean out, boolean err) {}

    /** @throws IOException if there is no standard input */
    public InputStream in() throws IOException {
        if (in == null) {
            throw new IOException("standard input is closed");
        }
        return in;
    }

    /** Whether a path names standard input. */
    public static boolean isStandardInput(Path path) {
        return STANDARD_INPUT.contains(path.toString());
    }

    /** Whether a path names standard output. */
    public static boolean isStandardOutput(Path path) {
        return STANDARD_OUTPUT.contains(path.toString());
    }

    public Terminals terminals() {
        return terminals;
    }

    /** Buffered. */
    public OutputStream out() {
        return out;
    }

    public PrintWriter err() {
        return err;
    }

    public Map<String, String> environment() {
        return environment;
    }

    /** Returns whether progress can be shown. */
    boolean isTerminal() {
        return terminals.err();
    }

    /** Returns the error stream, for what moves the cursor. */
    PrintStream terminal() {
        return terminal;
    }

    public boolean isReaderGone() {
        return standardOutput.readerGone;
    }

    public void line(String text) throws IOException {
        text(text + '\n');
    }

    /** Writes text without an end of its own. */
    public void text(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes a key, byte for byte, or on a terminal so that it does nothing to it.
     *
     * @param before stands before the key
     * @param end ends it: a line end, or the zero byte, which no file name has
     */
    public void key(String before, Key key, char end) throws IOException {
        out.write(before.getBytes(StandardCharsets.UTF_8));
        out.write(terminals.out() ? Shown.of(key).getBytes(StandardCharsets.UTF_8) : key.bytes());
        out.write(end);
    }

    /** Writes a line that has left the process, whole, when this method returns. */
    public void lineNow(String text) throws IOException {
        line(text);
        out.flush();
    }

    /** Writes what a stream still has, for as long as somebody reads it. */
    public void bytes(InputStream content) throws IOException {
        out.flush();
        byte[] piece = new byte[PIECE_BYTES];
        for (int count = content.read(piece); count >= 0 && !isReaderGone(); count = content.read(piece)) {
            standardOutput.write(piece, 0, count);
        }
    }

    public void flush() throws IOException {
        out.flush();
    }

    private static final class StandardOutput extends ProxyOutputStream {

        private boolean readerGone;

        StandardOutput(OutputStream out) {
            super(out);
        }

        @Override
        protected void handleIOException(IOException e) throws IOException {
            String problem = String.valueOf(e.getMessage());
            if (problem.toLowerCase(Locale.ROOT).contains("broken pipe")) {
                readerGone = true;
            } else {
                throw new IOException("standard output: " + problem, e);
            }
        }
    }
}
