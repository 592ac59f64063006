package org.blobarena.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.blobarena.cli.transfer.StoreCopy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Copies every blob into another store. */
@Command(
        name = "cp",
        description = {
            "Copies the blobs into the store in TARGET, where they replace those of the same keys; other keys stay.",
            "The store that is read may be open in another process; the other may not. A blob that expires does so at the "
                    + "same moment there. A key that cannot be copied is named on the error stream and counted, and the rest "
                    + "goes on; the exit status is then 3."
        })
final class CopyCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Mixin
    private CopyOptions options;

    @Override
    public Integer call() throws IOException {
        return options.run(main, StoreCopy::copy, (copy, target, skipped) -> "");
    }
}
