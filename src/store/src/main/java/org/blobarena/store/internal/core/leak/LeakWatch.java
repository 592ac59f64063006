package org.blobarena.store.internal.core.leak;

import java.io.Closeable;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.blobarena.store.internal.core.timer.DaemonThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what was opened and is reachable no more, and tells of it. What was opened has an owner; whoever can still use it
 * reaches the owner, and what closes it does not.
 *
 * <p>One thread does it, which is there as long as something is watched, and so keeps no class loader. It sleeps until an owner
 * is collected. (A {@link java.lang.ref.Cleaner} wakes once a minute.)
 */
public final class LeakWatch {

    /** The system property that makes openings remember where they were made. */
    public static final String PROPERTY = "org.blobarena.leaks";

    private static final Logger LOG = LoggerFactory.getLogger(LeakWatch.class);
    private static final LeakWatch SHARED = new LeakWatch("blobarena-leaks");

    private final String name;
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();

    /** What is watched, or about to be. */
    private final AtomicInteger count = new AtomicInteger();

    /** Changed by who holds this. */
    private volatile @Nullable Thread thread;

    LeakWatch(String name) {
        this.name = name;
    }

    /** The watch of all stores of this process. */
    public static LeakWatch shared() {
        return SHARED;
    }

    /**
     * Watches over what has to be closed.
     *
     * @param owner what is reachable as long as somebody can use it
     * @param name what it is, to be told of; does not keep the owner
     * @param closing closes it; does not keep the owner
     * @param traced whether to remember where this was called, as if the property was set
     */
    public Watched watch(Object owner, Supplier<String> name, Closeable closing, boolean traced) {
        boolean remembered = traced || Boolean.getBoolean(PROPERTY);
        return add(owner, name, closing, remembered ? new Throwable("opened here") : null);
    }

    /** Watches over what need not be closed: it is released without a word. */
    public Watched watchQuietly(Object owner, Closeable closing) {
        return add(owner, null, closing, null);
    }

    private Watched add(Object owner, @Nullable Supplier<String> what, Closeable closing, @Nullable Throwable opened) {
        Watched added = new Watched(this, collected, owner, what, closing, opened);
        count.incrementAndGet();
        boolean complete = false;
        try {
            watched.add(added);
            startThread();
            complete = true;
        } finally {
            if (!complete) {
                boolean unused = added.end();
            }
            Reference.reachabilityFence(owner);
        }
        return added;
    }

    private void startThread() {
        if (thread == null) {
            synchronized (this) {
                if (thread == null) {
                    Thread started = DaemonThreads.make(name, this::run);
                    started.start();
                    thread = started;
                }
            }
        }
    }

    void forget(Watched ended) {
        watched.remove(ended);
        if (count.decrementAndGet() == 0) {
            boolean unused = new PhantomReference<>(this, collected).enqueue(); // Which wakes the thread.
        }
    }

    /** Whether there is a thread. For tests. */
    boolean isRunning() {
        return thread != null;
    }

    // ---- the thread

    private void run() {
        do {
            try {
                if (collected.remove() instanceof Watched found) {
                    close(found);
                }
            } catch (InterruptedException e) {
                boolean unused = Thread.interrupted(); // By somebody who interrupts all threads; it ends nothing here.
            } catch (Throwable e) { // Also an error: what else is open is watched.
                report(e);
            }
        } while (goesOn());
    }

    private boolean goesOn() {
        if (count.get() > 0) {
            return true;
        }
        synchronized (this) {
            Thread current = thread;
            thread = null;
            if (count.get() > 0) { // Who has begun to watch meanwhile may have seen a thread.
                thread = current;
                return true;
            }
        }
        return false;
    }

    private static void close(Watched found) throws Exception {
        Supplier<String> what = found.name();
        if (!found.end()) {
            return;
        }
        if (what != null && found.opened() != null) {
            LOG.warn("{} was never closed, and is closed now that nobody can use it", what.get(), found.opened());
        } else if (what != null) {
            LOG.warn(
                    "{} was never closed, and is closed now that nobody can use it; with the option leakTraces, or the"
                            + " system property {}=true, this says where it was opened",
                    what.get(),
                    PROPERTY);
        }
        found.closing().close();
    }

    private static void report(Throwable failure) {
        try {
            LOG.warn("what was never closed could not be closed either", failure);
        } catch (Throwable e) {
            return; // There may be no memory to tell it with.
        }
    }
}
