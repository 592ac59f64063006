package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.StandardStreams;

/**
 * Runs the most used commands once, so that their classes are loaded: what a JVM that ends then writes into an archive for
 * class data sharing starts the next process in two thirds of the time. The launcher runs it, with {@code
 * -XX:ArchiveClassesAtExit}.
 */
final class Training {

    private Training() {}

    /** @param args the directory to work in, which is made and must not exist */
    public static void main(String[] args) throws IOException {
        Main.quietenLibraries();
        Path directory = Files.createDirectory(Path.of(args[0]));
        Path file = Files.writeString(directory.resolve("file"), "text");
        Console console = StandardStreams.console();
        for (String[] command : new String[][] {
            {"put", "key", file.toString()},
            {"get", "key"},
            {"contains", "key"},
            {"ls", "--long"},
            {"stat"},
            {"rm", "key"},
            {"verify"}
        }) {
            run(console, directory, command);
        }
        run(
                console,
                directory,
                "import",
                Files.createDirectory(directory.resolve("tree")).toString());
        run(console, directory, "export", directory.resolve("exported").toString());
        run(console, directory, "export", directory.resolve("exported.tar").toString());
    }

    private static void run(Console console, Path directory, String... command) throws IOException {
        String[] all = new String[command.length + 2];
        all[0] = "--store";
        all[1] = directory.resolve("store").toString();
        System.arraycopy(command, 0, all, 2, command.length);
        int status = Main.execute(console, all);
        if (status != 0) {
            throw new IOException(command[0] + " ended with status " + status);
        }
    }
}
