package org.blobarena.cli;

import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Lists keys. */
@Command(
        name = "ls",
        description = "Lists the keys, a line each, in no particular order: sorting would need memory for all of them.")
final class ListCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(
            paramLabel = "PREFIX",
            arity = "0..1",
            defaultValue = "",
            description = "Only keys that begin with this.")
    private String prefix;

    @Option(names = "--long", description = "Before each key its blob's size in bytes, and a tab.")
    private boolean sizes;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        try (BlobStore<String> store = main.store().open(console);
                Stream<String> keys = store.keys()) {
            Iterator<String> iterator = keys.iterator();
            while (!console.isReaderGone() && iterator.hasNext()) {
                String key = iterator.next();
                if (key.startsWith(prefix)) {
                    console.line(sizes ? store.sizeOf(key).orElseThrow() + "\t" + key : key);
                }
            }
        }
        return ExitStatus.DONE;
    }
}
