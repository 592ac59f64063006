package org.blobarena.store.internal.core;

/** Where a store's own work runs, such as sealing a full file. One task runs at a time, in the order given. */
public interface Background {

    /** Runs a task after those given before it. It must not throw. */
    void execute(Runnable task);

    /**
     * Runs a task after those given before it, if there is memory to remember it.
     *
     * @return false if there is none; what asks for the task goes on all the same
     */
    default boolean tryExecute(Runnable task) {
        try {
            execute(task);
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Runs a task again and again, with a pause between. It must not throw. */
    void executeEvery(long pauseNanos, Runnable task);

    /** Waits for the task that runs, drops those that do not, and takes no more. */
    void stop();
}
