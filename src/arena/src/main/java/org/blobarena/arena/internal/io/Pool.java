package org.blobarena.arena.internal.io;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Objects that are worth using again. Safe from any thread, and a thread mostly meets the object that it gave back last,
 * without a lock.
 *
 * <p>A pool of {@linkplain #unbounded any number} keeps few; more threads at once make theirs and drop them. Of objects that
 * take much memory there are {@linkplain #bounded only so many}, however many threads want one.
 *
 * <p><b>Waiting.</b> Who finds none of these waits for one to be given back. So that this ends, an object is held for work alone that
 * ends by itself: not while user code runs or a peer is waited for, nor while another object of the same pool is wanted, nor
 * while a lock is wanted whose holders take one. Should all of them be held for long even so, as by reads of a device that
 * does not answer, one more is made for each {@value #PATIENCE_MILLIS} ms in which none comes back, so that what is read
 * elsewhere goes on. That also makes up for an object that was lost.
 *
 * @param <T> the objects
 */
public final class Pool<T> {

    static final long PATIENCE_MILLIS = 100;

    /** The most objects that an unbounded pool keeps. */
    private static final int UNBOUNDED_KEPT = 32;

    private final AtomicReferenceArray<T> objects;
    private final Supplier<? extends T> maker;
    private final boolean bounded;
    private final AtomicInteger made = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition givenBack = lock.newCondition();

    /** Who gives back looks here after that, and who waits looks for an object after this. */
    private final AtomicInteger waiting = new AtomicInteger();

    /** With the lock: when an object was last given back, or made beyond the bound, while threads waited. */
    private long lastNanos;

    private Pool(int kept, Supplier<? extends T> maker, boolean bounded) {
        this.objects = new AtomicReferenceArray<>(kept);
        this.maker = maker;
        this.bounded = bounded;
    }

    /**
     * Returns an empty pool that makes an object whenever none is left.
     *
     * @param <T> the objects
     * @param maker makes an object
     * @return a pool in which nobody waits
     */
    public static <T> Pool<T> unbounded(Supplier<? extends T> maker) {
        return new Pool<>(UNBOUNDED_KEPT, maker, false);
    }

    /**
     * Returns an empty pool that makes only so many objects.
     *
     * @param <T> the objects
     * @param size the most objects, a power of two
     * @param maker makes an object
     * @return a pool in which those wait who find none
     */
    public static <T> Pool<T> bounded(int size, Supplier<? extends T> maker) {
        return new Pool<>(size, maker, true);
    }

    /**
     * Takes an object, and waits for it if there is no other way. An interrupt does not end the wait.
     *
     * @return an object that nobody else uses until it is given back
     */
    public T take() {
        T object = tryTake();
        return object == null ? await() : object;
    }

    /**
     * Takes an object without waiting.
     *
     * @return an object that nobody else uses until it is given back, or null when all are in use
     */
    public @Nullable T tryTake() {
        T object = poll();
        return object == null ? tryMake() : object;
    }

    private @Nullable T tryMake() {
        if (!bounded) {
            return maker.get();
        }
        int present = made.get();
        while (present < objects.length()) {
            if (made.compareAndSet(present, present + 1)) {
                return make();
            }
            present = made.get();
        }
        return null;
    }

    /**
     * Gives an object back, once.
     *
     * @param object what was taken; not the caller's any more
     */
    public void give(T object) {
        if (!offer(object) && bounded) {
            made.decrementAndGet(); // It was made beyond the bound, and nobody keeps it.
        }
        if (waiting.get() > 0) {
            lock.lock();
            try {
                lastNanos = System.nanoTime();
                givenBack.signal();
            } finally {
                lock.unlock();
            }
        }
    }

    /** It is counted. */
    private T make() {
        boolean complete = false;
        try {
            T object = maker.get();
            complete = true;
            return object;
        } finally {
            if (!complete) {
                made.decrementAndGet();
            }
        }
    }

    private @Nullable T poll() {
        int mask = objects.length() - 1;
        int home = (int) Thread.currentThread().getId();
        for (int i = 0; i <= mask; i++) {
            int slot = (home + i) & mask;
            if (objects.getPlain(slot) != null) {
                T pooled = objects.getAndSet(slot, null);
                if (pooled != null) {
                    return pooled;
                }
            }
        }
        return null;
    }

    private boolean offer(T object) {
        int mask = objects.length() - 1;
        int home = (int) Thread.currentThread().getId();
        for (int i = 0; i <= mask; i++) {
            int slot = (home + i) & mask;
            if (objects.getPlain(slot) == null && objects.compareAndSet(slot, null, object)) {
                return true;
            }
        }
        return false;
    }

    private T await() {
        lock.lock();
        try {
            if (waiting.getAndIncrement() == 0) {
                lastNanos = System.nanoTime();
            }
            while (true) {
                T object = pollAnew();
                object = object == null ? tryMake() : object;
                if (object != null) {
                    return object;
                }
                if (System.nanoTime() - lastNanos >= TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
                    lastNanos = System.nanoTime();
                    made.incrementAndGet();
                    return make();
                }
                awaitOnce();
            }
        } finally {
            waiting.decrementAndGet();
            lock.unlock();
        }
    }

    /** Sees what was given back by those who have not seen that somebody waits. */
    private @Nullable T pollAnew() {
        for (int slot = 0; slot < objects.length(); slot++) {
            if (objects.get(slot) != null) {
                T pooled = objects.getAndSet(slot, null);
                if (pooled != null) {
                    return pooled;
                }
            }
        }
        return null;
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is where this is called
    private void awaitOnce() {
        boolean interrupted = Thread.interrupted();
        try {
            boolean unused = givenBack.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
