package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.blobarena.store.internal.core.BackgroundThread;
import org.blobarena.store.internal.core.Failures;
import org.jspecify.annotations.Nullable;

/**
 * Reads files on several threads, the caller's among them, which end with it. Where no thread can be started, the others
 * do its part.
 */
public final class FilesInParallel {

    private final int files;
    private final Task task;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private FilesInParallel(int files, Task task) {
        this.files = files;
        this.task = task;
    }

    /** What is done with one of the files. */
    @FunctionalInterface
    public interface Task {

        void run(int file) throws IOException;
    }

    /**
     * Runs a task for each file, from the first to the last; which of those that run at once ends first is open.
     *
     * @throws IOException the first failure; files behind may not have been read
     */
    public static void forEach(int files, int threads, Task task) throws IOException {
        FilesInParallel work = new FilesInParallel(files, task);
        List<Thread> helpers = new ArrayList<>();
        try {
            for (int i = 1; i < Math.min(threads, files); i++) {
                Thread helper = BackgroundThread.daemon("blobarena-opening-" + i, work::run);
                helper.start();
                helpers.add(helper);
            }
        } catch (OutOfMemoryError e) {
            helpers.removeIf(helper -> !helper.isAlive()); // The system gives no more of them.
        }
        work.run();
        await(helpers);
        Failures.rethrow(work.failure.get());
    }

    private void run() {
        int file = next.getAndIncrement();
        while (file < files && failure.get() == null) {
            try {
                task.run(file);
            } catch (Throwable e) { // Also an error: the caller gets it.
                failure.compareAndSet(null, e);
            }
            file = next.getAndIncrement();
        }
    }

    private static void await(List<Thread> helpers) {
        boolean interrupted = false;
        for (Thread helper : helpers) {
            while (helper.isAlive()) {
                try {
                    helper.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
