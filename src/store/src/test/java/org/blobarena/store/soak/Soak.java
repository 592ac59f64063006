package org.blobarena.store.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.apache.commons.io.FileUtils;
import org.blobarena.store.crash.KillProgramImage;
import org.blobarena.store.crash.KillRounds;
import org.blobarena.store.crash.ReaderRounds;

/** The program behind {@code tools/soak}, whose help says what it does. */
final class Soak {

    private static final int STORES = 2;
    private static final long REPORT_SECONDS = 10;
    private static final int FORCE_ROUNDS = 3;

    /** What still runs so long after the end hangs. */
    private static final long GRACE_SECONDS = 120;

    private long seconds = 60;
    private int keys = 1_000_000;
    private int blobBytes = 1024;
    private long largeBytes = 3_900L << 20;
    private int threads = 8;
    private long seed = RandomGenerator.getDefault().nextLong();
    private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

    private Soak() {}

    public static void main(String[] args) throws Exception {
        Soak soak = new Soak();
        try {
            soak.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("soak: " + e.getMessage() + "; see --help");
            System.exit(2);
        }
        boolean good = switch (args[0]) {
            case "churn" -> soak.churn();
            case "force" -> soak.force();
            case "large" -> soak.large();
            default -> soak.run(args[0]);
        };
        System.exit(good ? 0 : 1);
    }

    private void parse(String[] args) {
        for (int i = 1; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            switch (args[i]) {
                case "--minutes" -> seconds = Math.round(60 * Double.parseDouble(value));
                case "--seconds" -> seconds = Long.parseLong(value);
                case "--seed" -> seed = Long.parseLong(value);
                case "--keys" -> keys = Integer.parseInt(value);
                case "--bytes" -> {
                    largeBytes = Long.parseLong(value);
                    blobBytes = (int) Math.min(Integer.MAX_VALUE, largeBytes);
                }
                case "--threads" -> threads = Integer.parseInt(value);
                case "--directory" -> directory = Path.of(value);
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
    }

    /** Not by time: a given number of writes. */
    private boolean churn() throws IOException {
        boolean good = true;
        for (boolean skewed : new boolean[] {false, true}) {
            Path work = Files.createTempDirectory(directory, "blobarena-soak-");
            try {
                Churn churn = new Churn(work.resolve("store"), new Churn.Size(keys, blobBytes, 5, 16 << 20), skewed);
                churn.run(seed);
                System.out.println(churn);
                good &= churn.greatestShareOfPromise() <= 1 && churn.writeAmplification() <= 2.3;
                if (skewed) {
                    good &= churn.removeAll() < 1 << 20;
                }
            } finally {
                FileUtils.deleteDirectory(work.toFile());
            }
        }
        return good;
    }

    private boolean large() throws IOException {
        Path work = Files.createTempDirectory(directory, "blobarena-soak-");
        try {
            new LargeBlob(work.resolve("store"), largeBytes).run(seed);
        } finally {
            FileUtils.deleteDirectory(work.toFile());
        }
        return true;
    }

    /** Figures only: how a device takes many forces is for who reads them to judge. */
    private boolean force() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(directory, "blobarena-soak-");
        try (ForcedPuts puts = new ForcedPuts(work.resolve("store"))) {
            for (int round = 0; round < FORCE_ROUNDS; round++) {
                double nanos = 1e9 * seconds / FORCE_ROUNDS / 2;
                double one = puts.perSecond(1, (long) nanos);
                double many = puts.perSecond(threads, (long) nanos);
                System.out.printf(
                        Locale.ROOT,
                        "forced puts a second: %.0f of 1 thread, %.0f of %d threads, %.1f times as many%n",
                        one,
                        many,
                        threads,
                        many / one);
            }
        } finally {
            FileUtils.deleteDirectory(work.toFile());
        }
        return true;
    }

    private boolean run(String what) throws IOException, InterruptedException {
        System.out.println("soak " + what + " --seconds " + seconds + " --seed " + seed);
        Path work = Files.createTempDirectory(directory, "blobarena-soak-");
        boolean good = switch (what) {
            case "fuzz" -> new SoakFuzz(work, seed).run(seconds);
            case "readers" -> readers(work);
            default -> runTasks(what, work);
        };
        if (good) {
            FileUtils.deleteDirectory(work.toFile());
        } else {
            System.out.println("the files are in " + work);
        }
        return good;
    }

    private boolean runTasks(String what, Path work) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        ExecutorService executor = Executors.newCachedThreadPool();
        List<Future<Void>> running = new ArrayList<>();
        Object figures;
        if (what.equals("crash")) {
            KillRounds.Figures kills = new KillRounds.Figures();
            KillProgramImage image = new KillProgramImage(work);
            for (int i = 0; i < STORES; i++) {
                KillRounds rounds = new KillRounds(work, image, seed + i, kills);
                running.add(executor.submit(repeat(rounds::run, deadline)));
            }
            figures = kills;
        } else {
            SoakRace race = new SoakRace(work.resolve("store"), seed, deadline);
            for (Callable<Void> task : race.tasks()) {
                running.add(executor.submit(task));
            }
            figures = race;
        }
        boolean good = await(running, figures, deadline);
        System.out.println((good ? "done: " : "failed: ") + figures);
        return good;
    }

    private boolean readers(Path work) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        ExecutorService executor = Executors.newCachedThreadPool();
        try (ReaderRounds rounds = new ReaderRounds(work, seed, deadline)) {
            List<Future<Void>> running = new ArrayList<>();
            for (Callable<Void> task : rounds.tasks()) {
                running.add(executor.submit(task));
            }
            boolean good = await(running, rounds, deadline);
            if (good) {
                Callable<Void> end = () -> {
                    rounds.checkEnd();
                    return null;
                };
                good = await(List.of(executor.submit(end)), "the end", System.nanoTime());
            }
            System.out.println((good ? "done: " : "failed: ") + rounds);
            return good;
        }
    }

    /** Prints figures until all tasks have ended, or one has failed or hangs. */
    private static boolean await(List<Future<Void>> running, Object figures, long deadline)
            throws InterruptedException {
        long end = deadline + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
        List<Future<Void>> left = new ArrayList<>(running);
        long nextReport = System.nanoTime();
        while (!left.isEmpty()) {
            if (System.nanoTime() >= end) {
                System.out.println("a thread hangs");
                return false;
            }
            if (System.nanoTime() >= nextReport) {
                System.out.println(figures);
                nextReport += TimeUnit.SECONDS.toNanos(REPORT_SECONDS);
            }
            for (Iterator<Future<Void>> next = left.iterator(); next.hasNext(); ) {
                try {
                    next.next().get(100, TimeUnit.MILLISECONDS);
                    next.remove();
                } catch (TimeoutException e) {
                    // It still runs.
                } catch (ExecutionException e) {
                    e.getCause().printStackTrace(System.out);
                    return false;
                }
            }
        }
        return true;
    }

    private static Callable<Void> repeat(Round round, long deadline) {
        return () -> {
            while (System.nanoTime() < deadline) {
                round.run();
            }
            return null;
        };
    }

    /** One of many. */
    @FunctionalInterface
    private interface Round {

        void run() throws IOException, InterruptedException;
    }
}
