package org.blobarena.examples;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.CacheStats;
import org.blobarena.store.api.KeyCodec;

/**
 * A server that compresses files as well as it can, and keeps the results in a cache on disk, since most requests are for the
 * few files that everybody wants. It is restarted half-way, and goes on with what it had.
 */
final class CacheExample implements Example {

    private static final int FILES_MAX = 2_000;
    private static final long FILE_BYTES_MIN = 8 << 10;
    private static final long FILE_BYTES_MAX = 512 << 10;
    private static final int REQUESTS = 5_000;
    private static final double ZIPF_EXPONENT = 0.9;
    private static final long SEED = 1;

    private static final long CACHE_BYTES = 16 << 20;
    private static final long ARENA_BYTES = 1 << 20;

    /** Requests between two looks at the disk. */
    private static final int LOOK_EVERY = 250;

    /** Requests whose answer is unpacked and compared with the file. */
    private static final int COMPARE_EVERY = 10;

    @Override
    public void run(Input input, Figures figures) throws IOException, InterruptedException {
        List<Path> files = files(input.sources());
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        figures.say(
                "%,d files, %s, requested by Zipf's law with the exponent %.1f; a cache of at most %s.",
                files.size(), Figures.megabytes(bytes), ZIPF_EXPONENT, Figures.megabytes(CACHE_BYTES));
        Zipf wanted = new Zipf(files.size(), ZIPF_EXPONENT, SEED);
        figures.say("1. Compress without a cache.");
        double without = withoutCache(files, wanted, figures);
        Path directory = input.work().resolve("cache");
        figures.say("2. The same with a cache that is empty.");
        long kept = withCache(directory, files, wanted, without, figures);
        figures.say("3. Restart, and go on.");
        try (BlobCache<String> cache = open(directory)) {
            // Eviction goes on behind the last request and the opening, by a few of the files.
            long size = cache.size();
            figures.check(size <= kept && size > kept / 2, "%,d of %,d results outlived the restart", size, kept);
        }
        withCache(directory, files, wanted, without, figures);
    }

    private static List<Path> files(List<Path> sources) throws IOException {
        List<Path> roots =
                sources.isEmpty() ? List.of(Path.of("/usr/share"), Path.of(System.getProperty("java.home"))) : sources;
        for (Path root : roots) {
            List<Path> files = RealFiles.below(
                    root, Integer.MAX_VALUE, (file, bytes) -> bytes >= FILE_BYTES_MIN && bytes <= FILE_BYTES_MAX);
            if (files.size() >= FILES_MAX || (!files.isEmpty() && root.equals(roots.get(roots.size() - 1)))) {
                Collections.shuffle(files, new Random(SEED));
                return files.subList(0, Math.min(FILES_MAX, files.size()));
            }
        }
        throw new NoSourceException(
                "no files of " + FILE_BYTES_MIN + " to " + FILE_BYTES_MAX + " bytes below " + roots);
    }

    private static BlobCache<String> open(Path directory) throws IOException {
        return BlobCache.builder(KeyCodec.utf8())
                .maximumBytes(CACHE_BYTES)
                .arenaBytesMax(ARENA_BYTES)
                .open(directory);
    }

    /** The requests of a tenth of a round; how many a second. */
    private static double withoutCache(List<Path> files, Zipf wanted, Figures figures) throws IOException {
        int requests = REQUESTS / 10;
        long started = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            compressed(files.get(wanted.next()));
        }
        double seconds = Figures.seconds(System.nanoTime() - started);
        figures.figure("requests", "%,d, %,.0f/s", requests, requests / seconds);
        return requests / seconds;
    }

    /** One round; how many results the cache has at its end. */
    private static long withCache(Path directory, List<Path> files, Zipf wanted, double without, Figures figures)
            throws IOException, InterruptedException {
        try (BlobCache<String> cache = open(directory)) {
            long onDisk = 0;
            long wrong = 0;
            long nanos = 0;
            for (int i = 1; i <= REQUESTS; i++) {
                Path file = files.get(wanted.next());
                long started = System.nanoTime();
                byte[] answer = cache.get(file.toString(), name -> compressed(file));
                nanos += System.nanoTime() - started;
                if (i % COMPARE_EVERY == 0 && (answer == null || !isOf(answer, file))) {
                    wrong++;
                }
                if (i % LOOK_EVERY == 0) {
                    onDisk = Math.max(onDisk, RealFiles.bytesOnDisk(directory));
                }
            }
            CacheStats stats = cache.stats();
            double with = REQUESTS / Figures.seconds(nanos);
            figures.figure("requests", "%,d, %,.0f/s, %.1f times as many", REQUESTS, with, with / without);
            figures.figure(
                    "hit ratio",
                    "%.3f: %,d hits, %,d misses, %,d evicted",
                    stats.hitRatio(),
                    stats.hits(),
                    stats.misses(),
                    stats.evictions());
            figures.figure(
                    "most on disk, of the maximum",
                    "%s of %s",
                    Figures.megabytes(onDisk),
                    Figures.megabytes(CACHE_BYTES));
            long bound = CACHE_BYTES + BlobCache.FILES_BEYOND_MAXIMUM * ARENA_BYTES;
            figures.check(onDisk <= bound, "no look at the disk found more than %s", Figures.megabytes(bound));
            figures.check(wrong == 0, "%,d answers are those of their files", REQUESTS / COMPARE_EVERY);
            return cache.size();
        }
    }

    private static byte[] compressed(Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try (DeflaterOutputStream compressing = new DeflaterOutputStream(out, deflater)) {
            compressing.write(Files.readAllBytes(file));
        } finally {
            deflater.end();
        }
        return out.toByteArray();
    }

    private static boolean isOf(byte[] answer, Path file) throws IOException {
        try (InflaterInputStream plain = new InflaterInputStream(new ByteArrayInputStream(answer))) {
            return Arrays.equals(plain.readAllBytes(), Files.readAllBytes(file));
        }
    }
}
