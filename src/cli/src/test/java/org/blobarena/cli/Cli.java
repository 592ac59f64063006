package org.blobarena.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.blobarena.cli.process.Console;

/** Runs commands in this process, on streams that tests can look at. */
final class Cli {

    private Cli() {}

    /** What a command left behind. */
    record Result(int status, ByteBuffer bytes, String err) {

        String out() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }

        List<String> lines() {
            return out().lines().toList();
        }

        List<String> errLines() {
            return err.lines().toList();
        }
    }

    /** Runs a command on a store. */
    static Result on(Path store, String... args) {
        return on(store, new byte[0], args);
    }

    static Result on(Path store, byte[] in, String... args) {
        List<String> all = new ArrayList<>(List.of("--store", store.toString()));
        all.addAll(List.of(args));
        return run(Map.of(), in, false, all.toArray(String[]::new));
    }

    static Result run(String... args) {
        return run(Map.of(), new byte[0], false, args);
    }

    static Result run(Map<String, String> environment, byte[] in, boolean terminal, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(in),
                out,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                new Console.Terminals(terminal, terminal, terminal));
        int status = Main.execute(console, args);
        return new Result(status, ByteBuffer.wrap(out.toByteArray()), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs a command whose standard output is the given one. */
    static Result into(OutputStream out, Path store, String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                out,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("BLOBARENA_STORE", store.toString()),
                new Console.Terminals(false, false, false));
        int status = Main.execute(console, args);
        return new Result(status, ByteBuffer.allocate(0), err.toString(StandardCharsets.UTF_8));
    }
}
