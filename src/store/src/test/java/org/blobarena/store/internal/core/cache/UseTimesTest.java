package org.blobarena.store.internal.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.store.testing.TestClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UseTimesTest {

    private static final int CELLS = 64;
    private static final long IDLE_MILLIS = 3200;
    private static final long TICK_MILLIS = 100;
    private static final long CELL = UseTimes.CELL_BYTES;

    private final TestClock clock = new TestClock();
    private final long opened = clock.millis();
    private final IdleTime idle = new IdleTime(IDLE_MILLIS, clock);
    private final UseTimes times = new UseTimes(CELLS * CELL);
    private final ExecutorService pool = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    @Test
    void everythingCountsAsUsedAtTheOpening() {
        long end = opened + IDLE_MILLIS + TICK_MILLIS;
        assertThat(times.isIdle(idle, 5 * CELL, end - 1)).isFalse();
        assertThat(times.isIdle(idle, 5 * CELL, end)).isTrue();
        assertThat(times.use(idle, 6 * CELL, end)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 1000, 3200, 86_400_000L, 1L << 50})
    void idleIsNeverEarlyAndAtMostATickLate(long idleMillis) {
        IdleTime time = new IdleTime(idleMillis, clock);
        long tick = (idleMillis + IdleTime.TICKS - 1) / IdleTime.TICKS;
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            UseTimes fresh = new UseTimes(CELL);
            long used = opened + random.nextLong(100 * idleMillis);
            fresh.write(time, 0, used);
            assertThat(fresh.isIdle(time, 0, used + idleMillis - 1)).isFalse();
            assertThat(fresh.isIdle(time, 0, used + idleMillis + tick)).isTrue();
        }
    }

    @Test
    void timesNeverGoBack() {
        times.write(idle, 0, opened + 1000);
        assertThat(times.use(idle, 0, opened)).isTrue();
        times.write(idle, 0, opened + 500);
        assertThat(times.isIdle(idle, 0, opened + 1000 + IDLE_MILLIS - 1)).isFalse();
        assertThat(times.isIdle(idle, 0, opened + 1000 + IDLE_MILLIS + TICK_MILLIS))
                .isTrue();
    }

    @Test
    void whatSomebodyHasFoundIdleStaysSoUntilItIsWritten() {
        long late = opened + 2 * IDLE_MILLIS;
        assertThat(times.isIdle(idle, 0, late)).isTrue();
        assertThat(times.use(idle, 0, opened + 1))
                .as("by a clock that is behind")
                .isFalse();
        assertThat(times.isIdle(idle, CELL, opened + 1)).as("a neighbour").isFalse();
        times.write(idle, 0, opened + 2);
        assertThat(times.use(idle, 0, opened + 1)).isTrue();
    }

    @Test
    void aRecordThatIsWrittenAgainKeepsItsTime() {
        UseTimes other = new UseTimes(CELLS * CELL);
        times.write(idle, 3 * CELL, opened + 1000);
        other.write(idle, 0, opened + 3000);
        other.writeAgain(7 * CELL, times, 3 * CELL);
        other.writeAgain(0, times, 3 * CELL);
        long end = opened + 1000 + IDLE_MILLIS + TICK_MILLIS;
        assertThat(other.isIdle(idle, 7 * CELL, end - 2 * TICK_MILLIS)).isFalse();
        assertThat(other.isIdle(idle, 7 * CELL, end)).isTrue();
        assertThat(other.isIdle(idle, 0, end)).as("a neighbour was used later").isFalse();
    }

    /** Against plain numbers: what is used in any order of cells and clocks. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void cellsDoNotDisturbEachOther(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] ticks = new long[CELLS];
        boolean[] marked = new boolean[CELLS];
        long now = opened;
        for (int i = 0; i < 20_000; i++) {
            now = Math.max(opened, now + random.nextLong(-200, 300));
            long tick = (now - opened) / TICK_MILLIS;
            int cell = random.nextInt(CELLS);
            boolean isIdle = marked[cell] || now >= opened + (ticks[cell] + 1) * TICK_MILLIS + IDLE_MILLIS;
            switch (random.nextInt(3)) {
                case 0 -> {
                    times.write(idle, cell * CELL + 9, now);
                    ticks[cell] = marked[cell] ? tick : Math.max(ticks[cell], tick);
                    marked[cell] = false;
                }
                case 1 -> {
                    assertThat(times.use(idle, cell * CELL + 1, now)).isEqualTo(!isIdle);
                    ticks[cell] = Math.max(ticks[cell], tick);
                    marked[cell] = isIdle;
                }
                default -> {
                    assertThat(times.isIdle(idle, cell * CELL + 4095, now)).isEqualTo(isIdle);
                    marked[cell] = isIdle;
                }
            }
        }
    }

    @Test
    void threadsThatComeLateTakeNothingBack() throws Exception {
        int threads = 4;
        AtomicLong[] latest = new AtomicLong[CELLS];
        Arrays.setAll(latest, cell -> new AtomicLong());
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            SplittableRandom random = new SplittableRandom(i);
            done.add(pool.submit(() -> {
                start.await();
                for (int use = 0; use < 100_000; use++) {
                    int cell = random.nextInt(CELLS);
                    long tick = random.nextLong(use / 5_000 + 1);
                    assertThat(times.use(idle, cell * CELL, opened + tick * TICK_MILLIS))
                            .isTrue();
                    latest[cell].accumulateAndGet(tick, Math::max);
                }
                return null;
            }));
        }
        for (Future<?> each : done) {
            each.get();
        }
        for (int cell = 0; cell < CELLS; cell++) {
            long end = opened + (latest[cell].get() + 1) * TICK_MILLIS + IDLE_MILLIS;
            assertThat(times.isIdle(idle, cell * CELL, end - 1)).isFalse();
            assertThat(times.isIdle(idle, cell * CELL, end)).isTrue();
        }
    }

    @Test
    void aClockBeyondAllMeasureFailsNothing() {
        for (long now : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
            UseTimes fresh = new UseTimes(CELL);
            fresh.write(idle, 0, now);
            assertThat(fresh.use(idle, 0, now)).isTrue();
            assertThat(fresh.isIdle(idle, 0, now)).isFalse();
        }
        times.write(idle, 0, Long.MAX_VALUE);
        assertThat(times.use(idle, 0, opened)).as("the clock was set back").isTrue();
    }

    /** One whose clock is behind uses a cell at the moment at which it becomes idle to another. */
    @Test
    void whoFindsACellIdleWhileAnotherUsesItIsRight() throws Exception {
        int cells = 300_000;
        UseTimes raced = new UseTimes(cells * CELL);
        AtomicLong next = new AtomicLong();
        Future<?> early = pool.submit(() -> {
            for (long cell = 0; cell < cells; cell = next.get()) {
                raced.use(idle, cell * CELL, opened + IDLE_MILLIS);
            }
        });
        int idleCount = 0;
        for (long cell = 0; cell < cells; cell++) {
            next.set(cell);
            for (long spin = cell % 64; spin > 0; spin--) {
                Thread.onSpinWait(); // So that some meet within the use.
            }
            if (!raced.use(idle, cell * CELL, opened + IDLE_MILLIS + TICK_MILLIS)) {
                idleCount++;
                assertThat(raced.use(idle, cell * CELL, opened + IDLE_MILLIS)).isFalse();
            }
        }
        next.set(cells);
        early.get();
        assertThat(idleCount).isPositive();
    }
}
