package org.blobarena.store.internal.core.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * When the cells of an arena file were last used, in ticks of {@link IdleTime}: two bytes for every {@value #CELL_BYTES} bytes,
 * off the heap. At first every cell was used at tick 0.
 *
 * <p>A record is known by the cell in which it begins. Short records that share a cell share its time.
 *
 * <p>Four cells share a word: a tick of 32 bits, the newest of the four, and for each cell how many ticks before it was used, in
 * 8 bits. The greatest age stands for more as well: it is more than a time to idle in any case. So no time wraps around,
 * and one word is changed at a time.
 *
 * <p>Times only grow, whatever the order in which threads come with theirs. Who finds a cell idle marks it, so that none who is
 * late, and whose clock says that it is not idle yet, brings back what somebody has missed; only a write does. Safe from any
 * thread, without locks.
 */
public final class UseTimes {

    /** Bytes of a file for which there is one time. */
    public static final int CELL_BYTES = UseBits.CELL_BYTES;

    /** The greatest tick. */
    static final long TICK_MAX = 0xFFFF_FFFFL;

    private static final int CELLS_PER_WORD = 4;
    private static final int AGE_BITS = 8;
    private static final int AGES_BITS = CELLS_PER_WORD * AGE_BITS;

    /** The age of what is idle; as a mask, all bits of an age. */
    private static final long IDLE = (1L << AGE_BITS) - 1;

    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer words;
    private final long cells;

    /** @param fileBytes where the last record of the file may begin */
    public UseTimes(long fileBytes) {
        cells = fileBytes / CELL_BYTES + 1;
        int wordBytes = Math.toIntExact((cells / CELLS_PER_WORD + 1) * Long.BYTES);
        // Atomic access needs aligned words.
        words = ByteBuffer.allocateDirect(wordBytes + Long.BYTES).alignedSlice(Long.BYTES);
    }

    /**
     * Notes a use at a moment, unless the cell is idle. If it was used later, that counts.
     *
     * @return false if it is idle
     */
    public boolean use(IdleTime idle, long offset, long nowMillis) {
        long tick = idle.tick(nowMillis);
        long leastTick = idle.leastTick(nowMillis);
        int at = wordOf(offset);
        int shift = shiftOf(offset);
        while (!markIdle(at, shift, leastTick)) {
            long word = word(at);
            // Idle by now or changed by somebody else: looked at again.
            if (!isIdle(word, shift, leastTick)
                    && (tick(word, shift) >= tick || replace(at, word, with(word, shift, tick)))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a cell is idle at a moment. */
    public boolean isIdle(IdleTime idle, long offset, long nowMillis) {
        long leastTick = idle.leastTick(nowMillis);
        int at = wordOf(offset);
        int shift = shiftOf(offset);
        return isIdle(word(at), shift, leastTick) && markIdle(at, shift, leastTick);
    }

    /** Notes that a record is written into a cell, which is not idle from then on. */
    public void write(IdleTime idle, long offset, long nowMillis) {
        write(offset, idle.tick(nowMillis));
    }

    /** Notes that a record is written again into a cell, which was used when its old one was. */
    public void writeAgain(long offset, UseTimes old, long oldOffset) {
        write(offset, Math.max(0, old.tick(oldOffset)));
    }

    private void write(long offset, long tick) {
        int at = wordOf(offset);
        int shift = shiftOf(offset);
        long word = word(at);
        while ((isMarked(word, shift) || tick(word, shift) < tick) && !replace(at, word, with(word, shift, tick))) {
            word = word(at);
        }
    }

    /** Of one that is marked as idle, a time that was long ago. */
    private long tick(long offset) {
        return tick(word(wordOf(offset)), shiftOf(offset));
    }

    /** Returns whether it is idle, and marked so: until then somebody may have used it or written into the cell. */
    private boolean markIdle(int at, int shift, long leastTick) {
        long word = word(at);
        while (isIdle(word, shift, leastTick)) {
            if (isMarked(word, shift) || replace(at, word, word | (IDLE << shift))) {
                return true;
            }
            word = word(at);
        }
        return false;
    }

    private static boolean isIdle(long word, int shift, long leastTick) {
        return isMarked(word, shift) || tick(word, shift) < leastTick;
    }

    private static boolean isMarked(long word, int shift) {
        return age(word, shift) == IDLE;
    }

    private static long tick(long word, int shift) {
        return newest(word) - age(word, shift);
    }

    /** The word after a cell was used. */
    private static long with(long word, int shift, long tick) {
        long later = tick - newest(word);
        if (later <= 0) {
            return (word & ~(IDLE << shift)) | (Math.min(IDLE - 1, -later) << shift);
        }
        long changed = tick << AGES_BITS;
        for (int other = 0; other < AGES_BITS; other += AGE_BITS) {
            changed |= other == shift ? 0 : (Math.min(IDLE, age(word, other) + later) << other);
        }
        return changed;
    }

    private static long newest(long word) {
        return word >>> AGES_BITS;
    }

    private static long age(long word, int shift) {
        return (word >>> shift) & IDLE;
    }

    private long word(int at) {
        return (long) WORDS.getVolatile(words, at);
    }

    private boolean replace(int at, long expected, long replacement) {
        return WORDS.compareAndSet(words, at, expected, replacement);
    }

    private int wordOf(long offset) {
        return (int) (cellOf(offset) / CELLS_PER_WORD) * Long.BYTES;
    }

    private int shiftOf(long offset) {
        return (int) (cellOf(offset) % CELLS_PER_WORD) * AGE_BITS;
    }

    /** What begins behind the cells counts for the last. */
    private long cellOf(long offset) {
        return Math.min(offset / CELL_BYTES, cells - 1);
    }
}
