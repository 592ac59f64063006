package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.ByteRange;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.KeyOption;
import org.blobarena.cli.transfer.OutputFile;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Gets one blob. */
@Command(name = "get", description = "Gets the blob of a key.")
final class GetCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Mixin
    private KeyOption keys;

    @Parameters(paramLabel = "KEY", description = "The key.")
    private Key key;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The file to write, which is replaced as a whole or stays as it is, and keeps its "
                    + "permissions; a new one can be read by those who can read the store. Standard output when not "
                    + "given or -.")
    private @Nullable Path output;

    @Option(
            names = "--range",
            paramLabel = "FROM:TO",
            converter = ByteRange.Converter.class,
            description = "Only the bytes from offset FROM to before offset TO, as far as the blob has them; from its "
                    + "start or to its end when one is left out.")
    private ByteRange range = ByteRange.WHOLE;

    @Override
    public Integer call() throws IOException {
        try (ReadableBlobs blobs = main.store().openToRead(main.console());
                InputStream blob = blobs.openStream(keys.key(key))) {
            if (blob == null) {
                return main.complainOfAbsence(List.of(key));
            }
            write(range.of(blob));
            return ExitStatus.DONE;
        }
    }

    private void write(InputStream content) throws IOException {
        if (output == null || Console.isStandardOutput(output)) {
            main.console().bytes(content);
        } else {
            OutputFile.put(output, main.store().readers(main.console()), content::transferTo);
        }
    }
}
