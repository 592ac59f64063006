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
 * Puts new keys into a {@link BlobCache} until it is full, and as many again: how many puts a second it takes while it is empty,
 * and once each put makes an old blob go. A line for each round, with a cache of its own.
 */
public final class CacheFill {

    private static final double EMPTY_SHARE = 0.9;
    private static final double FULL_SHARE = 1.1;

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
            Path directory = Files.createTempDirectory(Path.of(arguments[0]), "blobarena-fill-");
            try (BlobCache<Long> cache = BlobCache.builder(KeyCodec.longs())
                    .maximumBytes(maximumBytes)
                    .open(directory)) {
                long capacity = maximumBytes / blob.length;
                long emptyEnd = (long) (capacity * EMPTY_SHARE);
                long fullStart = (long) (capacity * FULL_SHARE);
                double empty = putsPerSecond(cache, blob, 0, emptyEnd);
                double unused = putsPerSecond(cache, blob, emptyEnd, fullStart);
                double full = putsPerSecond(cache, blob, fullStart, fullStart + emptyEnd);
                ratios[round] = full / empty;
                System.out.printf(
                        "{\"round\":%d,\"emptyPutsPerSecond\":%.0f,\"fullPutsPerSecond\":%.0f,\"ratio\":%.3f}%n",
                        round, empty, full, ratios[round]);
            } finally {
                PathUtils.delete(directory);
            }
        }
        Arrays.sort(ratios);
        System.out.printf("median of ratios: %.3f%n", ratios[ratios.length / 2]);
    }

    private static double putsPerSecond(BlobCache<Long> cache, byte[] blob, long from, long to) throws IOException {
        long start = System.nanoTime();
        for (long key = from; key < to; key++) {
            cache.put(key, blob);
        }
        return (to - from) / ((System.nanoTime() - start) / 1e9);
    }
}
