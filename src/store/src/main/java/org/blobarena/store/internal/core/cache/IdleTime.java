package org.blobarena.store.internal.core.cache;

import java.time.InstantSource;

/**
 * How long blobs stay that nobody uses, in ticks since the opening of a cache.
 *
 * <p>A use counts to the end of its tick, so a blob is idle after the time to idle at the earliest, and a tick later at the
 * latest. Before the opening nothing is known: all blobs count as used then. A clock that is set back makes blobs stay for so
 * much longer; times stay as they are. Immutable, and safe for use by multiple threads.
 */
public final class IdleTime {

    /** In a time to idle there are so many ticks, fewer if it is so short that they would be of less than a millisecond. */
    static final int TICKS = 32;

    private final InstantSource clock;
    private final long openedMillis;
    private final long idleMillis;
    private final long tickMillis;

    /** @param idleMillis how long a blob stays that nobody uses, 1 or more, and so little that sums do not overflow */
    public IdleTime(long idleMillis, InstantSource clock) {
        this.clock = clock;
        this.openedMillis = clock.millis();
        this.idleMillis = idleMillis;
        this.tickMillis = (idleMillis + TICKS - 1) / TICKS;
    }

    /** What the clock says, for the methods below. */
    public long now() {
        return clock.millis();
    }

    /** The tick of a moment. */
    long tick(long nowMillis) {
        return sinceOpening(nowMillis) / tickMillis;
    }

    /** What was last used before this tick is idle at a moment. */
    long leastTick(long nowMillis) {
        return Math.floorDiv(sinceOpening(nowMillis) - tickMillis - idleMillis, tickMillis) + 1;
    }

    /** From the greatest tick on, after years, it does not grow any more. */
    private long sinceOpening(long nowMillis) {
        long difference = nowMillis - openedMillis;
        long after = difference < 0 ? Long.MAX_VALUE : difference; // Of clocks beyond all measure it overflows.
        long millis = nowMillis <= openedMillis ? 0 : after;
        return millis / tickMillis > UseTimes.TICK_MAX ? UseTimes.TICK_MAX * tickMillis : millis;
    }
}
