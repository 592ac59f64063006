package org.blobarena.arena.internal.io;

import java.io.Serial;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is held for a few microseconds: for a change in memory, or a write that the page cache takes. Who finds it taken
 * looks again for about as long, and only then sleeps. To put a thread to sleep and to wake it takes longer than such a change,
 * and a lock whose next holder has to be woken each time is held by nobody for most of the time.
 */
public final class SpinningLock extends ReentrantLock {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Where there is one processor, its holder cannot go on meanwhile. */
    private static final int ATTEMPTS = Runtime.getRuntime().availableProcessors() > 1 ? 256 : 0;

    /** Makes a lock that nobody holds. */
    public SpinningLock() {}

    @Override
    public void lock() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        super.lock();
    }
}
