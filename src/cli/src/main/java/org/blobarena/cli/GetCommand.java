package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.ByteRange;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.OutputFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Gets one blob. */
@Command(name = "get", description = "Gets the blob of a key.")
final class GetCommand implements Callable<Integer> {

    /** To replace the file behind one of the names would not write to it. */
    private static final Set<String> STANDARD_OUTPUT = Set.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

    @ParentCommand
    private Main main;

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
        try (KeyedBlobs blobs = main.store().openBlobs(main.console());
                InputStream blob = blobs.openStream(key)) {
            if (blob == null) {
                return main.complainOfAbsence(List.of(key));
            }
            write(range.of(blob));
            return ExitStatus.DONE;
        }
    }

    private void write(InputStream content) throws IOException {
        if (output == null || STANDARD_OUTPUT.contains(output.toString())) {
            main.console().bytes(content);
        } else if (!Files.exists(output)) {
            if (Files.isSymbolicLink(output)) {
                throw new FileSystemException(output.toString(), null, "is a symbolic link that leads nowhere");
            }
            OutputFile.replace(output, content, main.store().readers(main.console()));
        } else if (Files.isRegularFile(output) || Files.isDirectory(output)) {
            OutputFile.replace(output.toRealPath(), content, main.store().readers(main.console()));
        } else {
            OutputFile.writeInto(output, content);
        }
    }
}
