package org.blobarena.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.KeyOption;
import org.blobarena.cli.transfer.ReadableBlobs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says whether a key is there. */
@Command(name = "contains", description = "Says by the exit status whether a key has a blob.")
final class ContainsCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Mixin
    private KeyOption keys;

    @Parameters(paramLabel = "KEY", description = "The key.")
    private Key key;

    @Override
    public Integer call() throws IOException {
        Key typed = keys.key(key);
        try (ReadableBlobs blobs = main.store().openToRead(main.console())) {
            return blobs.contains(typed) ? ExitStatus.DONE : main.complainOfAbsence(List.of(key));
        }
    }
}
