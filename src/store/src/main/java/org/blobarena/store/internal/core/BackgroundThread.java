package org.blobarena.store.internal.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a store, started with its first task: a daemon, so that it keeps no program from ending.
 *
 * <p>Nothing that a task throws ends the thread, or keeps a task that is repeated from its next turn. Neither does a want
 * of memory: while it waits, the thread needs none. (The executors of the JDK need some, and stop without a word.)
 */
public final class BackgroundThread implements Background {

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundThread.class);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final String name;

    // All guarded by this.
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final List<Repeated> repeated = new ArrayList<>();
    private @Nullable Thread thread;
    private boolean stopped;

    public BackgroundThread(String name) {
        this.name = name;
    }

    /** A task that is run again and again. */
    private static final class Repeated implements Runnable {

        private final Runnable task;
        private final long pauseNanos;
        private long dueNanos;

        Repeated(Runnable task, long pauseNanos) {
            this.task = task;
            this.pauseNanos = pauseNanos;
            this.dueNanos = System.nanoTime() + pauseNanos;
        }

        @Override
        public void run() {
            try {
                task.run();
            } finally {
                dueNanos = System.nanoTime() + pauseNanos;
            }
        }
    }

    /**
     * Returns a daemon thread that inherits nothing from the one that happens to make it: neither thread locals nor the
     * class loader of an application.
     */
    public static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setContextClassLoader(BackgroundThread.class.getClassLoader());
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public synchronized void execute(Runnable task) {
        if (!stopped) {
            start();
            waiting.add(task);
            notifyAll();
        }
    }

    @Override
    public synchronized void executeEvery(long pauseNanos, Runnable task) {
        if (!stopped) {
            start();
            repeated.add(new Repeated(task, pauseNanos));
            notifyAll();
        }
    }

    /** This is locked. */
    private void start() {
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

    /** Runs a task that is due, or waits for a while; false at the end. Repeated tasks first, since each pauses then. */
    private boolean runNext() {
        Runnable next;
        synchronized (this) {
            if (stopped) {
                return false;
            }
            next = firstDue();
            if (next == null) {
                next = waiting.poll();
            }
            if (next == null) {
                awaitTask();
                return true;
            }
        }
        next.run();
        return true;
    }

    /** This is locked. */
    private @Nullable Runnable firstDue() {
        long now = System.nanoTime();
        for (int i = 0; i < repeated.size(); i++) {
            if (repeated.get(i).dueNanos - now <= 0) {
                return repeated.get(i);
            }
        }
        return null;
    }

    /** This is locked. Returns when a task may be due, or none is. */
    @SuppressWarnings("WaitNotInLoop") // the loop is that of the thread
    private void awaitTask() {
        long wait = 0; // For ever.
        long now = System.nanoTime();
        for (int i = 0; i < repeated.size(); i++) {
            long millis = Math.max(1, (repeated.get(i).dueNanos - now + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
            wait = wait == 0 ? millis : Math.min(wait, millis);
        }
        try {
            wait(wait);
        } catch (InterruptedException e) {
            return; // Of something that a task has called; it ends nothing here.
        }
    }

    @Override
    public void stop() {
        Thread running;
        synchronized (this) {
            stopped = true;
            waiting.clear();
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
