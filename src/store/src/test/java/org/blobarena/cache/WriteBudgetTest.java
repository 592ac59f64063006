package org.blobarena.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.store.testing.TestClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBudgetTest {

    private static final long BYTES_PER_DAY = 86_400_000;
    private static final int BLOB_BYTES = 1000;
    private static final int MINUTES_PER_DAY = 24 * 60;

    private final TestClock clock = new TestClock();
    private final AtomicLong written = new AtomicLong();
    private final WriteBudget budget = new WriteBudget(BYTES_PER_DAY, clock, written::get, new SplittableRandom(1));

    /** Lets a minute pass in which so many blobs are put; returns how many were admitted. */
    private int minute(int blobs) {
        int admitted = 0;
        for (int i = 0; i < blobs; i++) {
            clock.advance(60_000 / blobs);
            if (budget.admits(BLOB_BYTES)) {
                admitted++;
                written.addAndGet(BLOB_BYTES);
            }
        }
        return admitted;
    }

    @Test
    void aDemandWithinTheBudgetIsAdmitted() {
        for (int i = 0; i < MINUTES_PER_DAY; i++) {
            assertThat(minute(30)).isEqualTo(30);
        }
    }

    @Test
    void noDayTakesMoreThanTheBudgetAndNearlyAllOfIt() {
        for (int day = 0; day < 3; day++) {
            long before = written.get();
            int least = Integer.MAX_VALUE;
            for (int i = 0; i < MINUTES_PER_DAY; i++) {
                int admitted = minute(day == 1 && i < 200 ? 500 : 300);
                least = i < 60 ? least : Math.min(least, admitted);
            }
            assertThat(written.get() - before).isBetween(BYTES_PER_DAY * 8 / 10, BYTES_PER_DAY + BLOB_BYTES);
            assertThat(least).as("blobs of the leanest minute").isPositive();
        }
        assertThat(budget.probability()).isBetween(0.05, 0.5);
    }

    @Test
    void streamsCountByTheLengthThatOthersHad() {
        for (int day = 0; day < 2; day++) {
            long before = written.get();
            int least = Integer.MAX_VALUE;
            for (int i = 0; i < MINUTES_PER_DAY; i++) {
                int admitted = 0;
                for (int blob = 0; blob < 300; blob++) {
                    clock.advance(200);
                    if (budget.admits(WriteBudget.LENGTH_UNKNOWN)) {
                        admitted++;
                        written.addAndGet(BLOB_BYTES);
                        budget.streamed(BLOB_BYTES);
                    }
                }
                least = i < 60 && day == 0 ? least : Math.min(least, admitted);
            }
            assertThat(written.get() - before).isBetween(BYTES_PER_DAY * 8 / 10, BYTES_PER_DAY + BLOB_BYTES);
            assertThat(least).as("blobs of the leanest minute").isPositive();
        }
        assertThat(budget.probability()).isBetween(0.05, 0.5);
    }

    @Test
    void streamsOfACacheCount(@TempDir Path directory) throws IOException {
        try (BlobCache<String> cache =
                TestCaches.onHeap().clock(clock).writtenBytesPerDay(25L * 3000).open(directory)) {
            byte[] blob = new byte[2000];
            for (int i = 0; i < 200; i++) {
                clock.advance(Duration.ofMinutes(1));
                switch (i % 3) {
                    case 0 -> cache.put("a", new ByteArrayInputStream(blob));
                    case 1 -> cache.put("b", out -> out.write(blob));
                    default -> {
                        InputStream stream = cache.openStream("c" + i, key -> new ByteArrayInputStream(blob));
                        assertThat(stream).isNotNull();
                        stream.close();
                    }
                }
            }
            // A minute brings 50 bytes, of the 2,000 that are wanted. So few blobs tell no more exactly how many can be
            // had.
            assertThat(cache.writeBudget().probability()).isLessThan(0.2);
        }
    }

    @Test
    void whatIsNotAdmittedReplacesWhatWasThere(@TempDir Path directory) throws IOException {
        try (BlobCache<String> cache =
                TestCaches.onHeap().clock(clock).writtenBytesPerDay(25L * 3000).open(directory)) {
            byte[] blob = new byte[2000];
            cache.put("a", blob);
            assertThat(cache.contains("a")).isTrue();
            for (int i = 0; i < 10; i++) {
                cache.put("b", blob);
            }
            cache.put("a", new byte[1]);
            assertThat(cache.contains("a")).isFalse();
            assertThat(cache.get("c", key -> blob)).isEqualTo(blob);
            assertThat(cache.contains("c")).isFalse();
            assertThat(cache.stats().rejected()).isGreaterThan(5);
            for (int hour = 0; hour < 100 && !cache.contains("a"); hour++) {
                clock.advance(Duration.ofHours(1));
                cache.put("a", blob);
            }
            assertThat(cache.contains("a")).isTrue();
        }
    }
}
