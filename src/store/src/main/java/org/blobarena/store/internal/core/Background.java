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
    Turns executeEvery(long pauseNanos, Runnable task);

    /** Waits for the task that runs, drops those that do not, and takes no more. */
    void stop();

    /** The turns of a task that comes again and again. Safe from any thread; takes no memory. */
    interface Turns {

        /** The turns of one that never rests. */
        Turns UNRESTING = new Turns() {

            @Override
            public void rest(long nanos) {
                // It comes all the same.
            }

            @Override
            public void resume() {
                // It comes anyway.
            }
        };

        /**
         * Lets the task rest, as there is nothing to do for it: the next turn comes after so long. Who finds out meanwhile that
         * there is something calls {@link #resume}; so what is to be done has to be asked again after this.
         *
         * @param nanos {@link Long#MAX_VALUE} for never
         */
        void rest(long nanos);

        /** There may be something to do: if the task rests, its next turn comes after the usual pause. */
        void resume();
    }
}
