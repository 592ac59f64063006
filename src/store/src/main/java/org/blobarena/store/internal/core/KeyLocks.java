package org.blobarena.store.internal.core;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.blobarena.index.KeyHash;

/**
 * Striped locks that order the writes of a key. A writer holds the lock of its key from the append of its record until
 * the index points at it; readers never take it. A writer that holds several takes them in ascending order.
 */
public final class KeyLocks {

    private static final int STRIPE_BITS = 12;

    private static final int STRIPES = 1 << STRIPE_BITS;

    /** Each made when it is first asked for: all of them would take 200 KB of a store that is seldom written to. */
    private final AtomicReferenceArray<ReentrantLock> locks = new AtomicReferenceArray<>(STRIPES);

    private final Supplier<ReentrantLock> maker;

    public KeyLocks() {
        this(ReentrantLock::new);
    }

    public KeyLocks(Supplier<ReentrantLock> maker) {
        this.maker = maker;
    }

    public ReentrantLock of(KeyHash hash) {
        return of(hash.high());
    }

    /** @param hashHigh the first half of the key's hash */
    public ReentrantLock of(long hashHigh) {
        return ofStripe(stripeOf(hashHigh));
    }

    private ReentrantLock ofStripe(int stripe) {
        ReentrantLock lock = locks.get(stripe);
        if (lock == null) {
            ReentrantLock made = maker.get();
            lock = locks.compareAndSet(stripe, null, made) ? made : locks.get(stripe);
        }
        return lock;
    }

    /** Returns the number of a key's stripe. */
    public static int stripeOf(KeyHash hash) {
        return stripeOf(hash.high());
    }

    private static int stripeOf(long hashHigh) {
        return (int) (hashHigh >>> (Long.SIZE - STRIPE_BITS));
    }

    /** Takes the locks of some stripes: all, or none when it fails. */
    public void lock(BitSet stripes) {
        int next = stripes.nextSetBit(0);
        try {
            for (; next >= 0; next = stripes.nextSetBit(next + 1)) {
                ofStripe(next).lock(); // Which may need memory, where it has to wait.
            }
        } finally {
            if (next >= 0) {
                unlock(stripes, next);
            }
        }
    }

    public void unlock(BitSet stripes) {
        unlock(stripes, STRIPES);
    }

    private void unlock(BitSet stripes, int end) {
        for (int stripe = stripes.nextSetBit(0); stripe >= 0 && stripe < end; stripe = stripes.nextSetBit(stripe + 1)) {
            ofStripe(stripe).unlock();
        }
    }

    /** Waits for the writes in flight and holds up all others; takes all locks, or none when it fails. */
    public void lockAll() {
        int next = 0;
        try {
            for (; next < STRIPES; next++) {
                ofStripe(next).lock();
            }
        } finally {
            if (next < STRIPES) {
                unlockFirst(next);
            }
        }
    }

    /** Waits for the writes in flight, and holds up no others. */
    public void awaitHolders() {
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            ReentrantLock lock = locks.get(stripe);
            if (lock != null) { // Else nobody has ever held it.
                lock.lock();
                try {
                    assert lock.isHeldByCurrentThread();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    public void unlockAll() {
        unlockFirst(STRIPES);
    }

    private void unlockFirst(int count) {
        for (int i = 0; i < count; i++) {
            ofStripe(i).unlock();
        }
    }
}
