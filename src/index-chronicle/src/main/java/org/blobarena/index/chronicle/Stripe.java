package org.blobarena.index.chronicle;

import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.index.chronicle.map.SegmentLock;

/**
 * The lock of all keys whose hash falls into one of {@value #COUNT} stripes, and what is counted under it. A thread
 * that changes an entry holds the stripe of its key; the counts may be read without it.
 */
final class Stripe extends ReentrantLock {

    /** How many stripes an index has; a power of two. */
    static final int COUNT = 256;

    private static final long serialVersionUID = 1L;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private volatile long keys;
    private volatile long removals;

    static Stripe[] array() {
        Stripe[] stripes = new Stripe[COUNT];
        for (int i = 0; i < COUNT; i++) {
            stripes[i] = new Stripe();
        }
        return stripes;
    }

    /** Returns the number of a key's stripe. Keys that differ in few bits, as those of tests do, are spread too. */
    static int indexOf(long keyHigh, long keyLow) {
        return (int) (((keyHigh ^ Long.rotateLeft(keyLow, 32)) * SPREAD) >>> (Long.SIZE - 8));
    }

    /** Returns the keys counted here: the sum over all stripes is the size of the index. */
    long keys() {
        return keys;
    }

    /** Returns how many keys were ever removed here: unchanged means that none was. */
    long removals() {
        return removals;
    }

    /**
     * Waits until the thread that holds the lock has released it. Needs no memory, which a place among those who wait for the
     * lock would: an exchange of maps must not end half way.
     */
    void awaitHolder() {
        int attempt = 0;
        while (isLocked()) {
            SegmentLock.pause(attempt++);
        }
    }

    /** Counts keys that came; by the holder of the lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
    void added(long count) {
        keys = keys + count;
    }

    /** Counts a key that went; by the holder of the lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock alone
    void removed() {
        keys = keys - 1;
        removals = removals + 1;
    }
}
