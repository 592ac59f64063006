package org.blobarena.content;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a collection from removing content that somebody is about to use.
 *
 * <p>Whoever puts or binds content pins its digest first, looks for it then, and unpins it when all is written. A collection
 * dooms digests, a few at a time, removes their content, and settles. It dooms none that is pinned, or was unpinned since the
 * collection began: the name that was bound meanwhile may be one that it has passed already. A pin of a doomed digest waits
 * until the content is gone. So content is either kept for whoever has pinned it, or he sees that it is not there.
 *
 * <p>The lock is held for a few lookups in memory, never while anything is read or written.
 */
final class ContentPins {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();
    private final Map<Digest, Integer> pinned = new HashMap<>();
    private final Set<Digest> doomed = new HashSet<>();
    private @Nullable FingerprintSet recent; // While there is a collection.

    void pin(Digest digest) {
        lock.lock();
        try {
            while (doomed.contains(digest)) {
                settled.awaitUninterruptibly();
            }
            pinned.merge(digest, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    void unpin(Digest digest) {
        lock.lock();
        try {
            pinned.computeIfPresent(digest, (same, count) -> count == 1 ? null : count - 1);
            if (recent != null) {
                recent.add(digest);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A collection begins, the only one. */
    void begin() {
        lock.lock();
        try {
            recent = new FingerprintSet();
        } finally {
            lock.unlock();
        }
    }

    /** The collection ends. */
    void end() {
        lock.lock();
        try {
            recent = null;
        } finally {
            lock.unlock();
        }
    }

    /** Those of the digests whose content may be removed until {@link #settle}. */
    List<Digest> doom(List<Digest> unnamed) {
        lock.lock();
        try {
            for (Digest digest : unnamed) {
                if (!pinned.containsKey(digest) && (recent == null || !recent.contains(digest))) {
                    doomed.add(digest);
                }
            }
            return List.copyOf(doomed);
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody waits for the content of a doomed digest to be gone. */
    boolean hasWaiter() {
        lock.lock();
        try {
            return lock.hasWaiters(settled);
        } finally {
            lock.unlock();
        }
    }

    void settle() {
        lock.lock();
        try {
            doomed.clear();
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
