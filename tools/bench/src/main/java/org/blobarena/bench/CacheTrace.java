package org.blobarena.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.KeyCodec;

/**
 * Replays a trace through a {@link BlobCache} with real blobs in a directory of its own, and through LRU, FIFO, W-TinyLFU and
 * Belady's policy, which hold sizes alone; a miss puts the blob. Each measurement is a line of JSON, and a table follows.
 *
 * <p>The maximum of the {@code BlobCache} covers its index and what it adds to each blob; that of the others covers blobs
 * alone. What was written is what the operating system counts, where {@code /proc/self/io} does, and what the cache says.
 */
public final class CacheTrace {

    private static final int KEYS = 100_000;
    private static final int REQUESTS = 2_000_000;
    private static final int FILES = 64;
    private static final Path IO = Path.of("/proc/self/io");

    private final AccessTrace trace;
    private final Path parent;
    private final int files;

    private CacheTrace(AccessTrace trace, Path parent, int files) {
        this.trace = trace;
        this.parent = parent;
        this.files = files;
    }

    /**
     * Runs it.
     *
     * @param arguments a directory with room; {@code zipf}, {@code mixed}, {@code scan} or a file made by {@code
     *     record-trace}, all with {@code *4}, say, for blobs four times as long; then the sizes of the caches in percent of the
     *     bytes of all blobs of the trace, and {@code /16}, say, for caches of 16 arena files and not {@value #FILES}
     */
    public static void main(String[] arguments) throws IOException {
        String[] named = arguments[1].split("\\*", 2);
        AccessTrace trace =
                AccessTrace.of(named[0], KEYS, REQUESTS).scaled(named.length == 1 ? 1 : Integer.parseInt(named[1]));
        List<String> rows = new ArrayList<>();
        for (String size : Arrays.copyOfRange(arguments, 2, arguments.length)) {
            String[] parts = size.split("/", 2);
            int files = parts.length == 1 ? FILES : Integer.parseInt(parts[1]);
            rows.add(new CacheTrace(trace, Path.of(arguments[0]), files).run(Integer.parseInt(parts[0])));
        }
        System.out.println("| trace | cache, % of all blobs | FIFO | LRU | W-TinyLFU | BlobCache | Belady "
                + "| by bytes: LRU | BlobCache | written per byte admitted |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|");
        rows.forEach(System.out::println);
    }

    private String run(int percent) throws IOException {
        long maximumBytes = trace.distinctBytes() * percent / 100;
        double[] hits = new double[TracedPolicy.values().length];
        double lruBytes = 0;
        for (TracedPolicy policy : TracedPolicy.values()) {
            TracedPolicy.Outcome outcome = policy.replay(trace, maximumBytes);
            hits[policy.ordinal()] = outcome.hitPercent();
            lruBytes = policy == TracedPolicy.LRU ? outcome.hitBytesPercent() : lruBytes;
            print(percent, maximumBytes, policy.name(), outcome, "");
        }
        Replay replay = new Replay();
        Path directory = Files.createTempDirectory(parent, "blobarena-trace-");
        try {
            replay.run(directory, maximumBytes);
        } finally {
            PathUtils.delete(directory);
        }
        print(percent, maximumBytes, "BLOB_CACHE", replay.outcome, replay.figures());
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.2f |",
                trace.name(),
                percent,
                hits[TracedPolicy.FIFO.ordinal()],
                hits[TracedPolicy.LRU.ordinal()],
                hits[TracedPolicy.W_TINY_LFU.ordinal()],
                replay.outcome.hitPercent(),
                hits[TracedPolicy.BELADY.ordinal()],
                lruBytes,
                replay.outcome.hitBytesPercent(),
                (double) replay.secondHalfWritten / replay.secondHalfAdmitted);
    }

    private void print(int percent, long maximumBytes, String policy, TracedPolicy.Outcome outcome, String more) {
        System.out.printf(
                Locale.ROOT,
                "{\"trace\":\"%s\",\"percent\":%d,\"maximumBytes\":%d,\"policy\":\"%s\",\"hitPercent\":%.2f,"
                        + "\"hitBytesPercent\":%.2f%s}%n",
                trace.name(),
                percent,
                maximumBytes,
                policy,
                outcome.hitPercent(),
                outcome.hitBytesPercent(),
                more);
    }

    /** The bytes that this process has handed to the operating system to write; 0 where it does not count them. */
    private static long writtenBytes() throws IOException {
        return Files.isReadable(IO)
                ? Files.readAllLines(IO).stream()
                        .filter(line -> line.startsWith("wchar: "))
                        .mapToLong(line -> Long.parseLong(line.substring(7)))
                        .sum()
                : 0;
    }

    /** One replay through a cache of its own. */
    private final class Replay {

        private final TracedPolicy.Outcome outcome = new TracedPolicy.Outcome();
        private final byte[] content =
                new byte[Arrays.stream(trace.sizes()).max().orElse(0)];
        private long admittedBytes;
        private long refused;
        private long writtenBytes;
        private long secondHalfAdmitted;
        private long secondHalfWritten;
        private long cacheWrittenBytes;
        private long diskBytesMax;
        private double seconds;

        void run(Path directory, long maximumBytes) throws IOException {
            new SplittableRandom(1).nextBytes(content);
            try (BlobCache<Long> cache = BlobCache.builder(KeyCodec.longs())
                    .maximumBytes(maximumBytes)
                    .arenaBytesMax(Math.max(1 << 16, maximumBytes / files))
                    .open(directory)) {
                int[] keys = trace.keys();
                long start = System.nanoTime();
                long before = writtenBytes();
                request(cache, 0, keys.length / 2);
                long half = writtenBytes();
                long halfAdmitted = admittedBytes;
                request(cache, keys.length / 2, keys.length);
                seconds = (System.nanoTime() - start) / 1e9;
                writtenBytes = writtenBytes() - before;
                secondHalfWritten = writtenBytes - (half - before);
                secondHalfAdmitted = admittedBytes - halfAdmitted;
                cacheWrittenBytes = cache.stats().bytesWritten();
            }
        }

        private void request(BlobCache<Long> cache, int from, int to) throws IOException {
            for (int i = from; i < to; i++) {
                long key = trace.keys()[i];
                int bytes = trace.sizes()[(int) key];
                byte[] blob = cache.getIfPresent(key);
                if (!outcome.count(blob != null, bytes)) {
                    admittedBytes += put(cache, key, bytes);
                } else if (!Arrays.equals(blob, blobOf(key, bytes))) {
                    throw new AssertionError("another blob than was put for key " + key);
                }
                if (i % 1000 == 0) {
                    diskBytesMax = Math.max(diskBytesMax, cache.stats().bytes());
                }
            }
        }

        /** Returns the bytes that were admitted. */
        private int put(BlobCache<Long> cache, long key, int bytes) throws IOException {
            try {
                cache.put(key, blobOf(key, bytes));
                return bytes;
            } catch (BlobTooLargeException e) { // It is longer than an arena file.
                refused++;
                return 0;
            }
        }

        private byte[] blobOf(long key, int bytes) {
            byte[] blob = Arrays.copyOf(content, bytes);
            if (bytes >= Long.BYTES) {
                ByteBuffer.wrap(blob).putLong(0, key);
            }
            return blob;
        }

        String figures() {
            return String.format(
                    Locale.ROOT,
                    ",\"files\":%d,\"admittedBytes\":%d,\"refused\":%d,\"writtenBytes\":%d,\"cacheWrittenBytes\":%d,"
                            + "\"secondHalfWrittenPerAdmitted\":%.3f,\"diskBytesMax\":%d,\"requestsPerSecond\":%.0f",
                    files,
                    admittedBytes,
                    refused,
                    writtenBytes,
                    cacheWrittenBytes,
                    (double) secondHalfWritten / secondHalfAdmitted,
                    diskBytesMax,
                    trace.keys().length / seconds);
        }
    }
}
