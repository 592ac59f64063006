package org.blobarena.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.store.api.RecordInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Adds up what blobs take, by the first parts of their keys. */
@Command(
        name = "du",
        description = {
            "Adds up what the blobs take, as du does for directories: by the first parts of their keys, each of which a / "
                    + "ends. Prints a line for each such group, in the order of their bytes, and one for the sum.",
            "In a line stand, with tabs between them: the bytes of the records on disk, of headers and keys too and "
                    + "compressed where they are; the bytes of the blobs; the number of blobs; the group, or total.",
            "In a store that keeps the same content once, that counts for each of its keys, as if each had its own. stat "
                    + "shows what the store takes."
        })
final class DiskUsageCommand implements Callable<Integer> {

    private static final Key TOTAL = Key.of("total");

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Main main;

    @Parameters(
            paramLabel = "PREFIX",
            arity = "0..1",
            defaultValue = "",
            description = "Only keys that begin with this. Groups are made by the parts behind it.")
    private Key prefix;

    @Option(
            names = "--depth",
            paramLabel = "PARTS",
            defaultValue = "1",
            description =
                    "The greatest number of parts in a group; a shorter group has what is in its longer ones too. 0 "
                            + "is for the sum alone. Default: ${DEFAULT-VALUE}.")
    private int depth;

    @Option(
            names = {"-0", "--null"},
            description = "End each line with a zero byte.")
    private boolean zero;

    private static final class Usage {

        private long recordBytes;
        private long blobBytes;
        private long blobs;

        void add(RecordInfo record) {
            recordBytes += record.recordBytes();
            blobBytes += record.blobBytes();
            blobs++;
        }

        void print(Console console, Key group, char end) throws IOException {
            console.key(recordBytes + "\t" + blobBytes + "\t" + blobs + "\t", group, end);
        }
    }

    @Override
    public Integer call() throws IOException {
        if (depth < 0) {
            throw new ParameterException(spec.commandLine(), "--depth " + depth + " is negative");
        }
        Console console = main.console();
        SortedMap<Key, Usage> groups = new TreeMap<>();
        Usage total = new Usage();
        try (ReadableBlobs blobs = main.store().openToRead(console);
                Stream<Key> keys = blobs.keys()) {
            Iterator<Key> iterator = keys.iterator();
            while (iterator.hasNext()) {
                Key key = iterator.next();
                RecordInfo record = key.startsWith(prefix) ? blobs.describe(key) : null;
                if (record != null) {
                    total.add(record);
                    addToGroups(groups, key, record);
                }
            }
        }
        char end = zero ? '\0' : '\n';
        for (Map.Entry<Key, Usage> group : groups.entrySet()) {
            group.getValue().print(console, group.getKey(), end);
        }
        total.print(console, TOTAL, end);
        return ExitStatus.DONE;
    }

    private void addToGroups(SortedMap<Key, Usage> groups, Key key, RecordInfo record) {
        byte[] bytes = key.bytes();
        int parts = 0;
        for (int i = prefix.bytes().length; i < bytes.length && parts < depth; i++) {
            if (bytes[i] == '/') {
                parts++;
                groups.computeIfAbsent(new Key(Arrays.copyOf(bytes, i + 1)), group -> new Usage())
                        .add(record);
            }
        }
    }
}
