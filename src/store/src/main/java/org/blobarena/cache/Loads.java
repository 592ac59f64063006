package org.blobarena.cache;

import java.io.InterruptedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.blobarena.index.KeyHash;
import org.jspecify.annotations.Nullable;

/**
 * The loads that run: one for each key at most, for which others that want the key wait.
 *
 * <p>A write of a key makes its load outdated: what it loads may be older than what was written, and is not stored. Those who
 * wait since before the write get it all the same; who comes after begins a load of his own. A write and the load that is stored
 * see each other with the key's lock held, so there is an order of the two.
 *
 * <p>Safe from any thread.
 */
final class Loads {

    private final Map<KeyHash, Load> running = new ConcurrentHashMap<>();

    /** What each thread waits for. */
    private final Map<Thread, Load> waiting = new ConcurrentHashMap<>();

    /** What has become of a load. */
    enum Outcome {
        /** There is no blob. */
        NOTHING,
        /** The blob is in memory. */
        LOADED,
        /** The blob was too long for that, and has been stored, or was not admitted. */
        STREAMED,
        /** The loader has failed. */
        FAILED
    }

    /** A load that one thread runs. */
    static final class Load {

        private final Thread owner = Thread.currentThread();
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile boolean outdated;
        private boolean storing;
        private Outcome outcome = Outcome.STREAMED;
        private byte @Nullable [] blob;
        private @Nullable Throwable failure;

        boolean isOutdated() {
            return outdated;
        }

        /** Says whether the thread of this load stores from now on what it has loaded. For that thread. */
        void setStoring(boolean whether) {
            storing = whether;
        }

        private boolean isStoredByThisThread() {
            return owner == Thread.currentThread() && storing;
        }

        private boolean isDone() {
            return done.getCount() == 0;
        }

        Outcome outcome() {
            return outcome;
        }

        /** A copy for who has waited, when it is {@link Outcome#LOADED}. */
        byte[] blob() {
            byte[] loaded = blob;
            if (loaded == null) {
                throw new IllegalStateException("nothing was loaded");
            }
            return loaded.clone();
        }

        void loaded(byte @Nullable [] result) {
            outcome = result == null ? Outcome.NOTHING : Outcome.LOADED;
            blob = result == null ? null : result.clone();
        }

        void failed(Throwable cause) {
            outcome = Outcome.FAILED;
            failure = cause;
        }

        /** What every caller gets when it is {@link Outcome#FAILED}. */
        CacheLoadException failure() {
            return new CacheLoadException(failure == null ? new IllegalStateException() : failure);
        }
    }

    /** The load of a key that runs; null if it is the one given, which runs from now on. */
    @Nullable Load begin(KeyHash hash, Load load) {
        return running.putIfAbsent(hash, load);
    }

    /** Lets those go on that wait. */
    void end(KeyHash hash, Load load) {
        running.remove(hash, load);
        load.done.countDown();
    }

    /** A key is being written, and its lock held: by somebody else than its load, which would still be waited for. */
    void written(KeyHash hash) {
        Load load = running.get(hash);
        if (load != null && !load.isStoredByThisThread()) {
            load.outdated = true;
            running.remove(hash, load);
        }
    }

    /** Makes all outdated that have begun. */
    void outdateAll() {
        running.keySet().forEach(this::written);
    }

    /**
     * Waits for the end of a load.
     *
     * @throws IllegalStateException if this thread runs it, or its thread waits for this one
     * @throws InterruptedIOException if this thread is interrupted, and stays so; nobody else is concerned
     */
    void await(Load load) throws InterruptedIOException {
        Thread self = Thread.currentThread();
        startWaiting(self, load);
        try {
            load.done.await();
        } catch (InterruptedException e) {
            self.interrupt();
            throw new InterruptedIOException("interrupted while another thread loads the blob");
        } finally {
            waiting.remove(self);
        }
    }

    /** How many threads wait. For tests. */
    int waitingCount() {
        return waiting.size();
    }

    private synchronized void startWaiting(Thread self, Load wanted) {
        Load link = wanted;
        while (link != null) {
            Load next = waiting.get(link.owner);
            if (link.isDone()) { // After that: its thread may wait for something else by now.
                break;
            }
            if (link.owner == self) {
                throw new IllegalStateException(
                        "the loader of a key loads that key, which would wait for itself for ever");
            }
            link = next;
        }
        waiting.put(self, wanted);
    }
}
