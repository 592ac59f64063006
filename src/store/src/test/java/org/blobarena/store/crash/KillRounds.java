package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.io.FileUtils;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.testing.TestStores;
import org.blobarena.testing.ChildJvm;

/**
 * Kills one process after the other on one store, and compares what each has left with what it had acknowledged.
 *
 * <p>Every round ends in one of three ways: the store is recovered here and closed, recovered here and left as
 * after a crash, or a copy of it is recovered and the next process finds what the last one has left.
 */
public final class KillRounds {

    /** Then a new store is begun: what is to be read grows with the rounds. */
    private static final int ROUNDS_PER_STORE = 12;

    private static final int STEPS_MAX = 5000;

    private final Path parent;
    private final KillProgramImage image;
    private final Figures figures;
    private final SplittableRandom random;
    private long seed;
    private Path directory;
    private int round;
    private KillScript script;
    private Map<String, byte[]> content = new HashMap<>();

    /** What was done, summed over several stores. */
    public static final class Figures {

        final AtomicLong rounds = new AtomicLong();
        final AtomicLong steps = new AtomicLong();
        final AtomicLong expired = new AtomicLong();
        final AtomicLong compactedFiles = new AtomicLong();
        final AtomicLong longestOpeningNanos = new AtomicLong();

        @Override
        public String toString() {
            return rounds + " kills, " + steps + " acknowledged operations checked, "
                    + expired + " blobs expired, " + compactedFiles + " files compacted away, longest reopening "
                    + Duration.ofNanos(longestOpeningNanos.get()).toMillis() + " ms";
        }
    }

    /**
     * Rounds on stores in directories of their own.
     *
     * @param seed decides everything but how far the threads of a killed process come
     */
    public KillRounds(Path parent, KillProgramImage image, long seed, Figures figures) {
        this.image = image;
        this.parent = parent;
        this.figures = figures;
        this.random = new SplittableRandom(seed);
        this.seed = random.nextLong();
        this.directory = parent.resolve("store-" + seed);
        this.script = new KillScript(this.seed, 0);
    }

    /** Starts a process, kills it, and checks. */
    public void run() throws IOException, InterruptedException {
        if (round == ROUNDS_PER_STORE) {
            figures.compactedFiles.addAndGet(compactedFiles());
            FileUtils.deleteDirectory(directory.toFile());
            seed = random.nextLong();
            content = new HashMap<>();
            round = 0;
        }
        script = new KillScript(seed, round);
        int present = content.size();
        content.values().removeIf(script::isExpired);
        figures.expired.addAndGet(present - content.size());
        KillExpectation expectation = new KillExpectation(script);
        killOne(expectation);
        Map<String, byte[]> found = recovered();
        expectation.check(content, found);
        content = found;
        figures.rounds.incrementAndGet();
        figures.steps.addAndGet(expectation.acknowledgedSteps());
        round++;
    }

    /** Ids ascend without a gap, so what is missing has been replaced. */
    private long compactedFiles() {
        List<Path> files = TestStores.arenas(directory);
        String last = files.get(files.size() - 1).getFileName().toString();
        return Long.parseLong(last.substring(0, last.indexOf('.')), 16) - files.size();
    }

    private void killOne(KillExpectation expectation) throws IOException, InterruptedException {
        int moment = random.nextInt(10);
        boolean whileOpening = moment == 0 && round > 0;
        boolean whileClosing = moment == 1;
        int steps = round == 0
                ? random.nextInt(KillScript.GROWTH_STEPS, KillScript.THREADS * KillScript.OWN_KEYS)
                : random.nextInt(1, STEPS_MAX);
        int closeAfter = whileClosing ? 1 + steps / KillScript.THREADS : 0;
        try (ChildJvm child = image.start(directory, "" + seed, "" + round, "" + closeAfter)) {
            child.awaitLine("opening");
            if (!whileOpening) {
                child.awaitLine("open");
                String line = child.readLine();
                while (line != null && (whileClosing || expectation.acknowledgedSteps() < steps)) {
                    if (!expectation.acknowledge(line)) {
                        break;
                    }
                    line = child.readLine();
                }
                assertThat(line).as(() -> errors(child)).isNotNull();
                expectation.acknowledge(line);
            }
            child.kill();
            // What the process had written into the pipe is there still.
            for (String line = child.readLine(); line != null; line = child.readLine()) {
                expectation.acknowledge(line);
            }
        }
    }

    private Map<String, byte[]> recovered() throws IOException {
        int way = random.nextInt(3);
        if (way == 0) {
            Path copy = parent.resolve(directory.getFileName() + "-copy");
            FileUtils.copyDirectory(directory.toFile(), copy.toFile());
            try (BlobStore<String> store = open(copy)) {
                return content(store);
            } finally {
                FileUtils.deleteDirectory(copy.toFile());
            }
        }
        BlobStore<String> store = open(directory);
        try {
            Map<String, byte[]> found = content(store);
            if (way == 1) {
                StoreAccess.crash(store);
            }
            return found;
        } finally {
            store.close();
        }
    }

    private BlobStore<String> open(Path path) throws IOException {
        BlobStore<String> store = script.options().open(path);
        long nanos = store.stats().opening().duration().toNanos();
        figures.longestOpeningNanos.accumulateAndGet(nanos, Math::max);
        return store;
    }

    private static Map<String, byte[]> content(BlobStore<String> store) throws IOException {
        assertThat(store.stats().opening().damage()).isEmpty();
        Map<String, byte[]> content = new HashMap<>();
        store.forEach((key, blob) ->
                assertThat(content.put(key, blob)).as("second visit of %s", key).isNull());
        assertThat(store.size()).isEqualTo(content.size());
        assertThat(store.verify().damage()).isEmpty();
        return content;
    }

    private static String errors(ChildJvm child) {
        try {
            return child.errors();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
