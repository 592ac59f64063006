package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Writes every blob to a file. */
@Command(
        name = "export",
        description = {
            "Writes every blob to the file DIR/KEY. Makes directories, replaces files.",
            "Refuses a key that would leave DIR, by .. or a symbolic link for example, or that is a directory of "
                    + "another, and ends there."
        })
final class ExportCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(paramLabel = "DIR", description = "The directory to write to; made when it is missing.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        Transfer transfer = new Transfer();
        try (BlobStore<String> store = main.store().open(console);
                Stream<String> keys = store.keys()) {
            main.store().requireOutside(console, directory);
            ExportTree tree = new ExportTree(directory, main.store().realDirectory(console));
            try (Progress progress =
                    Progress.on(console, "export", store.stats().liveBytes())) {
                for (Iterator<String> iterator = keys.iterator(); iterator.hasNext(); ) {
                    String key = iterator.next();
                    try (BlobInputStream content = store.openStream(key)) {
                        if (content != null) {
                            tree.write(key, content);
                            transfer.add(content.length());
                            progress.step(content.length());
                        }
                    }
                }
            }
        }
        console.line(transfer.summary("exported"));
        return ExitStatus.DONE;
    }
}
