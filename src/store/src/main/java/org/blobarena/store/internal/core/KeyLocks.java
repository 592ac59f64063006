package org.blobarena.store.internal.core;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.blobarena.index.KeyHash;

/**
 * One lock for each of many groups of keys: what orders the writes of a key. A writer holds it from the append
 * of its record until the index points at it; readers never take it. Whoever holds several takes them in ascending
 * order.
 */
public final class KeyLocks {

    private static final int GROUP_BITS = 12;

    private static final int GROUPS = 1 << GROUP_BITS;

    /** Each made when it is first asked for: all of them would take 200 KB of a store that is seldom written to. */
    private final AtomicReferenceArray<ReentrantLock> locks = new AtomicReferenceArray<>(GROUPS);

    private final Supplier<ReentrantLock> maker;

    public KeyLocks() {
        this(ReentrantLock::new);
    }

    public KeyLocks(Supplier<ReentrantLock> maker) {
        this.maker = maker;
    }

    public ReentrantLock of(KeyHash hash) {
        return of(groupOf(hash));
    }

    private ReentrantLock of(int group) {
        ReentrantLock lock = locks.get(group);
        if (lock == null) {
            ReentrantLock made = maker.get();
            lock = locks.compareAndSet(group, null, made) ? made : locks.get(group);
        }
        return lock;
    }

    /** The number of a key's group. */
    public static int groupOf(KeyHash hash) {
        return (int) (hash.high() >>> (Long.SIZE - GROUP_BITS));
    }

    /** Takes the locks of some groups: all, or none when it fails. */
    public void lock(BitSet groups) {
        int next = groups.nextSetBit(0);
        try {
            for (; next >= 0; next = groups.nextSetBit(next + 1)) {
                of(next).lock(); // Which may need memory, where it has to wait.
            }
        } finally {
            if (next >= 0) {
                unlock(groups, next);
            }
        }
    }

    public void unlock(BitSet groups) {
        unlock(groups, GROUPS);
    }

    private void unlock(BitSet groups, int end) {
        for (int group = groups.nextSetBit(0); group >= 0 && group < end; group = groups.nextSetBit(group + 1)) {
            of(group).unlock();
        }
    }

    /** Waits for the writes in flight and holds up all others; takes all locks, or none when it fails. */
    public void lockAll() {
        int next = 0;
        try {
            for (; next < GROUPS; next++) {
                of(next).lock();
            }
        } finally {
            if (next < GROUPS) {
                unlockFirst(next);
            }
        }
    }

    /** Waits for the writes in flight, and holds up no others. */
    public void awaitHolders() {
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

    public void unlockAll() {
        unlockFirst(GROUPS);
    }

    private void unlockFirst(int count) {
        for (int i = 0; i < count; i++) {
            of(i).unlock();
        }
    }
}
