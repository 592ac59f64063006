package org.blobarena.jcache;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks of keys: what is done to a key is one step, whatever loader, writer, processor or listener of the user's runs in it.
 *
 * <p>There are {@value #STRIPES} locks, and a key has one by its hash. User code that runs in a step may use the cache again;
 * the lock is then its own, or that of another key. Two such threads may wait for each other, each for what the other holds.
 * Only who holds a lock while he waits for another can be in such a circle, so those alone are noted; the last to enter
 * a circle sees the others, and gets an {@link IllegalStateException} instead of waiting for ever.
 */
final class KeyLocks {

    private static final int STRIPES = 256;

    /** A lock that says who holds it. */
    private static final class Stripe extends ReentrantLock {

        private static final long serialVersionUID = 1;

        @Override
        public @Nullable Thread getOwner() {
            return super.getOwner();
        }
    }

    /** Locks that are held, to be let go by the thread that took them. */
    @FunctionalInterface
    interface Held {

        void release();
    }

    private final Stripe[] stripes = new Stripe[STRIPES];

    /** For each thread that holds a lock and waits for another: which. */
    private final Map<Thread, Stripe> waiting = new ConcurrentHashMap<>();

    /** How many locks this thread holds. */
    private final ThreadLocal<int[]> held = ThreadLocal.withInitial(() -> new int[1]);

    KeyLocks() {
        Arrays.setAll(stripes, index -> new Stripe());
    }

    /**
     * Takes the lock of a key.
     *
     * @throws IllegalStateException if another thread holds it and waits for one that this thread holds
     */
    Held lock(byte[] key) {
        Stripe stripe = stripes[index(key)];
        lock(stripe);
        return () -> unlock(stripe);
    }

    /** Takes the locks of some keys, in one order for everybody. */
    Held lockAll(Collection<byte[]> keys) {
        int[] indices =
                keys.stream().mapToInt(KeyLocks::index).sorted().distinct().toArray();
        int locked = 0;
        try {
            for (; locked < indices.length; locked++) {
                lock(stripes[indices[locked]]);
            }
        } finally {
            if (locked < indices.length) {
                unlock(indices, locked);
            }
        }
        return () -> unlock(indices, indices.length);
    }

    private static int index(byte[] key) {
        int hash = Arrays.hashCode(key);
        return (hash ^ (hash >>> 16)) & (STRIPES - 1);
    }

    private void lock(Stripe stripe) {
        int[] count = held.get();
        if (!stripe.tryLock()) {
            if (count[0] == 0) {
                stripe.lock();
            } else {
                lockInTurn(stripe);
            }
        }
        count[0]++;
    }

    private void lockInTurn(Stripe stripe) {
        Thread self = Thread.currentThread();
        synchronized (waiting) { // Of two that close a circle at once, one is the later.
            for (Stripe next = stripe; next != null; ) {
                Thread owner = next.getOwner();
                if (owner == self) {
                    throw new IllegalStateException("this thread would wait for ever: it uses a key that another thread"
                            + " is at, which waits for a key that this one is at");
                }
                next = owner == null ? null : waiting.get(owner);
            }
            waiting.put(self, stripe);
        }
        try {
            stripe.lock();
        } finally {
            waiting.remove(self);
        }
    }

    private void unlock(int[] indices, int count) {
        for (int i = 0; i < count; i++) {
            unlock(stripes[indices[i]]);
        }
    }

    private void unlock(Stripe stripe) {
        int[] count = held.get();
        count[0]--;
        if (count[0] == 0) {
            held.remove();
        }
        stripe.unlock();
    }
}
