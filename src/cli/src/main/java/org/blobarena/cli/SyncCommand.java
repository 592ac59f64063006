package org.blobarena.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.Skipped;
import org.blobarena.cli.transfer.SortedKeys;
import org.blobarena.cli.transfer.StoreCopy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Copies what another store has not. */
@Command(
        name = "sync",
        description = {
            "Copies into the store in TARGET the blobs that it has not, or has with other bytes, or until another moment.",
            "Blobs of the same length are read in both stores and compared. Otherwise it does as cp does."
        })
final class SyncCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Mixin
    private CopyOptions options;

    @Option(
            names = "--delete",
            description =
                    "Remove from TARGET the keys, of those that begin with PREFIX, that the store has not; but none when "
                            + "the store is damaged, or keys could not be copied.")
    private boolean delete;

    @Override
    public Integer call() throws IOException {
        return options.run(main, StoreCopy::copyIfDifferent, this::delete);
    }

    private String delete(StoreCopy copy, KeyedBlobs target, Skipped skipped) throws IOException {
        if (!delete) {
            return "";
        }
        if (skipped.count() > 0 || copy.isSourceDamaged()) {
            skipped.report("nothing is deleted: the store may have lost keys, or some could not be copied");
            return "";
        }
        long[] removed = new long[1];
        try (SortedKeys keys = SortedKeys.of(
                target,
                options.prefix(),
                problem -> skipped.report("a key that cannot be read is not deleted: " + problem))) {
            keys.forEach(key -> {
                if (copy.removeIfAbsent(key)) {
                    removed[0]++;
                }
            });
        }
        return "; deleted " + removed[0] + " keys";
    }
}
