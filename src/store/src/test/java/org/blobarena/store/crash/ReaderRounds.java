package org.blobarena.store.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.testing.ChildJvm;

/**
 * A writing and compacting process and three readers in others, all of which are killed or ended now and then, and begun again,
 * until a deadline.
 */
public final class ReaderRounds implements AutoCloseable {

    private static final int READERS = 3;
    private static final List<String> FLAGS =
            List.of("-XX:+UseSerialGC", "-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

    /** At least, as some are to be killed while they start. */
    private static final long LIFE_MILLIS_MIN = 300;

    private static final long LIFE_MILLIS_MAX = 12_000;

    /** All that the writer and its recovery make. */
    private static final String NAMES = "STORE|LOCK|CLEAN|RESERVE|[0-9a-f]{8}\\.arena|index-.*|.*\\.tmp";

    private final Path store;
    private final Path scratch;
    private final long seed;
    private final long deadline;
    private final Map<String, AtomicLong> figures = new ConcurrentSkipListMap<>();
    private final AtomicInteger wrong = new AtomicInteger();
    private final ScheduledExecutorService killers = Executors.newScheduledThreadPool(1);

    /**
     * Makes an empty store.
     *
     * @param work an empty directory
     * @param deadline by {@link System#nanoTime}
     */
    public ReaderRounds(Path work, long seed, long deadline) throws IOException {
        this.store = work.resolve("store");
        this.scratch = Files.createDirectories(work.resolve("scratch"));
        this.seed = seed;
        this.deadline = deadline;
        ReaderProgram.builder().open(store).close();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        figures.forEach(
                (name, figure) -> text.append(name).append(' ').append(figure).append(", "));
        return text.append("wrong ").append(wrong).toString();
    }

    /** What runs at the same time. */
    public List<Callable<Void>> tasks() {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i <= READERS; i++) {
            String role = i == 0 ? "write" : "read";
            SplittableRandom random = new SplittableRandom(seed + i);
            tasks.add(() -> {
                while (left() > 0) {
                    checked(() -> live(role, random));
                }
                return null;
            });
        }
        return tasks;
    }

    /** Checks what is left when all have ended. */
    public void checkEnd() throws Exception {
        checked(() -> {
            requireNames();
            ReaderProgram.requireWhole(store);
            BlobStore.reader(KeyCodec.longs())
                    .temporaryDirectory(scratch)
                    .open(store)
                    .close();
            try (Stream<Path> left = Files.list(scratch)) {
                List<Path> paths = left.toList();
                if (!paths.isEmpty()) {
                    throw new AssertionError("readers have left " + paths);
                }
            }
        });
    }

    @Override
    public void close() {
        killers.shutdownNow();
    }

    /** Something that fails when it finds what is wrong. */
    @FunctionalInterface
    private interface Check {

        void run() throws Exception;
    }

    private void checked(Check check) throws Exception {
        try {
            check.run();
        } catch (Exception | Error e) {
            wrong.incrementAndGet();
            throw e;
        }
    }

    private long left() {
        return TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }

    /** One process, from its beginning to its end. */
    private void live(String role, SplittableRandom random) throws Exception {
        long life = random.nextLong(LIFE_MILLIS_MIN, LIFE_MILLIS_MAX);
        boolean toKill = random.nextBoolean() && life < left();
        long millis = toKill ? LIFE_MILLIS_MAX * 10 : Math.max(1, Math.min(life, left()));
        List<String> flags = new ArrayList<>(FLAGS);
        flags.add("-Djava.io.tmpdir=" + scratch);
        AtomicBoolean killed = new AtomicBoolean();
        String last = "";
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(), flags, ReaderProgram.class, store, role, "" + millis, "" + random.nextLong())) {
            ScheduledFuture<?> kill = killers.schedule(
                    () -> {
                        killed.set(true);
                        child.kill();
                        return null;
                    },
                    toKill ? life : Long.MAX_VALUE,
                    TimeUnit.MILLISECONDS);
            for (String line = child.readLine(); line != null; line = child.readLine()) {
                if (line.equals("failed")) {
                    throw new AssertionError(role + ": " + child.errors());
                }
                if (!line.equals("open")) {
                    last = line;
                }
            }
            kill.cancel(false);
            if (!killed.get()) {
                child.awaitEnd();
            }
            child.deleteErrors();
        }
        add((role.equals("write") ? "writers " : "readers ") + (killed.get() ? "killed" : "ended"), 1);
        String[] words = last.isEmpty() ? new String[0] : last.split(" ");
        for (int i = 0; i + 1 < words.length; i += 2) {
            add(words[i], Long.parseLong(words[i + 1]));
        }
        requireNames();
    }

    private void add(String name, long count) {
        figures.computeIfAbsent(name, unused -> new AtomicLong()).addAndGet(count);
    }

    private void requireNames() throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            List<String> foreign = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.matches(NAMES))
                    .toList();
            if (!foreign.isEmpty()) {
                throw new AssertionError("the store's directory has " + foreign);
            }
        }
    }
}
