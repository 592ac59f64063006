package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.RateOption;
import org.blobarena.cli.transfer.ContentBlobs;
import org.blobarena.content.ContentStore;
import org.blobarena.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Makes a store of a snapshot. */
@Command(
        name = "restore",
        description = {
            "Makes a store of a snapshot. Both go on independently: on the same file system they share files, on another "
                    + "the store has copies, each of which is read back and compared.",
            "--store is not needed."
        })
final class RestoreCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Main main;

    @Parameters(
            index = "0",
            paramLabel = "SNAPSHOT",
            description = "The directory of a snapshot that was not opened for writing since it was made.")
    private Path snapshot;

    @Parameters(
            index = "1",
            paramLabel = "TARGET",
            description = "The directory of the store; it may be there if it is empty.")
    private Path target;

    @Mixin
    private RateOption rate;

    @Override
    public Integer call() throws IOException {
        if (StoreOption.isInside(target, snapshot) || StoreOption.isInside(snapshot, target)) {
            throw new ParameterException(spec.commandLine(), target + " and " + snapshot + " lie inside each other");
        }
        try (Progress progress = Progress.on(main.console(), "restore", 0)) {
            if (ContentBlobs.isIn(snapshot)) {
                ContentStore.restore(snapshot, target, rate.pace(progress::show));
            } else {
                BlobStore.restore(snapshot, target, rate.pace(progress::show));
            }
        }
        return ExitStatus.DONE;
    }
}
