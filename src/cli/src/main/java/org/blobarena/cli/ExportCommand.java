package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.blobarena.cli.archive.ArchiveSink;
import org.blobarena.cli.archive.Format;
import org.blobarena.cli.archive.FormatOption;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.transfer.BlobSink;
import org.blobarena.cli.transfer.Export;
import org.blobarena.cli.transfer.ExportTree;
import org.blobarena.cli.transfer.Names;
import org.blobarena.cli.transfer.OutputFile;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.cli.transfer.Skipped;
import org.blobarena.cli.transfer.SortedKeys;
import org.blobarena.cli.transfer.Transfer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Writes every blob to a file, of a tree or of an archive. */
@Command(
        name = "export",
        description = {
            "Writes every blob to the file TARGET/KEY, in the order of the keys' bytes. Makes directories, replaces files, "
                    + "and puts each on the device before it gets its name. Or writes an archive: a tar or a zip, or a WARC where "
                    + "each blob is a resource. It is replaced as a whole; the same blobs make the same tar or zip.",
            "A key that is no path of a file below a directory is named on the error stream and counted, and the rest goes on; "
                    + "the exit status is then 3. Such a key is empty, not UTF-8, has an empty part (as // makes one), "
                    + ". or .. as a part, or a part that is too long, leads through a symbolic link, or lies below "
                    + "another key, which is exported first. In a WARC only keys that are absolute URIs of ASCII characters are "
                    + "exported. A key whose blob cannot be read is named, too."
        })
final class ExportCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Mixin
    private FormatOption archives;

    @Parameters(
            paramLabel = "TARGET",
            description = "The directory to write to, made when it is missing, or the archive; - is standard output.")
    private Path path;

    @Option(names = "--fail-fast", description = "End at the first key that cannot be exported.")
    private boolean failFast;

    @Option(
            names = "--escape",
            description = "Give every key a name of its own, whatever its bytes are: %%XX for each byte but ASCII "
                    + "letters, digits, and . _ - (and a . at the beginning); %% for the empty key; for one that would "
                    + "be too long %%-HASH, by SHA-256, beside a file %%-HASH.key that holds the key. "
                    + "In a WARC it is urn:blobarena: and such a name of any length. import --unescape reads them.")
    private boolean escape;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        boolean standard = Console.isStandardOutput(path);
        Format said = archives.format(path, !standard && Files.isDirectory(path));
        if (said == null && standard) {
            throw archives.missing();
        }
        Format format = said == null ? Format.DIR : said;
        if (standard && format != Format.DIR && console.terminals().out()) {
            throw new ParameterException(
                    spec.commandLine(), "standard output is a terminal, and no place for an archive");
        }
        Transfer transfer = new Transfer();
        Skipped skipped = new Skipped(main::complain, failFast);
        Names names = new Names(escape);
        try (ReadableBlobs blobs = main.store().openToRead(console)) {
            if (format == Format.DIR || !standard) {
                main.store().requireOutside(console, path);
            }
            try (SortedKeys keys = SortedKeys.of(
                            blobs,
                            Key.of(""),
                            problem -> skipped.report("a key that cannot be read is not exported: " + problem));
                    Progress progress = Progress.on(console, "export", blobs.bytes())) {
                LongConsumer exported = bytes -> {
                    transfer.add(bytes);
                    progress.step(bytes);
                };
                if (format == Format.DIR) {
                    Path excluded = main.store().realDirectory(console);
                    ExportTree tree =
                            new ExportTree(path, excluded, main.store().readers(console));
                    move(keys, new Export(blobs, tree, names, skipped, exported));
                } else {
                    OutputFile.Content archive =
                            out -> move(keys, new ArchiveSink(blobs, format, out, names, skipped, exported));
                    if (standard) {
                        archive.writeTo(console.out());
                    } else {
                        OutputFile.put(path, main.store().readers(console), archive);
                    }
                }
            }
        } catch (Skipped.EndException e) {
            // Its summary says how far it came.
        }
        if (!standard || format == Format.DIR) {
            console.line(transfer.summary("exported", skipped.count(), "keys"));
        }
        return skipped.status();
    }

    private void move(SortedKeys keys, BlobSink sink) throws IOException {
        try (sink) {
            keys.forEach(key -> {
                if (!main.console().isReaderGone()) {
                    sink.add(key);
                }
            });
            sink.settle();
        }
    }
}
