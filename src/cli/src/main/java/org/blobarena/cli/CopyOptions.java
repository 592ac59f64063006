package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.cli.transfer.Skipped;
import org.blobarena.cli.transfer.SortedKeys;
import org.blobarena.cli.transfer.StoreCopy;
import org.blobarena.cli.transfer.Transfer;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands that copy from store to store have in common. */
final class CopyOptions {

    @Parameters(
            index = "0",
            paramLabel = "TARGET",
            description = "The directory of the store to copy to, which is made if there is none.")
    private Path directory;

    @Parameters(
            index = "1",
            paramLabel = "PREFIX",
            arity = "0..1",
            defaultValue = "",
            description = "Only keys that begin with this.")
    private Key prefix;

    @Option(names = "--compress", description = "Compress the copies with zstd, but for those that get no shorter.")
    private boolean compress;

    @Option(names = "--dedup", description = "Make a store that keeps the same content once, if there is none.")
    private boolean dedup;

    @Option(names = "--fail-fast", description = "End at the first key that cannot be copied.")
    private boolean failFast;

    /** What is done with each key. */
    @FunctionalInterface
    interface Action {
        void accept(StoreCopy copy, Key key) throws IOException;
    }

    /** What is done when all keys have been visited. */
    @FunctionalInterface
    interface End {
        /** Returns what the line at the end says of it. */
        String end(StoreCopy copy, KeyedBlobs target, Skipped skipped) throws IOException;
    }

    Key prefix() {
        return prefix;
    }

    /** Visits all keys of the source that begin with the prefix, in the order of their bytes. */
    int run(Main main, Action action, End end) throws IOException {
        Console console = main.console();
        Transfer transfer = new Transfer();
        Skipped skipped = new Skipped(main::complain, failFast);
        String after = "";
        main.store().requireApart(console, directory);
        try (ReadableBlobs source = main.store().openToRead(console);
                SortedKeys keys = SortedKeys.of(
                        source,
                        prefix,
                        problem -> skipped.report("a key that cannot be read is not copied: " + problem));
                KeyedBlobs target = main.store().openOrCreate(directory, writing(source, keys));
                Progress progress = Progress.on(console, "copy", source.bytes())) {
            StoreCopy copy = new StoreCopy(source, target, skipped, transfer);
            keys.forEach(key -> {
                action.accept(copy, key);
                progress.show(transfer.bytes(), source.bytes());
            });
            after = end.end(copy, target, skipped) + target.summary();
        } catch (Skipped.EndException e) {
            // Its summary says how far it came.
        }
        console.line(transfer.summary("copied", skipped.count(), "keys") + after);
        return skipped.status();
    }

    private StoreOption.Writing writing(ReadableBlobs source, SortedKeys keys) throws IOException {
        long[] largest = new long[1];
        keys.forEach(key -> largest[0] = Math.max(largest[0], source.sizeOf(key).orElse(0)));
        return new StoreOption.Writing(largest[0], compress, Durability.WRITTEN, Expiry.never(), dedup);
    }
}
