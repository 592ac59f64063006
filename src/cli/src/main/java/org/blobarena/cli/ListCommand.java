package org.blobarena.cli;

import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.transfer.KeyedBlobs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Lists keys. */
@Command(
        name = "ls",
        description = {
            "Lists the keys, a line each, in no particular order: sorting would need memory for all of them.",
            "Into a file or a pipe their bytes are written as they are. On a terminal a byte that is not UTF-8 and what "
                    + "does something to it stands as \\xNN, and a backslash as two: a shell reads it as $'...'."
        })
final class ListCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(
            paramLabel = "PREFIX",
            arity = "0..1",
            defaultValue = "",
            description = "Only keys that begin with this.")
    private Key prefix;

    @Option(names = "--long", description = "Before each key its blob's size in bytes, and a tab.")
    private boolean sizes;

    @Option(
            names = {"-0", "--null"},
            description = "End each key with a zero byte and not with a line end.")
    private boolean zero;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        try (KeyedBlobs blobs = main.store().openBlobs(console);
                Stream<Key> keys = blobs.keys()) {
            Iterator<Key> iterator = keys.iterator();
            while (!console.isReaderGone() && iterator.hasNext()) {
                Key key = iterator.next();
                if (key.startsWith(prefix)) {
                    long size = sizes ? blobs.sizeOf(key).orElse(-1) : 0;
                    if (size >= 0) { // Else it was removed meanwhile.
                        console.key(sizes ? size + "\t" : "", key, zero ? '\0' : '\n');
                    }
                }
            }
        }
        return ExitStatus.DONE;
    }
}
