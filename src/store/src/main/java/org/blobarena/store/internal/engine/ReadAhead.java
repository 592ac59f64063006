package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.store.internal.core.BackgroundThread;
import org.jspecify.annotations.Nullable;

/**
 * Runs reads ahead of their user, several at once: a device answers many requests in hardly more time than one,
 * while reading in order alone saves nothing where there is nothing to move.
 *
 * <p>The threads are daemons, {@value #THREADS} for the whole process, that end when there is nothing to read. The user
 * runs himself what no thread has begun when he needs it, so reads that need no waiting cost no handing over, and busy
 * threads hold nobody up. For one user thread.
 *
 * @param <T> what a read gives
 */
final class ReadAhead<T> implements AutoCloseable {

    static final int THREADS = 8;

    private static final long IDLE_SECONDS = 2;
    private static final ThreadPoolExecutor READERS = readers();

    private final Iterator<? extends Callable<T>> reads;
    private final Deque<FutureTask<T>> begun = new ArrayDeque<>();

    ReadAhead(Iterator<? extends Callable<T>> reads) {
        this.reads = reads;
    }

    /** The result of the next read, in the order given; null after the last. */
    @Nullable T next() throws IOException {
        while (reads.hasNext() && begun.size() <= THREADS) {
            FutureTask<T> task = new FutureTask<>(reads.next());
            begun.add(task);
            READERS.execute(task);
        }
        FutureTask<T> first = begun.poll();
        if (first == null) {
            return null;
        }
        first.run();
        return await(first);
    }

    /** Gives up what has not begun. */
    @Override
    public void close() {
        for (FutureTask<T> task : begun) {
            task.cancel(false);
        }
    }

    private static <T> T await(FutureTask<T> task) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw rethrown(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException rethrown(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return cause instanceof IOException e ? e : new IOException(cause);
    }

    private static ThreadPoolExecutor readers() {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> BackgroundThread.daemon("blobarena-read-" + count.incrementAndGet(), task));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
