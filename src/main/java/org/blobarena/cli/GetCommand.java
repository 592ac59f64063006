package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Gets one blob. */
@Command(name = "get", description = "Gets the blob of a key.")
final class GetCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(paramLabel = "KEY", description = "The key.")
    private String key;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The file to write, which is replaced as a whole or stays as it is; standard output when "
                    + "not given.")
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
        try (BlobStore<String> store = main.store().open(main.console());
                BlobInputStream blob = store.openStream(key)) {
            if (blob == null) {
                return main.complainOfAbsence(key);
            }
            write(range.of(blob));
            return ExitStatus.DONE;
        }
    }

    private void write(InputStream content) throws IOException {
        if (output == null) {
            main.console().bytes(content);
        } else if (!Files.exists(output)) {
            OutputFile.replace(output.toAbsolutePath(), content);
        } else if (Files.isRegularFile(output) || Files.isDirectory(output)) {
            OutputFile.replace(output.toRealPath(), content);
        } else {
            OutputFile.writeInto(output, content);
        }
    }
}
