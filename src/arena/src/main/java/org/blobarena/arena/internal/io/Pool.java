package org.blobarena.arena.internal.io;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Objects that are worth using again. Few stay; more threads at once make theirs and drop them. Safe from any
 * thread, and a thread mostly meets the object that it gave back last.
 *
 * @param <T> the objects
 */
public final class Pool<T> {

    /** The most objects that stay; a power of two. */
    public static final int SIZE = 32;

    private final AtomicReferenceArray<T> objects = new AtomicReferenceArray<>(SIZE);
    private final Supplier<? extends T> maker;

    /**
     * An empty pool.
     *
     * @param maker makes an object when none is left
     */
    public Pool(Supplier<? extends T> maker) {
        this.maker = maker;
    }

    /**
     * Takes an object out of the pool or makes one.
     *
     * @return an object that nobody else uses until it is given back
     */
    public T take() {
        int home = (int) Thread.currentThread().getId();
        for (int i = 0; i < SIZE; i++) {
            int slot = (home + i) & (SIZE - 1);
            if (objects.getPlain(slot) != null) {
                T pooled = objects.getAndSet(slot, null);
                if (pooled != null) {
                    return pooled;
                }
            }
        }
        return maker.get();
    }

    /**
     * Gives an object back, once.
     *
     * @param object what {@link #take} gave; not the caller's any more
     */
    public void give(T object) {
        int home = (int) Thread.currentThread().getId();
        for (int i = 0; i < SIZE; i++) {
            int slot = (home + i) & (SIZE - 1);
            if (objects.getPlain(slot) == null && objects.compareAndSet(slot, null, object)) {
                return;
            }
        }
    }
}
