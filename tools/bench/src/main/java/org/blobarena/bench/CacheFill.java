package org.blobarena.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.api.KeyCodec;

/**
 * Puts new keys into a {@link BlobCache} that is full, so that each makes an old blob go, and into one four times as large that
 * still has room and files of the same length, in turns: how many puts a second each takes once as much was put before. A line
 * for each round, with caches of its own.
 */
public final class CacheFill {

    private static final int ROOMY_FACTOR = 4;

    /** Of the full cache, which so fills its files to the same length as the other. */
    private static final int FILES = 128;

    private static final double FILL_SHARE = 1.1;

    private CacheFill() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, bytes of a blob, MiB of the cache, rounds
     */
    public static void main(String[] arguments) throws IOException {
        byte[] blob = new byte[Integer.parseInt(arguments[1])];
        new SplittableRandom(1).nextBytes(blob);
        long maximumBytes = Long.parseLong(arguments[2]) << 20;
        double[] ratios = new double[Integer.parseInt(arguments[3])];
        for (int round = 0; round < ratios.length; round++) {
            double roomy = putsPerSecond(Path.of(arguments[0]), blob, maximumBytes, ROOMY_FACTOR * maximumBytes);
            double full = putsPerSecond(Path.of(arguments[0]), blob, maximumBytes, maximumBytes);
            ratios[round] = full / roomy;
            System.out.printf(
                    "{\"round\":%d,\"roomyPutsPerSecond\":%.0f,\"fullPutsPerSecond\":%.0f,\"ratio\":%.3f}%n",
                    round, roomy, full, ratios[round]);
        }
        Arrays.sort(ratios);
        System.out.printf("median of ratios: %.3f%n", ratios[ratios.length / 2]);
    }

    private static double putsPerSecond(Path parent, byte[] blob, long filledBytes, long maximumBytes)
            throws IOException {
        long fill = (long) (filledBytes / blob.length * FILL_SHARE);
        Path directory = Files.createTempDirectory(parent, "blobarena-fill-");
        try (BlobCache<Long> cache = BlobCache.builder(KeyCodec.longs())
                .maximumBytes(maximumBytes)
                .arenaBytesMax(filledBytes / FILES)
                .expectedKeys(ROOMY_FACTOR * fill)
                .open(directory)) {
            put(cache, blob, 0, fill);
            long start = System.nanoTime();
            put(cache, blob, fill, 2 * fill);
            return fill / ((System.nanoTime() - start) / 1e9);
        } finally {
            PathUtils.delete(directory);
        }
    }

    private static void put(BlobCache<Long> cache, byte[] blob, long from, long to) throws IOException {
        for (long key = from; key < to; key++) {
            cache.put(key, blob);
        }
    }
}
