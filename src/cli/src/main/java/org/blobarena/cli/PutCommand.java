package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.commons.io.input.CloseShieldInputStream;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.KeyOption;
import org.blobarena.cli.text.Ttl;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.SourceStream;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Puts one blob. */
@Command(name = "put", description = "Puts a blob, replacing any existing one. Makes the store if there is none.")
final class PutCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Mixin
    private KeyOption keys;

    @Parameters(index = "0", paramLabel = "KEY", description = "The key.")
    private Key key;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "The file that has the blob, or a pipe; standard input, of any length, when not given or -.")
    private @Nullable Path file;

    @Option(
            names = "--compress",
            description = "Compress the blob with zstd, unless it gets no shorter. All commands read it.")
    private boolean compress;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            converter = Ttl.Converter.class,
            description =
                    "How long the blob is present, such as 90s, 15m, 12h or 7d, or as in ISO 8601, such as PT36H. Not in "
                            + "a store that keeps the same content once.")
    private @Nullable Ttl ttl;

    @Override
    public Integer call() throws IOException {
        Key typed = keys.key(key);
        // Before the store is opened: a bad source need not make it.
        try (InputStream source = source();
                KeyedBlobs blobs = main.store().openOrCreate(main.console(), writing())) {
            blobs.put(typed, source);
        }
        return ExitStatus.DONE;
    }

    private InputStream source() throws IOException {
        Path named = named();
        if (named == null) {
            return CloseShieldInputStream.wrap(main.console().in());
        }
        if (Files.isDirectory(named)) {
            throw new FileSystemException(named.toString(), null, "is a directory");
        }
        SourceStream.requireFits(named.toString(), Files.size(named));
        return Files.newInputStream(named);
    }

    private StoreOption.Writing writing() throws IOException {
        return new StoreOption.Writing(bytesMax(), compress, Durability.WRITTEN, expiry(), false);
    }

    private Expiry expiry() {
        return ttl == null ? Expiry.never() : ttl.expiry();
    }

    /** Of a source that does not say, anything. */
    private long bytesMax() throws IOException {
        Path named = named();
        return named != null && Files.isRegularFile(named) ? Files.size(named) : SourceStream.BLOB_BYTES_MAX;
    }

    private @Nullable Path named() {
        return file == null || Console.isStandardInput(file) ? null : file;
    }
}
