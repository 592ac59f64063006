package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.EscapedName;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.blobarena.cli.transfer.FileTree;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.Skipped;
import org.blobarena.cli.transfer.SourceStream;
import org.blobarena.cli.transfer.Transfer;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Puts every file of a tree. */
@Command(
        name = "import",
        description = {
            "Puts every regular file below DIR; its key is its path from there, with / between the parts.",
            "Makes the store if there is none. Goes directory by directory, in the order of the names' bytes. Symbolic "
                    + "links are not followed; the store itself is passed over when it lies below DIR, and so are "
                    + "files named .blobarena-*.part, which a dead process left.",
            "A file that cannot be read, is too large, is gone or has a name that is not UTF-8 is named on the error "
                    + "stream and counted, and the rest goes on; the exit status is then 3."
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
            names = {"-0", "--null"},
            description = "With --verbose, end each key with a zero byte and not with a line end.")
    private boolean zero;

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

    @Option(
            names = "--dedup",
            description =
                    "Keep the same content once, whatever number of files has it: the directory of the store has two "
                            + "stores then, one of names and one of contents by their SHA-256. A store that was made so stays so, "
                            + "with or without this option; one that was not is refused. import, put, get, ls, contains, rm, export, "
                            + "compact and snapshot work on it; the other commands take its directory names or contents.")
    private boolean dedup;

    @Option(names = "--fail-fast", description = "End at the first file that cannot be stored.")
    private boolean failFast;

    @Option(names = "--unescape", description = "Read the keys out of the names that export --escape has given.")
    private boolean unescape;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        FileTree tree = new FileTree(directory, main.store().realDirectory(console));
        main.store().requireOutside(console, directory);
        Transfer transfer = new Transfer();
        FileTree.Totals totals = tree.totals();
        Skipped skipped = new Skipped(main::complain, failFast);
        String after = "";
        StoreOption.Writing writing =
                new StoreOption.Writing(totals.largest(), compress, durability, Expiry.never(), dedup);
        try (KeyedBlobs blobs = main.store().openOrCreate(console, writing);
                Progress progress = verbose ? Progress.none() : Progress.on(console, "import", totals.bytes())) {
            tree.forEach(
                    (key, file, bytes) -> {
                        Stored stored = put(blobs, key, file, bytes, skipped);
                        if (stored != null) {
                            transfer.add(stored.bytes());
                            printStored(stored.key());
                        }
                        progress.step(bytes);
                    },
                    (file, problem) -> report(skipped, file, problem));
            after = blobs.summary();
        } catch (Skipped.EndException e) {
            // Its summary says how far it came.
        }
        console.line(transfer.summary("imported", skipped.count(), "files") + after);
        return skipped.status();
    }

    private record Stored(Key key, long bytes) {}

    private @Nullable Stored put(KeyedBlobs blobs, Key path, Path file, long bytes, Skipped skipped)
            throws IOException {
        try {
            Key key = unescape ? unescaped(path, file) : path;
            if (key == null) {
                return null;
            }
            try (SourceStream content = open(file, bytes)) {
                blobs.put(key, content);
                return new Stored(key, content.count());
            }
        } catch (SourceStream.Failure e) {
            report(skipped, file, e.reason());
        } catch (KeyedBlobs.KeyException e) {
            report(skipped, file, e);
        } catch (BlobTooLargeException e) {
            report(skipped, file, new IOException(e.getMessage()));
        }
        return null;
    }

    private static SourceStream open(Path file, long bytes) throws SourceStream.Failure {
        try {
            StoreOption.requireFits(file, bytes);
            // A link that has taken the place of the file meanwhile is not followed either.
            return new SourceStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            throw new SourceStream.Failure(e);
        }
    }

    /** The key, or null if the file is only a part of another. */
    private static @Nullable Key unescaped(Key path, Path file) throws SourceStream.Failure {
        String name = EscapedName.text(path.bytes());
        try {
            if (!EscapedName.isHashed(name)) {
                return EscapedName.key(name);
            }
            if (name.endsWith(EscapedName.KEY_SUFFIX)) {
                return null;
            }
            try (InputStream in = Files.newInputStream(
                    file.resolveSibling(name + EscapedName.KEY_SUFFIX), LinkOption.NOFOLLOW_LINKS)) {
                Key key = new Key(in.readNBytes(EscapedName.KEY_BYTES_MAX + 1));
                EscapedName.requireName(key, name);
                return key;
            }
        } catch (IOException e) {
            throw new SourceStream.Failure(e);
        }
    }

    private void printStored(Key key) throws IOException {
        if (verbose) {
            main.console().key("", key, zero ? '\0' : '\n');
            main.console().flush();
        }
    }

    private static void report(Skipped skipped, Path file, IOException problem) {
        skipped.report(Shown.of(file) + ": is not imported: " + Failures.reason(problem));
    }
}
