package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lets writers, readers, loaders and evictions race: nobody sees an older blob than the newest whose put had returned. */
@Timeout(300)
class BlobCacheRaceTest {

    private static final int WRITERS = 2;
    private static final int READERS = 2;
    private static final int KEYS_PER_WRITER = 150;
    private static final int PUTS_PER_WRITER = 6000;

    @TempDir
    private Path directory;

    /** The newest version of each key whose put has returned, and whose put has begun. */
    private final AtomicLongArray done = new AtomicLongArray(WRITERS * KEYS_PER_WRITER);

    private final AtomicLongArray begun = new AtomicLongArray(WRITERS * KEYS_PER_WRITER);
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void nobodySeesAnOlderBlobAndTheMaximumHolds() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + READERS + 1);
        try (BlobCache<String> cache = TestCaches.onHeap().open(directory)) {
            List<Future<Long>> writers = new ArrayList<>();
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(threads.submit(writer(cache, i)));
            }
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(reader(cache, i)));
            }
            Future<Long> greatest = threads.submit(this::greatestDiskBytes);
            for (Future<Long> writer : writers) {
                assertThat(writer.get()).isEqualTo(PUTS_PER_WRITER);
            }
            over.set(true);
            for (Future<Long> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
            assertThat(greatest.get())
                    .isLessThanOrEqualTo(
                            TestCaches.MAXIMUM_BYTES + (long) BlobCache.FILES_BEYOND_MAXIMUM * TestCaches.FILE_BYTES);
            assertThat(cache.stats().evictions()).isPositive();
            assertThat(TestCaches.engine(cache).verify(null).damage()).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    private Callable<Long> writer(BlobCache<String> cache, int writer) {
        return () -> {
            SplittableRandom random = new SplittableRandom(writer);
            for (long version = 1; version <= PUTS_PER_WRITER; version++) {
                int key = writer * KEYS_PER_WRITER + random.nextInt(KEYS_PER_WRITER);
                begun.set(key, version);
                if (random.nextInt(10) == 0) {
                    boolean unused = cache.invalidate("key-" + key);
                    assertThat(cache.contains("key-" + key)).isFalse();
                } else {
                    cache.put("key-" + key, blob(version));
                }
                done.set(key, version);
            }
            return (long) PUTS_PER_WRITER;
        };
    }

    private Callable<Long> reader(BlobCache<String> cache, int reader) {
        return () -> {
            SplittableRandom random = new SplittableRandom(100 + reader);
            long hits = 0;
            while (!over.get()) {
                int key = random.nextInt(WRITERS * KEYS_PER_WRITER);
                long least = done.get(key);
                byte[] found = cache.getIfPresent("key-" + key);
                if (found != null) {
                    hits++;
                    long version = ByteBuffer.wrap(found).getLong();
                    assertThat(found).hasSize(blobBytes(version));
                    assertThat(version).isBetween(least, begun.get(key));
                }
            }
            return hits;
        };
    }

    private long greatestDiskBytes() throws IOException {
        long greatest = 0;
        while (!over.get()) {
            greatest = Math.max(greatest, TestCaches.diskBytes(directory));
        }
        return greatest;
    }

    private static int blobBytes(long version) {
        return 100 + (int) (version * 31 % 4000);
    }

    private static byte[] blob(long version) {
        return ByteBuffer.allocate(blobBytes(version)).putLong(0, version).array();
    }
}
