package org.blobarena.store.internal.core.timer;

/** A moment at which something is woken, again and again, whenever it is set. Safe from any thread. */
public final class Alarm {

    static final int UNSET = -1;
    static final int REMOVED = -2;

    private final AlarmClock clock;
    private final Runnable wake;

    // Guarded by the clock.
    long dueNanos;

    /** Its place in the heap of the clock, or one of the above. */
    int place = UNSET;

    Alarm(AlarmClock clock, Runnable wake) {
        this.clock = clock;
        this.wake = wake;
    }

    void ring() {
        wake.run();
    }

    /**
     * Sets it, whether it is set or not. Takes no memory.
     *
     * @param nanos from now on; {@link Long#MAX_VALUE} for never
     */
    public void set(long nanos) {
        clock.set(this, nanos);
    }

    /** Gives it up for good: the clock knows nothing of it any more. */
    public void remove() {
        clock.remove(this);
    }
}
