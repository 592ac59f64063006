package org.blobarena.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.store.BlobStore;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.KeyCodec;

/**
 * Fills stores from empty and says how many puts a second that was, a line for each round. No JMH: what a put costs depends
 * on what was put before it, and so a round is a whole store.
 */
public final class PutBenchmark {

    private PutBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, bytes of a blob, blobs of a round, rounds; and if wanted, the kind of index and
     *     the number of threads, which share the blobs
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path parent = Path.of(arguments[0]);
        byte[] blob = new byte[Integer.parseInt(arguments[1])];
        int blobs = Integer.parseInt(arguments[2]);
        double[] rates = new double[Integer.parseInt(arguments[3])];
        IndexKind index = arguments.length > 4 ? IndexKind.valueOf(arguments[4]) : IndexKind.AUTOMATIC;
        int threads = arguments.length > 5 ? Integer.parseInt(arguments[5]) : 1;
        new SplittableRandom(1).nextBytes(blob);
        for (int round = 0; round < rates.length; round++) {
            Path directory = Files.createTempDirectory(parent, "blobarena-bench-");
            long startNanos = System.nanoTime();
            try (BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                    .arenaBytesMax(64 << 20)
                    .index(index)
                    .open(directory)) {
                fill(store, blob, blobs, threads);
                rates[round] = blobs / ((System.nanoTime() - startNanos) / 1e9);
            } finally {
                PathUtils.delete(directory);
            }
            System.out.printf("round %d: %.0f puts/s%n", round, rates[round]);
        }
        Arrays.sort(rates);
        System.out.printf("median: %.0f puts/s%n", rates[rates.length / 2]);
    }

    private static void fill(BlobStore<Long> store, byte[] blob, int blobs, int threads) throws InterruptedException {
        Thread[] fillers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            int first = i;
            fillers[i] = new Thread(() -> {
                try {
                    for (long key = first; key < blobs; key += threads) {
                        store.put(key, blob);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            fillers[i].start();
        }
        for (Thread filler : fillers) {
            filler.join();
        }
    }
}
