package org.blobarena.store.testing;

import java.util.ArrayDeque;
import java.util.Queue;
import org.blobarena.store.internal.core.Background;

/** Keeps tasks until a test says that it is their turn. Those that come again and again have none. */
public final class QueuedBackground implements Background {

    private final Queue<Runnable> tasks = new ArrayDeque<>();

    /** Runs what waits, and what comes of that. */
    public void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Turns executeEvery(long pauseNanos, Runnable task) {
        // Whenever something asks for it is often enough.
        return Turns.UNRESTING;
    }

    @Override
    public void stop() {
        tasks.clear();
    }
}
