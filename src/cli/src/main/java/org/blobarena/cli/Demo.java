package org.blobarena.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.io.IOUtils;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.Leftovers;
import org.blobarena.cli.process.MemoryUse;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.RawPath;
import org.blobarena.cli.text.RawText;
import org.blobarena.cli.text.Reports;
import org.blobarena.cli.text.Shown;
import org.blobarena.cli.transfer.FileTree;
import org.blobarena.cli.transfer.Transfer;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.api.VerifyReport;

/**
 * A narrated tour. Every claim that it prints was checked; one that does not hold is printed as such and ends the
 * tour.
 */
final class Demo {

    private static final int OVERWRITE_EVERY = 10;
    private static final int REMOVE_EVERY = 7;
    private static final double MEGABYTE = 1e6;

    private final Console console;
    private final FileTree tree;
    private final Path work;

    /** @param work an empty directory; its owner removes it */
    Demo(Console console, FileTree tree, Path work) {
        this.console = console;
        this.tree = tree;
        this.work = work;
    }

    /** Returns whether everything was as it should be. */
    boolean run() throws IOException {
        Path directory = work.resolve("store");
        boolean succeeded = importAndCompare(directory) && change(directory) && kill(work.resolve("killed"));
        say(succeeded ? "Done." : "This is not as it should be.");
        return succeeded;
    }

    private boolean importAndCompare(Path directory) throws IOException {
        FileTree.Totals totals = tree.totals();
        say("1. Put the files below %s: %d files, %.1f MB.", tree.root(), totals.files(), totals.bytes() / MEGABYTE);
        Transfer written = new Transfer();
        try (BlobStore<Key> store = open(directory)) {
            visit((key, path, bytes) -> {
                store.put(key, path);
                written.add(bytes);
            });
        }
        say("   %s, and closed.", written.summary("stored"));
        try (BlobStore<Key> store = open(directory)) {
            say("   Opened again: %s.", Reports.text(store.stats().opening()));
            say("2. Read every blob and compare it with its file.");
            Transfer read = new Transfer();
            List<Key> different = new ArrayList<>();
            visit((key, path, bytes) -> {
                if (isSame(store, key, path)) {
                    read.add(bytes);
                } else {
                    different.add(key);
                }
            });
            say("   %s; %d differ.", read.summary("compared"), different.size());
            sayFigures(store.stats());
            return different.isEmpty() && read.files() == store.size();
        }
    }

    private static boolean isSame(BlobStore<Key> store, Key key, Path file) throws IOException {
        try (BlobInputStream blob = store.openStream(key);
                InputStream content = Files.newInputStream(file)) {
            return blob != null && IOUtils.contentEquals(blob, content);
        }
    }

    private boolean change(Path directory) throws IOException {
        say("3. Overwrite every %dth file, remove every %dth, close, open, look.", OVERWRITE_EVERY, REMOVE_EVERY);
        long[] number = new long[1];
        try (BlobStore<Key> store = open(directory)) {
            visit((key, path, ignored) -> {
                number[0]++;
                if (number[0] % OVERWRITE_EVERY == 0) {
                    store.put(key, replacement(key));
                }
                if (number[0] % REMOVE_EVERY == 0) {
                    store.remove(key);
                }
            });
        }
        try (BlobStore<Key> store = open(directory)) {
            long[] wrong = new long[1];
            number[0] = 0;
            visit((key, path, bytes) -> {
                number[0]++;
                if (!isAsChanged(store, key, number[0])) {
                    wrong[0]++;
                }
            });
            say("   %d keys left, %d are not as expected.", store.size(), wrong[0]);
            sayFigures(store.stats());
            return wrong[0] == 0 && sayVerified(store);
        }
    }

    private static boolean isAsChanged(BlobStore<Key> store, Key key, long number) throws IOException {
        if (number % REMOVE_EVERY == 0) {
            return !store.contains(key);
        }
        return number % OVERWRITE_EVERY != 0 ? store.contains(key) : Arrays.equals(replacement(key), store.get(key));
    }

    private static byte[] replacement(Key key) {
        return ("the new blob of " + Shown.of(key)).getBytes(StandardCharsets.UTF_8);
    }

    private boolean kill(Path directory) throws IOException {
        FileTree.Totals totals = tree.totals();
        say("4. Let another process import the tree, and kill it (SIGKILL) in the middle.");
        ImportProcess.Outcome outcome = ImportProcess.killAfter(totals.files() / 3, directory, tree.root());
        say(
                "   It had acknowledged %d files, the last of them:",
                outcome.acknowledged().size());
        List<Key> keys = outcome.acknowledged();
        for (Key key : keys.subList(Math.max(0, keys.size() - 3), keys.size())) {
            say("     %s", Shown.of(key));
        }
        if (!outcome.killed()) {
            say("   It was done before it could be killed; a larger tree would show more.");
        }
        long lost = 0;
        try (BlobStore<Key> store = open(directory)) {
            say("   Opened again: %s.", Reports.text(store.stats().opening()));
            for (Key key : keys) {
                if (!isSame(store, key, tree.root().resolve(RawPath.of(RawText.decode(key.bytes()))))) {
                    lost++;
                }
            }
            say("   Of the acknowledged files %d are there and identical, %d are not.", keys.size() - lost, lost);
            return lost == 0 && sayVerified(store);
        }
    }

    private boolean sayVerified(BlobStore<Key> store) throws IOException {
        VerifyReport report = store.verify();
        say(
                "   Verified %d keys, %.1f MB: %d damaged places.",
                report.keys(), report.bytes() / MEGABYTE, report.damageCount());
        return report.isIntact();
    }

    private void sayFigures(StoreStats stats) throws IOException {
        say(
                "   On disk %.1f MB in %d arena files (%.1f MB dead) and %.1f MB of index for %d keys.",
                stats.arenaBytes() / MEGABYTE,
                stats.arenaFiles(),
                stats.deadBytes() / MEGABYTE,
                stats.indexBytes() / MEGABYTE,
                stats.keys());
        say("   In memory %s.", MemoryUse.now());
    }

    /** A file that cannot be read is left out, as in the totals. */
    private void visit(FileTree.Action action) throws IOException {
        tree.forEach(
                (key, path, bytes) -> {
                    Leftovers.stopIfEnding();
                    action.accept(key, path, bytes);
                },
                FileTree.Problems.PASSED_OVER);
    }

    private void say(String format, Object... arguments) throws IOException {
        Leftovers.stopIfEnding();
        console.lineNow(String.format(Locale.ROOT, format, arguments));
    }

    private static BlobStore<Key> open(Path directory) throws IOException {
        return BlobStore.open(directory, Key.CODEC);
    }
}
