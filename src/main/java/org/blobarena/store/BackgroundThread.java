package org.blobarena.store;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one thread of a store, started with its first task: a daemon, so that it keeps no program from ending. */
final class BackgroundThread implements Background {

    private final ScheduledThreadPoolExecutor executor;

    BackgroundThread(String name) {
        executor = new ScheduledThreadPoolExecutor(1, task -> daemon(name, task));
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    /**
     * A daemon thread that inherits nothing from the one that happens to make it: neither thread locals nor the class
     * loader of an application.
     */
    static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setContextClassLoader(BackgroundThread.class.getClassLoader());
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    public void executeEvery(long pauseNanos, Runnable task) {
        ScheduledFuture<?> unused = executor.scheduleWithFixedDelay(task, pauseNanos, pauseNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void stop() {
        executor.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = executor.awaitTermination(1, TimeUnit.DAYS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
