package org.blobarena.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.store.BlobStore;
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
     * @param arguments a directory with room, bytes of a blob, blobs of a round, rounds
     */
    public static void main(String[] arguments) throws IOException {
        Path parent = Path.of(arguments[0]);
        byte[] blob = new byte[Integer.parseInt(arguments[1])];
        int blobs = Integer.parseInt(arguments[2]);
        double[] rates = new double[Integer.parseInt(arguments[3])];
        new SplittableRandom(1).nextBytes(blob);
        for (int round = 0; round < rates.length; round++) {
            Path directory = Files.createTempDirectory(parent, "blobarena-bench-");
            long startNanos = System.nanoTime();
            try (BlobStore<Long> store =
                    BlobStore.builder(KeyCodec.longs()).arenaBytesMax(64 << 20).open(directory)) {
                for (long key = 0; key < blobs; key++) {
                    store.put(key, blob);
                }
                rates[round] = blobs / ((System.nanoTime() - startNanos) / 1e9);
            } finally {
                PathUtils.delete(directory);
            }
            System.out.printf("round %d: %.0f puts/s%n", round, rates[round]);
        }
        Arrays.sort(rates);
        System.out.printf("median: %.0f puts/s%n", rates[rates.length / 2]);
    }
}
