package org.blobarena.store.internal.core.timer;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Wakes others when their time has come, with one thread for all of them, which sleeps as long as no alarm is set.
 *
 * <p>The thread lives as long as there is an alarm, set or not, and ends with the last one, so that it keeps nothing in
 * memory: no store, and not the class loader of this library. Who is woken must not take long, since others wait: he hands
 * his work to a thread of his own. Whatever he throws, he is woken again a little later, and the thread goes on.
 *
 * <p>Room for an alarm is made when that is made. To set it takes no memory, and neither does the waiting.
 */
public final class AlarmClock {

    private static final AlarmClock SHARED = new AlarmClock("blobarena-timer");
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** After so long an alarm that failed rings again. */
    private static final long RETRY_NANOS = 100 * NANOS_PER_MILLI;

    private final String name;
    private final LongSupplier nanoTime;

    // All guarded by this.

    /** The alarms that are set: none is due before the one at half its place. */
    private @Nullable Alarm[] heap = new Alarm[16];

    private int set;
    private int made;
    private long rings;
    private @Nullable Thread thread;

    AlarmClock(String name) {
        this(name, System::nanoTime);
    }

    /** With a time of a test's. */
    AlarmClock(String name, LongSupplier nanoTime) {
        this.name = name;
        this.nanoTime = nanoTime;
    }

    /** The clock of all stores of this process. */
    public static AlarmClock shared() {
        return SHARED;
    }

    /**
     * Makes an alarm that is not set.
     *
     * @param wake run when it is due; must not take long
     */
    public synchronized Alarm make(Runnable wake) {
        Alarm alarm = new Alarm(this, wake);
        if (made == heap.length) {
            heap = Arrays.copyOf(heap, 2 * made);
        }
        if (thread == null) {
            Thread started = DaemonThreads.make(name, this::run);
            started.start();
            thread = started;
        }
        made++;
        return alarm;
    }

    synchronized void set(Alarm alarm, long nanos) {
        if (alarm.place == Alarm.REMOVED) {
            return;
        }
        if (alarm.place >= 0) {
            takeOut(alarm);
        }
        if (nanos == Long.MAX_VALUE) {
            return;
        }
        alarm.dueNanos = nanoTime.getAsLong() + nanos;
        heap[set] = alarm;
        alarm.place = set;
        set++;
        moveUp(alarm);
        if (alarm.place == 0) {
            notifyAll();
        }
    }

    synchronized void remove(Alarm alarm) {
        if (alarm.place == Alarm.REMOVED) {
            return;
        }
        if (alarm.place >= 0) {
            takeOut(alarm);
        }
        alarm.place = Alarm.REMOVED;
        made--;
        if (made == 0) {
            notifyAll();
        }
    }

    /** How often an alarm has rung. For tests. */
    synchronized long rings() {
        return rings;
    }

    /** Whether there is a thread. For tests. */
    synchronized boolean isRunning() {
        return thread != null;
    }

    // ---- the thread

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            goesOn = ringNextWhateverFails();
        }
    }

    private boolean ringNextWhateverFails() {
        try {
            return ringNext();
        } catch (Throwable e) { // Also an error: the others wait.
            return true;
        }
    }

    /** Rings an alarm that is due, or waits for a while; false at the end. */
    private boolean ringNext() {
        Alarm due;
        synchronized (this) {
            if (made == 0) {
                thread = null;
                return false;
            }
            due = takeDue();
        }
        if (due != null) {
            ring(due);
        }
        return true;
    }

    private void ring(Alarm due) {
        boolean done = false;
        try {
            due.ring();
            done = true;
        } finally {
            if (!done) {
                set(due, RETRY_NANOS);
            }
        }
    }

    /** This is locked. The alarm that is due, not set any more; null after some waiting. */
    @SuppressWarnings("WaitNotInLoop") // the loop is that of the thread
    private @Nullable Alarm takeDue() {
        Alarm first = heap[0];
        long nanos = first == null ? 0 : first.dueNanos - nanoTime.getAsLong();
        if (first != null && nanos <= 0) {
            takeOut(first);
            rings++;
            return first;
        }
        try {
            wait((nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI); // 0 is for ever.
        } catch (InterruptedException e) {
            return null; // By somebody who interrupts all threads there are; it ends nothing here.
        }
        return null;
    }

    // ---- the heap

    /** This is locked. */
    private void takeOut(Alarm alarm) {
        int place = alarm.place;
        set--;
        Alarm last = at(set);
        heap[set] = null;
        alarm.place = Alarm.UNSET;
        if (last != alarm) {
            put(last, place);
            moveUp(last);
            moveDown(last);
        }
    }

    private void moveUp(Alarm alarm) {
        while (alarm.place > 0) {
            Alarm above = at((alarm.place - 1) / 2);
            if (above.dueNanos - alarm.dueNanos <= 0) {
                return;
            }
            swap(above, alarm);
        }
    }

    private void moveDown(Alarm alarm) {
        while (2 * alarm.place + 1 < set) {
            int child = 2 * alarm.place + 1;
            Alarm below = at(child);
            if (child + 1 < set && at(child + 1).dueNanos - below.dueNanos < 0) {
                below = at(child + 1);
            }
            if (alarm.dueNanos - below.dueNanos <= 0) {
                return;
            }
            swap(alarm, below);
        }
    }

    private void swap(Alarm above, Alarm below) {
        int place = above.place;
        put(above, below.place);
        put(below, place);
    }

    private void put(Alarm alarm, int place) {
        heap[place] = alarm;
        alarm.place = place;
    }

    private Alarm at(int place) {
        return Objects.requireNonNull(heap[place]);
    }
}
