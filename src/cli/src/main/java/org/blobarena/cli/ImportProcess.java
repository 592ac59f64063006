package org.blobarena.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.process.StandardStreams;
import org.blobarena.cli.text.Key;
import org.jspecify.annotations.Nullable;

/** A process like this one that imports a tree, and is killed before it is done. */
final class ImportProcess {

    private ImportProcess() {}

    /**
     * What became of it.
     *
     * @param acknowledged the keys that it has printed, in that order
     * @param killed whether it was still at work
     */
    record Outcome(List<Key> acknowledged, boolean killed) {}

    /**
     * Starts it, and kills it with SIGKILL, or what the system has for that, when it has printed so many keys. It
     * may be some keys ahead of what has been read here.
     */
    static Outcome killAfter(long keys, Path store, Path tree) throws IOException {
        Process process = new ProcessBuilder(command(store, tree))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream lines = new BufferedInputStream(process.getInputStream())) {
            List<Key> acknowledged = new ArrayList<>();
            for (Key key = key(lines); key != null; key = key(lines)) {
                acknowledged.add(key);
                if (acknowledged.size() == keys) {
                    // Not through the process itself, which would close the stream that still has lines.
                    process.toHandle().destroyForcibly();
                }
            }
            boolean killed = process.waitFor() != ExitStatus.DONE;
            return new Outcome(acknowledged, killed);
        } catch (InterruptedException e) {
            throw new InterruptedIOException("interrupted while another process was at work");
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> command(Path store, Path tree) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!StandardStreams.isAbout(argument)) { // Its streams are others.
                command.add(argument);
            }
        }
        String classPath = System.getProperty("java.class.path");
        // The manifest of the jar counts with -jar alone.
        if (classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0) {
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(List.of("-cp", classPath, Main.class.getName()));
        }
        command.addAll(List.of("--store", store.toString(), "import", "--verbose", "--null", tree.toString()));
        return command;
    }

    /** Returns the next whole key, or null: what stands behind the last end was cut off, or is the summary. */
    private static @Nullable Key key(InputStream keys) throws IOException {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        for (int next = keys.read(); next >= 0; next = keys.read()) {
            if (next == 0) {
                return new Key(key.toByteArray());
            }
            key.write(next);
        }
        return null;
    }
}
