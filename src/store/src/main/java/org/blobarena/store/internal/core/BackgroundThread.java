package org.blobarena.store.internal.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.store.internal.core.timer.Alarm;
import org.blobarena.store.internal.core.timer.AlarmClock;
import org.blobarena.store.internal.core.timer.DaemonThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of a store's that is there while it has tasks, and a little longer: a daemon, so that it keeps no program from
 * ending. When a task that comes again and again has its next turn, the {@link AlarmClock} of all stores says. So a store
 * that does nothing has no thread and wakes none, and one that is slow keeps no other waiting.
 *
 * <p>Nothing that a task throws ends the thread, or keeps a task that is repeated from its next turn. Neither does a want
 * of memory: while it waits, the thread needs none. (The executors of the JDK need some, and stop without a word.)
 */
public final class BackgroundThread implements Background {

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundThread.class);

    /** So long a thread without a task waits for the next one. */
    private static final long IDLE_MILLIS = 1000;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final String name;
    private final long idleMillis;
    private final AlarmClock clock = AlarmClock.shared();

    // All guarded by this.
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final List<Repeated> repeated = new ArrayList<>();
    private @Nullable Thread thread;
    private boolean stopped;

    public BackgroundThread(String name) {
        this(name, IDLE_MILLIS);
    }

    /** @param idleMillis so long a thread without a task waits for the next one */
    BackgroundThread(String name, long idleMillis) {
        this.name = name;
        this.idleMillis = idleMillis;
    }

    /** A task that is run again and again. All is guarded by the store's thread. */
    private final class Repeated implements Runnable, Turns {

        private final Runnable task;
        private final long pauseNanos;
        private final Alarm alarm = clock.make(this::ring);
        private long nextNanos;
        private boolean due;
        private boolean runs;
        private volatile boolean rests;

        Repeated(Runnable task, long pauseNanos) {
            this.task = task;
            this.pauseNanos = pauseNanos;
            this.nextNanos = pauseNanos;
            alarm.set(pauseNanos);
        }

        /** On the thread of the clock. */
        private void ring() {
            synchronized (BackgroundThread.this) {
                if (!stopped && !due) {
                    startThread(); // First: there may be no memory.
                    due = true;
                    BackgroundThread.this.notifyAll();
                }
            }
        }

        /** Locked. */
        void begin() {
            due = false;
            runs = true;
            rests = false;
            nextNanos = pauseNanos;
        }

        @Override
        public void run() {
            try {
                task.run();
            } finally {
                synchronized (BackgroundThread.this) {
                    runs = false;
                    alarm.set(nextNanos);
                }
            }
        }

        @Override
        public void rest(long nanos) {
            synchronized (BackgroundThread.this) {
                rests = true;
                setNext(nanos);
            }
        }

        @Override
        public void resume() {
            if (rests) {
                synchronized (BackgroundThread.this) {
                    if (rests) {
                        rests = false;
                        setNext(pauseNanos);
                    }
                }
            }
        }

        /** Locked. */
        private void setNext(long nanos) {
            nextNanos = nanos;
            if (!runs && !due) {
                alarm.set(nanos);
            }
        }
    }

    /** Returns a thread as the background has it; see {@link DaemonThreads#make}. */
    public static Thread daemon(String name, Runnable task) {
        return DaemonThreads.make(name, task);
    }

    @Override
    public synchronized void execute(Runnable task) {
        if (!stopped) {
            startThread();
            waiting.add(task);
            notifyAll();
        }
    }

    @Override
    public synchronized Turns executeEvery(long pauseNanos, Runnable task) {
        if (stopped) {
            return Turns.UNRESTING;
        }
        Repeated added = new Repeated(task, pauseNanos);
        repeated.add(added);
        return added;
    }

    /** This is locked. */
    private void startThread() {
        if (thread == null) {
            Thread started = daemon(name, this::run);
            started.start();
            thread = started;
        }
    }

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                goesOn = runNext();
            } catch (Throwable e) { // Also an error: see above.
                report(e);
            }
        }
    }

    private static void report(Throwable failure) {
        try {
            LOG.error("a task in the background failed", failure);
        } catch (Throwable e) {
            return; // There may be no memory to tell it with.
        }
    }

    /** Runs a task, or waits for one; false at the end. Repeated tasks first, since each pauses then. */
    private boolean runNext() {
        Runnable next;
        synchronized (this) {
            next = take();
            if (next == null) {
                awaitTask();
                next = take();
            }
            if (next == null) {
                thread = null; // From here on another is started, and this one does nothing more.
                return false;
            }
        }
        next.run();
        return true;
    }

    /** This is locked. */
    private @Nullable Runnable take() {
        if (stopped) {
            return null;
        }
        for (int i = 0; i < repeated.size(); i++) {
            Repeated each = repeated.get(i);
            if (each.due) {
                each.begin();
                return each;
            }
        }
        return waiting.poll();
    }

    /** This is locked. Returns when there is a task, or none has come for a while. */
    private void awaitTask() {
        boolean unused = Thread.interrupted(); // Of something that a task has called; it ends nothing here.
        long end = System.nanoTime() + idleMillis * NANOS_PER_MILLI;
        long millis = idleMillis;
        while (millis > 0 && !stopped && waiting.isEmpty() && !isAnyDue()) {
            try {
                wait(millis);
            } catch (InterruptedException e) {
                return; // By somebody who interrupts all threads there are: the next task gets another one.
            }
            millis = (end - System.nanoTime()) / NANOS_PER_MILLI;
        }
    }

    /** This is locked. */
    private boolean isAnyDue() {
        for (int i = 0; i < repeated.size(); i++) {
            if (repeated.get(i).due) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void stop() {
        Thread running;
        synchronized (this) {
            stopped = true;
            waiting.clear();
            repeated.forEach(each -> each.alarm.remove());
            repeated.clear();
            running = thread;
            notifyAll();
        }
        boolean interrupted = false;
        while (running != null) {
            try {
                running.join();
                running = null;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
