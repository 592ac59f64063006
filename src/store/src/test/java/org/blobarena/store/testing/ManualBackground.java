package org.blobarena.store.testing;

import java.util.ArrayList;
import java.util.List;
import org.blobarena.store.internal.core.Background;

/** Runs tasks at once, on the thread that asks for them, and periodic ones when a test says that their time has come. */
public final class ManualBackground implements Background {

    private final List<Runnable> periodic = new ArrayList<>();

    /** Runs every periodic task once. */
    public void tick() {
        List.copyOf(periodic).forEach(Runnable::run);
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public Turns executeEvery(long pauseNanos, Runnable task) {
        periodic.add(task);
        return Turns.UNRESTING;
    }

    @Override
    public void stop() {
        periodic.clear();
    }
}
