package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.commons.io.input.CloseShieldInputStream;
import org.blobarena.cli.archive.ArchiveSource;
import org.blobarena.cli.archive.Format;
import org.blobarena.cli.archive.FormatOption;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.blobarena.cli.transfer.BlobSource;
import org.blobarena.cli.transfer.FileTree;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.Names;
import org.blobarena.cli.transfer.Skipped;
import org.blobarena.cli.transfer.SourceStream;
import org.blobarena.cli.transfer.Transfer;
import org.blobarena.cli.transfer.TreeSource;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Puts every file of a tree, or of an archive. */
@Command(
        name = "import",
        description = {
            "Puts every regular file below a directory; its key is its path from there, with / between the parts. Or every "
                    + "file of a tar, which may be compressed with gzip, or of a zip, by its name there; or the response or "
                    + "resource of every record of a WARC, by its URI. Archives are read once, from their beginning.",
            "Makes the store if there is none. Goes directory by directory, in the order of the names' bytes. Symbolic "
                    + "links are not followed; the store itself is passed over when it lies below the directory, and so are "
                    + "files named .blobarena-*.part, which a dead process left. In an archive, the last of several files of "
                    + "one name counts, and a hard link has the bytes of the file before it.",
            "A file that cannot be read, is too large, is gone, or has a name that is not UTF-8 or leads out of a directory, is "
                    + "named on the error stream and counted, and the rest goes on; the exit status is then 3. At a place where "
                    + "an archive is cut off or damaged the command ends, and what stood before is imported."
        })
final class ImportCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Mixin
    private FormatOption archives;

    @Parameters(paramLabel = "SOURCE", description = "The directory or archive to read; - is standard input.")
    private Path path;

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
        Transfer transfer = new Transfer();
        Skipped skipped = new Skipped(main::complain, failFast);
        String after = "";
        // Before the store is opened: a bad source need not make it.
        try (BlobSource source = open()) {
            StoreOption.Writing writing =
                    new StoreOption.Writing(source.blobBytesMax(), compress, durability, Expiry.never(), dedup);
            try (KeyedBlobs blobs = main.store().openOrCreate(console, writing);
                    Progress progress = verbose ? Progress.none() : Progress.on(console, "import", source.bytes())) {
                source.forEach(new Putting(blobs, source, transfer, skipped, progress));
                after = blobs.summary();
            }
        } catch (Skipped.EndException e) {
            // Its summary says how far it came.
        }
        console.line(transfer.summary("imported", skipped.count(), "files") + after);
        return skipped.status();
    }

    private BlobSource open() throws IOException {
        Names names = new Names(unescape);
        boolean standard = Console.isStandardInput(path);
        if (!standard && Files.notExists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        Format read = archives.format(path, !standard && Files.isDirectory(path));
        if (read == null) {
            if (standard) {
                throw archives.missing();
            }
            throw new FileSystemException(
                    path.toString(), null, "not a directory, and its name says no archive: give --format");
        }
        if (read == Format.DIR) {
            main.store().requireOutside(main.console(), path);
            return new TreeSource(new FileTree(path, main.store().realDirectory(main.console())), names);
        }
        if (standard) {
            if (main.console().terminals().in()) {
                throw new ParameterException(spec.commandLine(), "standard input is a terminal, and no archive");
            }
            InputStream in = CloseShieldInputStream.wrap(main.console().in());
            return new ArchiveSource("standard input", in, 0, read, names);
        }
        if (Files.isDirectory(path)) {
            throw new FileSystemException(path.toString(), null, "is a directory, and no archive");
        }
        return new ArchiveSource(Shown.of(path), Files.newInputStream(path), Files.size(path), read, names);
    }

    /** Puts one blob after the other. */
    private final class Putting implements BlobSource.Visitor {

        private final KeyedBlobs blobs;
        private final BlobSource source;
        private final Transfer transfer;
        private final Skipped skipped;
        private final Progress progress;

        Putting(KeyedBlobs blobs, BlobSource source, Transfer transfer, Skipped skipped, Progress progress) {
            this.blobs = blobs;
            this.source = source;
            this.transfer = transfer;
            this.skipped = skipped;
            this.progress = progress;
        }

        @Override
        public void blob(BlobSource.Item item) throws IOException {
            try (SourceStream content = item.open(blobs)) {
                blobs.put(item.key(), content);
                transfer.add(content.count());
                printStored(item.key());
            } catch (SourceStream.Failure e) {
                problem(item.shown(), e.reason());
            } catch (KeyedBlobs.KeyException e) {
                problem(item.shown(), e);
            } catch (BlobTooLargeException e) {
                problem(item.shown(), new IOException(e.getMessage()));
            }
            progress.show(source.done(), source.bytes());
        }

        @Override
        public void problem(String shown, IOException problem) {
            skipped.report(shown + ": is not imported: " + Failures.reason(problem));
        }
    }

    private void printStored(Key key) throws IOException {
        if (verbose) {
            main.console().key("", key, zero ? '\0' : '\n');
            main.console().flush();
        }
    }
}
