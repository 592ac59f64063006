package org.blobarena.store.internal.core.timer;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Makes threads that keep no program from ending and inherit nothing from the one that happens to make them: no thread
 * locals, context class loader, priority or group, nor who stood on its stack. So none of that stays because they do.
 */
public final class DaemonThreads {

    private DaemonThreads() {}

    /** Returns a thread that has not been started. */
    // Until it is gone a thread keeps the classes that have called for it, but for the first; and the priority is the
    // usual one.
    @SuppressWarnings({"removal", "ThreadPriorityCheck"})
    public static Thread make(String name, Runnable task) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(topGroup(), task, name, 0, false);
            thread.setContextClassLoader(DaemonThreads.class.getClassLoader());
            thread.setPriority(Thread.NORM_PRIORITY);
            thread.setDaemon(true);
            return thread;
        });
    }

    private static ThreadGroup topGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }
}
