package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Key;
import org.blobarena.content.ContentStore;
import org.blobarena.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Makes a second store of what one holds now. */
@Command(
        name = "snapshot",
        description = {
            "Makes a store of its own, in DIR, of all that the store holds now.",
            "On the same file system it shares the files, and takes no space until one of the two changes."
        })
final class SnapshotCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(paramLabel = "DIR", description = "The directory to make; it may be there if it is empty.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        main.store().requireOutside(main.console(), directory);
        try (ContentStore contents = main.store().openContents(main.console())) {
            if (contents != null) {
                contents.snapshot(directory);
                return ExitStatus.DONE;
            }
        }
        try (BlobStore<Key> store = main.store().open(main.console())) {
            store.snapshot(directory);
        }
        return ExitStatus.DONE;
    }
}
