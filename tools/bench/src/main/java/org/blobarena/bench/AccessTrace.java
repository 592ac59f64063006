package org.blobarena.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * A sequence of requests for keys, each of which has a blob of one size.
 *
 * @param name what it is called in the results
 * @param keys the key of each request
 * @param sizes the bytes of the blob of each key
 */
record AccessTrace(String name, int[] keys, int[] sizes) {

    private static final double ZIPF_EXPONENT = 0.9;
    private static final int SCAN_PERIOD = 50_000;
    private static final int SCAN_LENGTH = 15_000;
    private static final int EQUAL_BYTES = 4096;

    /**
     * Makes or reads a trace.
     *
     * @param name {@code zipf}: keys by Zipf's law with an exponent of 0.9 and blobs of 4 KiB; {@code mixed}: the same keys
     *     and blobs of 200 bytes to 512 KiB, log-normally distributed; {@code scan}: of 50,000 requests, 15,000 are for keys
     *     in turn of a second range as large as the first; or a file made by {@code record-trace}
     * @param keys the number of keys to choose from
     * @param requests the number of requests
     */
    static AccessTrace of(String name, int keys, int requests) throws IOException {
        return switch (name) {
            case "zipf" -> new AccessTrace(name, zipf(keys, requests), equal(keys));
            case "mixed" -> new AccessTrace(name, zipf(keys, requests), mixed(keys));
            case "scan" -> new AccessTrace(name, scan(keys, zipf(keys, requests)), equal(2 * keys));
            default -> read(Path.of(name));
        };
    }

    /** Returns the bytes of all blobs that are asked for. */
    long distinctBytes() {
        return IntStream.of(keys).distinct().mapToLong(key -> sizes[key]).sum();
    }

    /** Returns the same requests for blobs so many times as long. */
    AccessTrace scaled(int factor) {
        return factor == 1
                ? this
                : new AccessTrace(
                        name + " x" + factor,
                        keys,
                        IntStream.of(sizes)
                                .map(size -> Math.multiplyExact(size, factor))
                                .toArray());
    }

    private static int[] zipf(int keys, int requests) {
        double[] sums = new double[keys];
        double sum = 0;
        for (int rank = 0; rank < keys; rank++) {
            sum += Math.pow(rank + 1, -ZIPF_EXPONENT);
            sums[rank] = sum;
        }
        SplittableRandom random = new SplittableRandom(1);
        int[] result = new int[requests];
        for (int i = 0; i < requests; i++) {
            int found = Arrays.binarySearch(sums, random.nextDouble() * sum);
            result[i] = found >= 0 ? found : Math.min(-found - 1, keys - 1);
        }
        return result;
    }

    private static int[] scan(int keys, int[] zipf) {
        int[] result = zipf.clone();
        int scanned = 0;
        for (int i = 0; i < result.length; i++) {
            if (i % SCAN_PERIOD < SCAN_LENGTH) {
                result[i] = keys + scanned++ % keys;
            }
        }
        return result;
    }

    private static int[] equal(int keys) {
        int[] result = new int[keys];
        Arrays.fill(result, EQUAL_BYTES);
        return result;
    }

    private static int[] mixed(int keys) {
        SplittableRandom random = new SplittableRandom(3);
        return IntStream.range(0, keys)
                .map(key -> (int) Math.max(200, Math.min(512 << 10, 4600 * Math.exp(1.3 * random.nextGaussian()))))
                .toArray();
    }

    private static AccessTrace read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII))) {
            int[][] requests = lines.lines()
                    .map(line -> Arrays.stream(line.split(" "))
                            .mapToInt(Integer::parseInt)
                            .toArray())
                    .toArray(int[][]::new);
            int[] keys = Arrays.stream(requests).mapToInt(request -> request[0]).toArray();
            int[] sizes = new int[Arrays.stream(keys).max().orElse(-1) + 1];
            for (int[] request : requests) {
                sizes[request[0]] = request[1];
            }
            String name = file.getFileName().toString();
            return new AccessTrace(name.replaceFirst("\\..*", ""), keys, sizes);
        }
    }
}
