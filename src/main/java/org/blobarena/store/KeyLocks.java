package org.blobarena.store;

import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.index.KeyHash;

/**
 * One lock for each of many groups of keys: what orders the writes of a key. A writer holds it from the append
 * of its record until the index points at it; readers never take it. Whoever holds several takes them in ascending
 * order.
 */
final class KeyLocks {

    private static final int GROUP_BITS = 12;

    private final ReentrantLock[] locks = new ReentrantLock[1 << GROUP_BITS];

    KeyLocks() {
        for (int i = 0; i < locks.length; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    ReentrantLock of(KeyHash hash) {
        return locks[groupOf(hash)];
    }

    /** The number of a key's group. */
    static int groupOf(KeyHash hash) {
        return (int) (hash.high() >>> (Long.SIZE - GROUP_BITS));
    }

    void lock(BitSet groups) {
        groups.stream().forEach(group -> locks[group].lock());
    }

    void unlock(BitSet groups) {
        groups.stream().forEach(group -> locks[group].unlock());
    }

    /** Waits for the writes in flight and holds up all others. */
    void lockAll() {
        for (ReentrantLock lock : locks) {
            lock.lock();
        }
    }

    /** Waits for the writes in flight, and holds up no others. */
    void awaitHolders() {
        for (ReentrantLock lock : locks) {
            lock.lock();
            try {
                assert lock.isHeldByCurrentThread();
            } finally {
                lock.unlock();
            }
        }
    }

    void unlockAll() {
        for (ReentrantLock lock : locks) {
            lock.unlock();
        }
    }
}
