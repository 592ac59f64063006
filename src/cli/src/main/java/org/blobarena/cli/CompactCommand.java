package org.blobarena.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.Key;
import org.blobarena.content.CollectReport;
import org.blobarena.content.ContentStore;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CompactionStats;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Gives the space of dead blobs back. */
@Command(name = "compact", description = "Gives back the space of all blobs that were replaced or removed.")
final class CompactCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Override
    public Integer call() throws IOException {
        Console console = main.console();
        try (ContentStore contents = main.store().openContents(console)) {
            if (contents != null) {
                return compact(console, contents);
            }
        }
        CompactionStats done;
        long bytes;
        try (BlobStore<Key> store = main.store().open(console)) {
            try (Progress progress = Progress.on(console, "compact", 0)) {
                store.compact(progress::show);
            }
            done = store.stats().compaction();
            bytes = store.stats().arenaBytes();
        }
        console.line(String.format(
                Locale.ROOT,
                "compacted: %d files of %d bytes replaced, %d bytes copied, %d bytes left in all",
                done.filesReplaced(),
                done.bytesFreed(),
                done.bytesCopied(),
                bytes));
        return ExitStatus.DONE;
    }

    private static int compact(Console console, ContentStore contents) throws IOException {
        CollectReport done;
        try (Progress progress = Progress.on(console, "compact", 0)) {
            done = contents.collect((visited, total) -> {
                progress.show(visited, total);
                return true;
            });
            contents.compact();
        }
        console.line(String.format(
                Locale.ROOT,
                "compacted: %d contents of %d bytes without a name removed, %d contents left",
                done.contentsCollected(),
                done.bytesCollected(),
                contents.contentCount()));
        return ExitStatus.DONE;
    }
}
