package org.blobarena.bench;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.BlobCacheBuilder;
import org.blobarena.store.api.KeyCodec;

/**
 * Fills a {@link BlobCache} and measures its memory: the heap after a collection and what buffers take off the heap, each less
 * what there was before it was opened, and the file of the index, which is mapped. Once without and once with a time to idle; a
 * line for each.
 */
public final class CacheMemory {

    private static final double FILL_SHARE = 3;
    private static final int READS = 1000;
    private static final int COLLECTIONS = 5;
    private static final long NANOS_FOR_CLEANERS = 200_000_000;

    private CacheMemory() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, bytes of a blob, MiB of the cache
     */
    public static void main(String[] arguments) throws IOException {
        byte[] blob = new byte[Integer.parseInt(arguments[1])];
        new SplittableRandom(1).nextBytes(blob);
        long maximumBytes = Long.parseLong(arguments[2]) << 20;
        measure(Path.of(arguments[0]), blob, maximumBytes, false); // Loads classes, makes buffers that stay.
        for (boolean idles : new boolean[] {false, true}) {
            System.out.println(measure(Path.of(arguments[0]), blob, maximumBytes, idles));
        }
    }

    private static String measure(Path parent, byte[] blob, long maximumBytes, boolean idles) throws IOException {
        Path directory = Files.createTempDirectory(parent, "blobarena-memory-");
        long heapBefore = heapBytes();
        long buffersBefore = bufferBytes();
        BlobCacheBuilder<Long> builder = BlobCache.builder(KeyCodec.longs()).maximumBytes(maximumBytes);
        if (idles) {
            builder = builder.timeToIdle(Duration.ofDays(1));
        }
        try (BlobCache<Long> cache = builder.open(directory)) {
            long puts = (long) (maximumBytes / blob.length * FILL_SHARE);
            SplittableRandom random = new SplittableRandom(2);
            for (long key = 0; key < puts; key++) {
                cache.put(key, blob);
                if (key % READS == 0) {
                    byte[] unused = cache.getIfPresent(random.nextLong(key + 1));
                }
            }
            return String.format(
                    "{\"idles\":%s,\"keys\":%d,\"diskBytes\":%d,\"heapBytes\":%d,\"bufferBytes\":%d,\"indexBytes\":%d}",
                    idles,
                    cache.size(),
                    cache.stats().bytes(),
                    heapBytes() - heapBefore,
                    bufferBytes() - buffersBefore,
                    indexBytes(directory));
        } finally {
            PathUtils.delete(directory);
        }
    }

    private static long heapBytes() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            LockSupport.parkNanos(NANOS_FOR_CLEANERS); // Another thread frees the buffers whose owners are gone.
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long bufferBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long indexBytes(Path directory) throws IOException {
        long bytes = 0;
        try (var files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.getFileName().toString().contains("index"))
                    .toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}
