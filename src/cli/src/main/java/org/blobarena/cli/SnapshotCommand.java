package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.RateOption;
import org.blobarena.content.ContentStore;
import org.blobarena.store.BlobStore;
import org.blobarena.store.upkeep.Pace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Makes a second store of what one holds now. */
@Command(
        name = "snapshot",
        description = {
            "Makes a store of its own, in DIR, of all that the store holds now.",
            "On the same file system it shares the files, and takes no space until one of the two changes. On another it has "
                    + "copies, each of which is read back and compared."
        })
final class SnapshotCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Main main;

    @Parameters(paramLabel = "DIR", description = "The directory to make; it may be there if it is empty.")
    private Path directory;

    @Option(
            names = "--incremental",
            description =
                    "DIR may also have an earlier snapshot of the store, which becomes this one: only new files are copied.")
    private boolean incremental;

    @Mixin
    private RateOption rate;

    @Override
    public Integer call() throws IOException {
        main.store().requireOutside(main.console(), directory);
        try (Progress progress = Progress.on(main.console(), "snapshot", 0)) {
            make(rate.pace(progress::show));
        }
        return ExitStatus.DONE;
    }

    private void make(Pace chosen) throws IOException {
        try (ContentStore contents = main.store().openContents(main.console())) {
            if (contents != null) {
                if (incremental) {
                    throw new ParameterException(
                            spec.commandLine(),
                            main.store().directory(main.console())
                                    + " keeps the same content once: --incremental is for other stores");
                }
                contents.snapshot(directory, chosen);
                return;
            }
        }
        try (BlobStore<Key> store = main.store().open(main.console())) {
            if (incremental) {
                store.updateSnapshot(directory, chosen);
            } else {
                store.snapshot(directory, chosen);
            }
        }
    }
}
