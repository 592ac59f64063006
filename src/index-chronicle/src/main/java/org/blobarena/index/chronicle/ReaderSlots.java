package org.blobarena.index.chronicle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.blobarena.index.chronicle.map.Uninterruptibly;

/**
 * Tells when nobody reads any more.
 *
 * <p>A reader has a slot to itself from {@link #enter} until it clears {@link Slot#taken}: an assignment and not a call,
 * because a call can fail when the stack is used up, and then the reader would count for ever. As many slots are made as
 * there are readers at a time; virtual threads that wait read nothing.
 */
final class ReaderSlots {

    private static final VarHandle TAKEN;
    private static final int SLOTS_AT_FIRST = 32;
    private static final long WAIT_NANOS = 50_000;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(Slot.class, "taken", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile Slot[] slots = withNew(new Slot[0], SLOTS_AT_FIRST);

    /** The place of one reader at a time. */
    static final class Slot {

        /** Whether it has a reader; set to false by the reader that leaves, by nobody else. */
        volatile boolean taken;

        // The flags of two slots never share a cache line.
        @SuppressWarnings({"unused", "UnusedVariable"})
        private long p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14;
    }

    /** Takes a slot. Everything that is then read of the caller's state is newer than what {@link #awaitAll} had seen. */
    Slot enter() {
        int preferred = (int) Thread.currentThread().getId();
        while (true) {
            Slot[] present = slots;
            for (int i = 0; i < present.length; i++) {
                // A power of two of them.
                Slot slot = present[preferred + i & present.length - 1];
                if (!slot.taken && TAKEN.compareAndSet(slot, false, true)) {
                    return slot;
                }
            }
            grow(present);
        }
    }

    /**
     * Waits until every reader has left that came before. The caller has seen to it that those who come later notice
     * it, and leave without having read anything.
     */
    void awaitAll() {
        for (Slot slot : slots) {
            while (slot.taken) {
                Uninterruptibly.park(WAIT_NANOS);
            }
        }
    }

    private synchronized void grow(Slot[] full) {
        if (slots == full) {
            slots = withNew(full, 2 * full.length);
        }
    }

    private static Slot[] withNew(Slot[] old, int length) {
        Slot[] all = Arrays.copyOf(old, length);
        for (int i = old.length; i < length; i++) {
            all[i] = new Slot();
        }
        return all;
    }
}
