package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.Readers;
import org.blobarena.cli.transfer.OutputFile;

/** A process that stays in the middle of writing a file. */
final class HeldOutput {

    private HeldOutput() {}

    public static void main(String[] args) throws IOException {
        OutputFile.replace(
                Path.of(args[0]),
                new InputStream() {
                    private boolean begun;

                    @Override
                    public int read() throws IOException {
                        throw new IOException("not read byte by byte");
                    }

                    @Override
                    public int read(byte[] target, int from, int length) throws IOException {
                        if (begun) {
                            System.out.println("held");
                            System.in.read();
                        }
                        begun = true;
                        return length;
                    }
                },
                new Readers(false, false));
    }
}
