package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.blobarena.bench.engine.Engine;
import org.blobarena.bench.engine.Scale;

/** Gets of a store that was filled and closed by another process: from the page cache, and from the device. */
final class ReadCases {

    private static final int WARM_GETS = 5_000;
    private static final int COLD_GETS = 2_000;
    private static final int BATCH = 64;

    private ReadCases() {}

    /** What is repeated while gets are measured. */
    private interface Operation {
        void run(byte[] key, int number) throws IOException;
    }

    static void hot(Case run) throws IOException, InterruptedException {
        Content content = run.content();
        int keys = run.scale().keys();
        byte[] key = new byte[Scale.KEY_BYTES];
        Content.key(keys / 2, key);
        long start = System.nanoTime();
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            byte[] first = engine.get(key);
            CaseMain.measured(Measure.OPEN, (System.nanoTime() - start) / 1e6);
            content.check(first, keys / 2, 0);
            Verifier.verify(engine, content, new int[keys]);

            double seconds = run.seconds();
            Operation get = (name, number) -> content.checkEnds(engine.get(name), number, 0);
            Operation contains = (name, number) -> require(engine.contains(name));
            Operation absentGet = (name, number) -> require(engine.get(name) == null);
            Operation absentContains = (name, number) -> require(!engine.contains(name));
            repeat(get, 0, keys, seconds);
            CaseMain.measured(Measure.GET, repeat(get, 0, keys, seconds));
            CaseMain.measured(Measure.GET_P50, median(get, keys, seconds / 2));
            repeatByTwo(get, keys, seconds / 3);
            CaseMain.measured(Measure.GET_TWO, repeatByTwo(get, keys, seconds));
            Memory memory = Memory.ofThisProcess();
            CaseMain.measured(Measure.RSS, memory.residentBytes() / (double) (1 << 20));
            CaseMain.measured(Measure.RSS_FILE, memory.mappedFileBytes() / (double) (1 << 20));
            measureShort(Measure.CONTAINS, contains, 0, keys, seconds / 2);
            measureShort(Measure.ABSENT, absentGet, keys, keys, seconds / 2);
            measureShort(Measure.ABSENT_CONTAINS, absentContains, keys, keys, seconds / 2);
        }
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new AssertionError("a key is absent that was put, or there that was not");
        }
    }

    private static void measureShort(Measure measure, Operation operation, int from, int keys, double seconds)
            throws IOException {
        repeat(operation, from, keys, seconds / 2);
        CaseMain.measured(measure, repeat(operation, from, keys, seconds));
    }

    /** @return mean nanoseconds */
    private static double repeat(Operation operation, int from, int keys, double seconds) throws IOException {
        SplittableRandom random = new SplittableRandom();
        byte[] key = new byte[Scale.KEY_BYTES];
        long start = System.nanoTime();
        long deadline = start + (long) (seconds * 1e9);
        long done = 0;
        long now = start;
        while (now < deadline) {
            for (int i = 0; i < BATCH; i++) {
                int number = from + random.nextInt(keys);
                Content.key(number, key);
                operation.run(key, number);
            }
            done += BATCH;
            now = System.nanoTime();
        }
        return (now - start) / (double) done;
    }

    private static double median(Operation operation, int keys, double seconds) throws IOException {
        SplittableRandom random = new SplittableRandom();
        byte[] key = new byte[Scale.KEY_BYTES];
        Histogram nanos = new Histogram(3);
        long deadline = System.nanoTime() + (long) (seconds * 1e9);
        long end;
        do {
            int number = random.nextInt(keys);
            Content.key(number, key);
            long start = System.nanoTime();
            operation.run(key, number);
            end = System.nanoTime();
            nanos.recordValue(end - start);
        } while (end < deadline);
        return nanos.getValueAtPercentile(50);
    }

    /** @return mean nanoseconds of a get in each thread */
    private static double repeatByTwo(Operation operation, int keys, double seconds)
            throws IOException, InterruptedException {
        Callable<Double> thread = () -> repeat(operation, 0, keys, seconds);
        return WriteCases.together(List.of(thread, thread)).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    /**
     * Opens the store a second time for the gets that count: code is warm then, and no file is mapped or open when the cache
     * is dropped, which would keep pages in it.
     */
    static void cold(Case run) throws IOException, InterruptedException {
        Content content = run.content();
        int keys = run.scale().keys();
        List<Integer> numbers = new ArrayList<>(
                Stream.iterate(0, number -> number + 1).limit(keys).toList());
        Collections.shuffle(numbers, new Random(3));
        byte[] key = new byte[Scale.KEY_BYTES];
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            for (int i = 0; i < WARM_GETS; i++) {
                int number = numbers.get(i % keys);
                Content.key(number, key);
                content.check(engine.get(key), number, 0);
            }
        }
        if (!PageCache.drop(run.directory())) {
            throw new IOException("the page cache cannot be dropped here");
        }
        int gets = Math.min(COLD_GETS, keys);
        Histogram nanos = new Histogram(3);
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            long before = deviceBytes();
            for (Integer number : numbers.subList(0, gets)) {
                Content.key(number, key);
                long start = System.nanoTime();
                byte[] blob = engine.get(key);
                nanos.recordValue(System.nanoTime() - start);
                content.check(blob, number, 0);
            }
            CaseMain.measured(Measure.COLD_P50, nanos.getValueAtPercentile(50) / 1e3);
            CaseMain.measured(Measure.COLD_MEAN, nanos.getMean() / 1e3);
            CaseMain.measured(Measure.COLD_DEVICE, (deviceBytes() - before) / 1024.0 / gets);
            CaseMain.verified(gets);
        }
    }

    /** What this process has made the device read. */
    private static long deviceBytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/io"))) {
            return lines.filter(line -> line.startsWith("read_bytes: "))
                    .mapToLong(line -> Long.parseLong(line.substring(12)))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
