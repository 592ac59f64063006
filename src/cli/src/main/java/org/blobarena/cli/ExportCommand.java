package org.blobarena.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.transfer.Export;
import org.blobarena.cli.transfer.ExportTree;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.Skipped;
import org.blobarena.cli.transfer.SortedKeys;
import org.blobarena.cli.transfer.Transfer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Writes every blob to a file. */
@Command(
        name = "export",
        description = {
            "Writes every blob to the file DIR/KEY, in the order of the keys' bytes. Makes directories, replaces files, "
                    + "and puts each on the device before it gets its name.",
            "A key that is no path of a file below DIR is named on the error stream and counted, and the rest goes on; "
                    + "the exit status is then 3. Such a key is empty, not UTF-8, has an empty part (as // makes one), "
                    + ". or .. as a part, or a part that is too long, leads through a symbolic link, or lies below "
                    + "another key, which is exported first. So is one whose blob cannot be read."
        })
final class ExportCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(paramLabel = "DIR", description = "The directory to write to; made when it is missing.")
    private Path directory;

    @Option(names = "--fail-fast", description = "End at the first key that cannot be exported.")
    private boolean failFast;

    @Option(
            names = "--escape",
            description =
                    "Give every key a name of its own in DIR, whatever its bytes are: %%XX for each byte but ASCII "
                            + "letters, digits, and . _ - (and a . at the beginning); %% for the empty key; for one that would "
                            + "be too long %%-HASH, by SHA-256, beside a file %%-HASH.key that holds the key. "
                            + "import --unescape reads them.")
    private boolean escape;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        Transfer transfer = new Transfer();
        Skipped skipped = new Skipped(main::complain, failFast);
        try (KeyedBlobs blobs = main.store().openBlobs(console)) {
            main.store().requireOutside(console, directory);
            ExportTree tree = new ExportTree(
                    directory, main.store().realDirectory(console), main.store().readers(console));
            try (SortedKeys keys = keys(blobs, skipped);
                    Progress progress = Progress.on(console, "export", blobs.bytes());
                    Export export = new Export(blobs, tree, escape, skipped, bytes -> {
                        transfer.add(bytes);
                        progress.step(bytes);
                    })) {
                keys.forEach(export::add);
                export.settle();
            }
        } catch (Skipped.EndException e) {
            // Its summary says how far it came.
        }
        console.line(transfer.summary("exported", skipped.count(), "keys"));
        return skipped.status();
    }

    /** All that can be read: one that cannot takes no other with it. */
    private static SortedKeys keys(KeyedBlobs blobs, Skipped skipped) throws IOException {
        SortedKeys sorted = new SortedKeys(SortedKeys.USUAL_BYTES);
        try (Stream<Key> keys = blobs.keys()) {
            Iterator<Key> iterator = keys.iterator();
            while (true) {
                try {
                    if (!iterator.hasNext()) {
                        return sorted;
                    }
                    sorted.add(iterator.next());
                } catch (UncheckedIOException e) {
                    skipped.report("a key that cannot be read is not exported: " + Failures.describe(e));
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            sorted.close();
            throw e;
        }
    }
}
