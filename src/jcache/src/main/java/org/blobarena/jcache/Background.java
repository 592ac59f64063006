package org.blobarena.jcache;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The threads of a cache, each made when it is first needed: one for loads, one for listeners that are not synchronous. */
final class Background {

    private final String name;
    private @Nullable ExecutorService loads;
    private @Nullable ExecutorService events;
    private boolean closed;

    Background(String name) {
        this.name = name;
    }

    synchronized ExecutorService loads() {
        if (loads == null) {
            loads = thread("loads");
        }
        return loads;
    }

    synchronized ExecutorService events() {
        if (events == null) {
            events = thread("events");
        }
        return events;
    }

    synchronized @Nullable ExecutorService eventsIfAny() {
        return events;
    }

    private ExecutorService thread(String task) {
        if (closed) {
            throw new IllegalStateException("the cache " + name + " is closed");
        }
        return Executors.newSingleThreadExecutor(run -> {
            Thread thread = new Thread(run, "blobarena-jcache " + name + " " + task);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Takes nothing any more, and ends when all is done that it has. */
    synchronized void close() {
        closed = true;
        if (loads != null) {
            loads.shutdown();
        }
        if (events != null) {
            events.shutdown();
        }
    }
}
