package org.blobarena.store.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CompactionStats;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreStats;

/**
 * Fills a store and overwrites its keys several times over, uniformly or by Zipf's law, and measures what compaction
 * promises: the greatest space on the device, how often every byte was written, the longest put.
 */
final class Churn {

    private static final int PUTS_PER_SAMPLE = 1000;

    /** What a user sees of a file with {@code du} beyond its bytes. */
    private static final long BLOCK_BYTES = 4096;

    private final Path directory;
    private final Size size;
    private final boolean skewed;
    private long longestPutNanos;
    private double greatestShareOfPromise;
    private double writeAmplification;
    private StoreStats end;

    /** What is put. */
    record Size(int keys, int blobBytes, int overwrites, long arenaBytesMax) {}

    Churn(Path directory, Size size, boolean skewed) {
        this.directory = directory;
        this.size = size;
        this.skewed = skewed;
    }

    void run(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Zipf zipf = new Zipf(size.keys, 0.99);
        byte[] blob = new byte[size.blobBytes];
        random.nextBytes(blob);
        try (BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                .arenaBytesMax(size.arenaBytesMax)
                .open(directory)) {
            for (long key = 0; key < size.keys; key++) {
                put(store, key, blob);
            }
            CompactionStats before = store.stats().compaction();
            long puts = (long) size.keys * size.overwrites;
            for (long i = 0; i < puts; i++) {
                long rank = skewed ? zipf.next(random) : random.nextInt(size.keys);
                put(store, rank * 0x9E3779B1L % size.keys, blob);
                if (i % PUTS_PER_SAMPLE == 0) {
                    sample(store.stats());
                }
            }
            end = store.stats();
            CompactionStats after = end.compaction();
            double put = after.bytesPut() - before.bytesPut();
            writeAmplification = (put + after.bytesWritten() - before.bytesWritten()) / put;
        }
    }

    /** Removes every key and compacts; the bytes of the arena files that are left. */
    long removeAll() throws IOException {
        try (BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                .arenaBytesMax(size.arenaBytesMax)
                .open(directory)) {
            for (long key = 0; key < size.keys; key++) {
                store.remove(key);
            }
            long before = store.stats().arenaBytes();
            long start = System.nanoTime();
            store.compact();
            long left = store.stats().arenaBytes();
            System.out.printf(
                    Locale.ROOT,
                    "all keys removed: %d bytes, compacted to %d in %d ms%n",
                    before,
                    left,
                    (System.nanoTime() - start) / 1_000_000);
            return left;
        }
    }

    private void put(BlobStore<Long> store, long key, byte[] blob) throws IOException {
        long start = System.nanoTime();
        store.put(key, blob);
        longestPutNanos = Math.max(longestPutNanos, System.nanoTime() - start);
    }

    private void sample(StoreStats stats) throws IOException {
        greatestShareOfPromise = Math.max(greatestShareOfPromise, (double) diskBytes() / promisedBytes(stats));
    }

    /** The bytes of the arena files that are promised at most. */
    private long promisedBytes(StoreStats stats) {
        return (long) (stats.neededBytes() / (1 - 0.30)) + BlobStore.FILES_BEYOND_BOUND * size.arenaBytesMax;
    }

    private long diskBytes() throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.toString().endsWith(".arena")) {
                    try {
                        sum += (Files.size(file) + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
                    } catch (java.nio.file.NoSuchFileException e) {
                        // It was deleted in between.
                    }
                }
            }
        }
        return sum;
    }

    double writeAmplification() {
        return writeAmplification;
    }

    /** 1 when the promise was just kept. */
    double greatestShareOfPromise() {
        return greatestShareOfPromise;
    }

    StoreStats end() {
        return end;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d keys of %d bytes, %d times as many %s overwrites: written %.2f times, at most %.0f %% of the promised"
                        + " space, longest put %d ms, writers waited %d ms in all",
                size.keys,
                size.blobBytes,
                size.overwrites,
                skewed ? "skewed" : "uniform",
                writeAmplification,
                100 * greatestShareOfPromise,
                longestPutNanos / 1_000_000,
                end.compaction().writersWaited().toMillis());
    }

    /** Ranks by Zipf's law, after Gray et al., "Quickly Generating Billion-Record Synthetic Databases", 1994. */
    private static final class Zipf {

        private final int items;
        private final double theta;
        private final double zeta;
        private final double alpha;
        private final double eta;

        Zipf(int items, double theta) {
            this.items = items;
            this.theta = theta;
            double sum = 0;
            for (int i = 1; i <= items; i++) {
                sum += 1 / Math.pow(i, theta);
            }
            zeta = sum;
            alpha = 1 / (1 - theta);
            eta = (1 - Math.pow(2.0 / items, 1 - theta)) / (1 - (1 + Math.pow(0.5, theta)) / zeta);
        }

        long next(SplittableRandom random) {
            double u = random.nextDouble();
            if (u * zeta < 1) {
                return 0;
            }
            if (u * zeta < 1 + Math.pow(0.5, theta)) {
                return 1;
            }
            return Math.min(items - 1, (long) (items * Math.pow(eta * u - eta + 1, alpha)));
        }
    }
}
