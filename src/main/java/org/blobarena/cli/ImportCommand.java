package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.blobarena.store.BlobStore;
import org.blobarena.store.Durability;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Puts every file of a tree. */
@Command(
        name = "import",
        description = {
            "Puts every regular file below DIR; its key is its path from there, with / between the parts.",
            "Makes the store if there is none. Symbolic links are not followed, and the store itself is passed over "
                    + "when it lies below DIR. Ends at the first file that cannot be read or stored."
        })
final class ImportCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(paramLabel = "DIR", description = "The directory to read.")
    private Path directory;

    @Option(
            names = "--verbose",
            description = "Print each key, on a line of its own, as soon as its blob is acknowledged.")
    private boolean verbose;

    @Option(
            names = "--durability",
            defaultValue = "WRITTEN",
            description = "What an acknowledged blob has survived: buffered (nothing yet), written (the death of the "
                    + "process) or forced (the loss of power). The end of the command forces everything. "
                    + "Default: ${DEFAULT-VALUE}.")
    private Durability durability = Durability.WRITTEN;

    @Option(
            names = "--compress",
            description = "Compress the blobs with zstd, but for those that get no shorter. All commands read them.")
    private boolean compress;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        FileTree tree = new FileTree(directory, main.store().realDirectory(console));
        main.store().requireOutside(console, directory);
        Transfer transfer = new Transfer();
        FileTree.Totals totals = tree.totals();
        try (BlobStore<String> store = main.store().openOrCreate(console, totals.largest(), compress);
                Progress progress = verbose ? Progress.none() : Progress.on(console, "import", totals.bytes())) {
            tree.forEach((key, file, bytes) -> {
                // A link that has taken the place of the file meanwhile is not followed either.
                try (InputStream content = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                    store.put(key, content, durability);
                }
                if (verbose) {
                    console.lineNow(key);
                }
                transfer.add(bytes);
                progress.step(bytes);
            });
        }
        console.line(transfer.summary("imported"));
        return ExitStatus.DONE;
    }
}
