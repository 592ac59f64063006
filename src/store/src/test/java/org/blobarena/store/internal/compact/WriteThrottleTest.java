package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.blobarena.store.testing.Recorded;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a clock that goes on only while somebody waits. */
class WriteThrottleTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long MILLISECOND = 1_000_000L;

    /** What compaction is taken to free before it has been seen. */
    private static final long FIRST_BYTES_PER_SECOND = 50_000_000;

    private long now = -SECOND;
    private boolean interruptedInWait;

    private final WriteThrottle throttle = new WriteThrottle(Path.of("store"), () -> now, nanos -> {
        interruptedInWait |= Thread.currentThread().isInterrupted();
        now += nanos;
    });

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    /** How long a writer takes for so many bytes in small pieces. */
    private long nanosFor(long bytes) {
        long start = now;
        for (long left = bytes; left > 0; left -= 10_000) {
            throttle.acquire(10_000);
        }
        return now - start;
    }

    @Test
    void nobodyWaitsWhileItDoesNotBrake() {
        assertThat(nanosFor(1L << 30)).isZero();
        throttle.set(0);
        assertThat(nanosFor(1L << 30)).isZero();
        throttle.set(-3);
        assertThat(nanosFor(1L << 30)).isZero();
        assertThat(throttle.waitedNanos()).isZero();
    }

    @Test
    void halfTheWayToTheLimitWritersGetAboutWhatCompactionFrees() {
        throttle.set(0.5);

        double seconds = (double) nanosFor(FIRST_BYTES_PER_SECOND) / SECOND;

        assertThat(seconds).isCloseTo(1, within(0.02));
        assertThat(throttle.waitedNanos()).isCloseTo((long) (seconds * SECOND), within(10 * MILLISECOND));
    }

    @Test
    void atTheLimitAndBeyondWritersGetTwoHundredthsAPart() {
        for (double part : new double[] {1, 7}) {
            throttle.set(part);

            double seconds = (double) nanosFor(FIRST_BYTES_PER_SECOND / 100) / SECOND;

            assertThat(seconds).as("at %s", part).isCloseTo(2, within(0.1));
        }
    }

    @Test
    void brakeThatIsReleasedLetsWritersGo() {
        throttle.set(1);
        nanosFor(100_000);
        throttle.set(0);
        assertThat(nanosFor(1L << 30)).isZero();
    }

    @Test
    void speedOfCompactionSetsThePrice() {
        for (int i = 0; i < 100; i++) {
            throttle.freed(1_000_000, SECOND); // A fiftieth of what it began with.
        }
        throttle.set(0.5);

        double seconds = (double) nanosFor(1_000_000) / SECOND;

        assertThat(seconds).isCloseTo(1, within(0.05));
    }

    @Test
    void roundThatFreesNothingMakesTheNextOnesCountNoLess() {
        throttle.freed(-5, 0);
        throttle.freed(0, SECOND);
        for (int i = 0; i < 100; i++) {
            throttle.freed(FIRST_BYTES_PER_SECOND, SECOND);
        }
        throttle.set(0.5);
        assertThat((double) nanosFor(FIRST_BYTES_PER_SECOND) / SECOND).isCloseTo(1, within(0.02));
    }

    @Test
    void oneWriteWaitsForAtMostAFewHundredthsOfASecondAndLeavesTheRestToTheNext() {
        throttle.set(0.5);
        throttle.acquire(FIRST_BYTES_PER_SECOND / 5); // Worth a fifth of a second.
        assertThat(now + SECOND).isEqualTo(50 * MILLISECOND);
        throttle.acquire(1);
        assertThat(now + SECOND).isEqualTo(100 * MILLISECOND);
    }

    @Test
    void moreThanTenSecondsAreForgotten() {
        throttle.set(0.5);
        throttle.acquire(FIRST_BYTES_PER_SECOND * 1000);
        long start = now;
        long before;
        do {
            before = now;
            throttle.acquire(1);
        } while (now > before);
        assertThat((double) (now - start) / SECOND).isCloseTo(10, within(0.1));
    }

    @Test
    void timeThatPassesIsNotDueAnyMore() {
        throttle.set(0.5);
        now += 100 * SECOND;
        throttle.acquire(FIRST_BYTES_PER_SECOND / 100);
        assertThat(throttle.waitedNanos()).isCloseTo(10 * MILLISECOND, within(MILLISECOND));
    }

    @Test
    void interruptedWriterWaitsAsWellAndStaysInterrupted() {
        throttle.set(0.5);
        Thread.currentThread().interrupt();
        throttle.acquire(FIRST_BYTES_PER_SECOND);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(interruptedInWait).isFalse();
        assertThat(throttle.waitedNanos()).isEqualTo(50 * MILLISECOND);
    }

    @Test
    void waitIsRecorded() throws Exception {
        List<RecordedEvent> events = Recorded.of(Path.of("store"), () -> {
            throttle.set(1);
            throttle.acquire(1_000_000);
            throttle.set(0);
            throttle.acquire(1_000_000);
        });
        assertThat(Recorded.named("WriteThrottle", events))
                .singleElement()
                .satisfies(event -> assertThat(event.getLong("bytes")).isEqualTo(1_000_000));
    }
}
