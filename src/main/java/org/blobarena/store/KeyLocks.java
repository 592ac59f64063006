package org.blobarena.store;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.index.KeyHash;

/**
 * One lock for each of many groups of keys: what orders the writes of a key. A writer holds it from the append
 * of its record until the index points at it; readers never take it. Whoever holds several takes them in ascending
 * order.
 */
final class KeyLocks {

    private static final int GROUP_BITS = 12;

    private static final int GROUPS = 1 << GROUP_BITS;

    /** Each made when it is first asked for: all of them would take 200 KB of a store that is seldom written to. */
    private final AtomicReferenceArray<ReentrantLock> locks = new AtomicReferenceArray<>(GROUPS);

    ReentrantLock of(KeyHash hash) {
        return of(groupOf(hash));
    }

    private ReentrantLock of(int group) {
        ReentrantLock lock = locks.get(group);
        if (lock == null) {
            ReentrantLock made = new ReentrantLock();
            lock = locks.compareAndSet(group, null, made) ? made : locks.get(group);
        }
        return lock;
    }

    /** The number of a key's group. */
    static int groupOf(KeyHash hash) {
        return (int) (hash.high() >>> (Long.SIZE - GROUP_BITS));
    }

    void lock(BitSet groups) {
        groups.stream().forEach(group -> of(group).lock());
    }

    void unlock(BitSet groups) {
        groups.stream().forEach(group -> of(group).unlock());
    }

    /** Waits for the writes in flight and holds up all others. */
    void lockAll() {
        for (int group = 0; group < GROUPS; group++) {
            of(group).lock();
        }
    }

    /** Waits for the writes in flight, and holds up no others. */
    void awaitHolders() {
        for (int group = 0; group < GROUPS; group++) {
            ReentrantLock lock = locks.get(group);
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

    void unlockAll() {
        for (int group = 0; group < GROUPS; group++) {
            of(group).unlock();
        }
    }
}
