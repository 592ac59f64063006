package org.blobarena.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.KeyOption;
import org.blobarena.cli.transfer.KeyedBlobs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Removes keys. */
@Command(name = "rm", description = "Removes keys and their blobs: all that are there, also when some are not.")
final class RemoveCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Mixin
    private KeyOption types;

    @Parameters(paramLabel = "KEY", arity = "1..*", description = "The keys.")
    private List<Key> keys;

    @Override
    public Integer call() throws IOException {
        keys.forEach(types::key); // All are checked before the first is removed.
        List<Key> absent = new ArrayList<>();
        try (KeyedBlobs blobs = main.store().openBlobs(main.console())) {
            for (Key key : keys) {
                if (!blobs.remove(types.key(key))) {
                    absent.add(key);
                }
            }
        }
        return absent.isEmpty() ? ExitStatus.DONE : main.complainOfAbsence(absent);
    }
}
