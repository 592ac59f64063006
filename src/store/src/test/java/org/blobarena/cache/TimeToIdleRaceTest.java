package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.blobarena.store.testing.TestClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers use blobs while these go idle, and while evictions write them again elsewhere. */
@Timeout(300)
class TimeToIdleRaceTest {

    private static final long IDLE_MILLIS = 32_000;
    private static final long TICK_MILLIS = 1000;

    /** Longer than a cell, so that each blob has a time of its own. */
    private static final int BLOB_BYTES = 4200;

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private BlobCache<String> open(long maximumBytes) throws IOException {
        return TestCaches.onHeap()
                .smallMaximumBytes(maximumBytes)
                .clock(clock)
                .timeToIdle(Duration.ofMillis(IDLE_MILLIS))
                .open(directory);
    }

    private static byte[] blob(int version) {
        return ByteBuffer.allocate(BLOB_BYTES).putInt(version).array();
    }

    /** Several threads read the same keys: what one of them has missed no other finds, even if it began before the clock went on. */
    @Test
    void whatOneHasMissedNobodyFinds() throws Exception {
        int keys = 8;
        int readers = 3;
        int rounds = 300;
        AtomicIntegerArray missed = new AtomicIntegerArray(keys);
        try (BlobCache<String> cache = open(16 * TestCaches.MAXIMUM_BYTES)) {
            for (int round = 1; round <= rounds; round++) {
                int version = round;
                for (int key = 0; key < keys; key++) {
                    cache.put("key-" + key, blob(round));
                }
                List<Future<Integer>> reading = new ArrayList<>();
                for (int i = 0; i < readers; i++) {
                    int first = i;
                    reading.add(threads.submit(() -> read(cache, missed, version, first)));
                }
                for (Future<Integer> each : reading) {
                    assertThat(each.get()).isEqualTo(keys);
                }
            }
            assertThat(cache.stats().evictions()).isZero();
        }
    }

    /** Reads each key until it has gone, while the clock goes on by about the time at which it goes. */
    private int read(BlobCache<String> cache, AtomicIntegerArray missed, int version, int first) throws IOException {
        SplittableRandom random = new SplittableRandom(31L * version + first);
        int gone = 0;
        for (int i = 0; i < missed.length(); i++) {
            int key = (i + first) % missed.length();
            boolean found = true;
            while (found) {
                if (random.nextInt(3) == 0) {
                    clock.advance(random.nextLong(IDLE_MILLIS + 2 * TICK_MILLIS));
                }
                boolean wasMissed = missed.get(key) == version;
                byte[] blob = cache.getIfPresent("key-" + key);
                found = blob != null;
                if (found) {
                    assertThat(wasMissed).as("missed before, and found").isFalse();
                    assertThat(ByteBuffer.wrap(blob).getInt()).isEqualTo(version);
                }
            }
            missed.set(key, version);
            gone++;
        }
        return gone;
    }

    /**
     * Each thread uses keys of its own, so that it knows when each was used, while puts make evictions write them again. What
     * is not found was evicted, or not used for the time; what is found was used within it.
     */
    @Test
    void nothingIsFoundBeyondItsTimeWhateverIsEvicted() throws Exception {
        try (BlobCache<String> cache = open(TestCaches.MAXIMUM_BYTES)) {
            AtomicBoolean over = new AtomicBoolean();
            List<Future<Owned>> owners = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int owner = i;
                owners.add(threads.submit(() -> own(cache, owner, over)));
            }
            for (int i = 0; i < 6000; i++) {
                cache.put("filler-" + i, blob(i));
                clock.advance(IDLE_MILLIS / 100);
            }
            over.set(true);
            for (Future<Owned> owner : owners) {
                Owned owned = owner.get();
                assertThat(owned.found).isPositive();
                assertThat(owned.lost).isPositive();
            }
            assertThat(cache.stats().reinserted()).isPositive();
            assertThat(TestCaches.engine(cache).verify(null).damage()).isEmpty();
        }
    }

    private record Owned(long found, long lost) {}

    private Owned own(BlobCache<String> cache, int owner, AtomicBoolean over) throws IOException {
        int keys = 6;
        long[] usedAtLatest = new long[keys];
        int[] versions = new int[keys];
        SplittableRandom random = new SplittableRandom(owner);
        long found = 0;
        long lost = 0;
        for (int step = 1; !over.get() || found == 0 || lost == 0; step++) {
            int key = random.nextInt(keys);
            String name = "owned-" + owner + "-" + key;
            long before = clock.millis();
            byte[] blob = cache.getIfPresent(name);
            if (blob != null) {
                assertThat(ByteBuffer.wrap(blob).getInt()).isEqualTo(versions[key]);
                assertThat(before).isLessThan(usedAtLatest[key] + IDLE_MILLIS + TICK_MILLIS);
                found++;
            } else {
                lost++;
                versions[key] = step;
                cache.put(name, blob(step));
            }
            usedAtLatest[key] = clock.millis();
            if (over.get()) {
                clock.advance(IDLE_MILLIS / 10);
            }
        }
        return new Owned(found, lost);
    }
}
