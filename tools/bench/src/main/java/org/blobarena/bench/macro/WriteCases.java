package org.blobarena.bench.macro;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import org.blobarena.bench.engine.Engine;
import org.blobarena.bench.engine.Scale;

/** Fills by one and by two threads, and deletions. */
final class WriteCases {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_MICRO = 1e3;

    private WriteCases() {}

    static void fill(Case run) throws IOException {
        Content content = run.content();
        Histogram nanos = new Histogram(3);
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            long start = System.nanoTime();
            put(engine, content, 0, run.scale().keys(), nanos);
            double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
            CaseMain.measured(Measure.FILL, run.scale().keys() / seconds);
            CaseMain.measured(Measure.FILL_P50, nanos.getValueAtPercentile(50) / NANOS_PER_MICRO);
            CaseMain.measured(Measure.FILL_LONGEST, nanos.getMaxValue() / NANOS_PER_MILLI);
            Verifier.verify(engine, content, new int[run.scale().keys()]);
        }
    }

    static void put(Engine engine, Content content, int from, int to, Histogram nanos) throws IOException {
        byte[] key = new byte[Scale.KEY_BYTES];
        byte[] blob = content.newBlob();
        for (int number = from; number < to; number++) {
            Content.key(number, key);
            content.blob(number, 0, blob);
            long start = System.nanoTime();
            engine.put(key, blob);
            nanos.recordValue(System.nanoTime() - start);
        }
    }

    static void fillByTwo(Case run) throws IOException, InterruptedException {
        Content content = run.content();
        int keys = run.scale().keys();
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            long start = System.nanoTime();
            together(List.of(() -> put(engine, content, 0, keys / 2), () -> put(engine, content, keys / 2, keys)));
            double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
            CaseMain.measured(Measure.FILL_TWO, keys / seconds);
            Verifier.verify(engine, content, new int[keys]);
        }
    }

    private static Void put(Engine engine, Content content, int from, int to) throws IOException {
        put(engine, content, from, to, new Histogram(3));
        return null;
    }

    /** Runs each in a thread of its own, and fails as the first of them that does. */
    static <T> List<T> together(List<Callable<T>> tasks) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(tasks)) {
                results.add(result.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            threads.shutdown();
        }
    }

    static void delete(Case run) throws IOException {
        Content content = run.content();
        int[] versions = new int[run.scale().keys()];
        byte[] key = new byte[Scale.KEY_BYTES];
        int deleted = 0;
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            long start = System.nanoTime();
            for (int number = 0; number < versions.length; number += 2) {
                Content.key(number, key);
                engine.delete(key);
                versions[number] = Verifier.ABSENT;
                deleted++;
            }
            CaseMain.measured(Measure.DELETE, (System.nanoTime() - start) / NANOS_PER_MICRO / deleted);
            Verifier.verify(engine, content, versions);
        }
    }

    static void fillToBeKilled(Case run) throws IOException, InterruptedException {
        try (Engine engine = run.engine().open(run.directory(), run.scale())) {
            put(engine, run.content(), 0, run.scale().keys(), new Histogram(3));
            System.out.println(CaseMain.FILLED);
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
