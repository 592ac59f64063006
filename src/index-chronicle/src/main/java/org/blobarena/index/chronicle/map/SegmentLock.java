package org.blobarena.index.chronicle.map;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps those who change a segment apart, and lets readers see that it was changed under them: a version that is odd
 * while somebody changes. It is held for a few dozen memory accesses and never while anything is waited for. So those who
 * wait for it need not be known to it, and none of them fails, however many they are: they give way to the holder's thread.
 */
public final class SegmentLock {

    private static final VarHandle VERSION;
    private static final int SPINS = 64;
    private static final int YIELDS = 128;
    private static final long PARK_NANOS = 20_000;

    static {
        try {
            VERSION = MethodHandles.lookup().findVarHandle(SegmentLock.class, "version", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int version;

    static SegmentLock[] array(int length) {
        SegmentLock[] locks = new SegmentLock[length];
        for (int i = 0; i < length; i++) {
            locks[i] = new SegmentLock();
        }
        return locks;
    }

    /** For readers: what to pass to {@link #isUnchanged} after reading. */
    int version() {
        return version;
    }

    /**
     * Returns whether what was read since is what a version of this number has: it was no odd one, and none came after
     * it.
     */
    boolean isUnchanged(int since) {
        // Before the version is read again, all that was read must have been.
        VarHandle.loadLoadFence();
        return (since & 1) == 0 && version == since;
    }

    /** Starts a change. */
    void lock() {
        int attempt = 0;
        int free = version;
        while ((free & 1) != 0 || !VERSION.compareAndSet(this, free, free + 1)) {
            pause(attempt++);
            free = version;
        }
        // No part of the change may be seen before the odd version.
        VarHandle.storeStoreFence();
    }

    /** Ends the change. */
    void unlock() {
        VERSION.setVolatile(this, version + 1);
    }

    /** Lets the holder go on, the more so the longer it takes: on a busy machine it may wait for a processor. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it, and parking comes next
    public static void pause(int attempt) {
        if (attempt < SPINS) {
            Thread.onSpinWait();
        } else if (attempt < YIELDS) {
            Thread.yield();
        } else {
            Uninterruptibly.park(PARK_NANOS);
        }
    }
}
