package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.Readers;
import org.blobarena.cli.transfer.OutputFile;

/** A process that stays in the middle of writing a file. */
final class HeldOutput {

    private HeldOutput() {}

    public static void main(String[] args) throws IOException {
        OutputFile.put(Path.of(args[0]), new Readers(false, false), out -> {
            out.write(new byte[8192]);
            System.out.println("held");
            System.in.read();
        });
    }
}
