package org.blobarena.index.chronicle;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.blobarena.index.chronicle.map.Uninterruptibly;
import org.jspecify.annotations.Nullable;

/**
 * Threads that belong to the index and not to their caller: they inherit nothing from it, neither thread locals nor the
 * context class loader, and end with what they do.
 *
 * <p>Maps are made and closed by them. Chronicle Map leaves values in the thread locals of the thread that does that; in a thread
 * of the application, which may live longer than the class loader of this library, they would keep the loader from being
 * collected.
 */
final class IndexThread {

    private IndexThread() {}

    /** Something that may fail for reasons of input and output. */
    @FunctionalInterface
    interface Task<T> {

        T call() throws IOException;
    }

    /** Returns a daemon thread that is not started. */
    static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        // Chronicle finds its services with this one.
        thread.setContextClassLoader(IndexThread.class.getClassLoader());
        return thread;
    }

    /** Runs a task in a thread of its own and returns what it returns, or throws what it throws. */
    static <T> T call(Task<T> task) throws IOException {
        Outcome<T> outcome = new Outcome<>(task);
        daemon("blobarena-index", outcome).start();
        return outcome.await();
    }

    private static final class Outcome<T> implements Runnable {

        private final Task<T> task;
        private final CountDownLatch done = new CountDownLatch(1);
        private @Nullable T result;
        private @Nullable Throwable failure;

        private Outcome(Task<T> task) {
            this.task = task;
        }

        @Override
        public void run() {
            try {
                result = task.call();
            } catch (Throwable e) {
                failure = e;
            } finally {
                done.countDown();
            }
        }

        private T await() throws IOException {
            Uninterruptibly.await(done);
            Throwable thrown = failure;
            if (thrown instanceof IOException e) {
                throw e;
            } else if (thrown instanceof RuntimeException e) {
                throw e;
            } else if (thrown instanceof Error e) {
                throw e;
            }
            T returned = result;
            if (returned == null) {
                throw new IllegalStateException("a task of the index returned null", thrown);
            }
            return returned;
        }
    }
}
