package org.blobarena.store.internal.core.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often the cells of an arena file were read from lately: {@value #BITS_PER_CELL} bits for every {@value #CELL_BYTES} bytes,
 * off the heap.
 *
 * <p>A record is known by the cell in which it begins. Short records that share a cell share its bits. Safe from any thread.
 */
public final class UseBits {

    /** The bytes of a cell. */
    public static final int CELL_BYTES = 4096;

    /** As many uses are told apart as these can say. */
    public static final int USES_MAX = 3;

    private static final int BITS_PER_CELL = 2;
    private static final int CELLS_PER_WORD = Long.SIZE / BITS_PER_CELL;

    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer words;
    private final LongAdder firstUses;

    /**
     * @param fileBytes the greatest length of the file
     * @param firstUses counts the bytes of records that are used for the first time
     */
    public UseBits(long fileBytes, LongAdder firstUses) {
        this.firstUses = firstUses;
        long cells = fileBytes / CELL_BYTES + 1;
        int wordBytes = Math.toIntExact((cells / CELLS_PER_WORD + 1) * Long.BYTES);
        // Atomic access needs aligned words.
        words = ByteBuffer.allocateDirect(wordBytes + Long.BYTES).alignedSlice(Long.BYTES);
    }

    /** Notes a use; nothing is written if as many are noted as can be. */
    public void set(long offset, long recordBytes) {
        int at = wordOf(offset);
        int shift = shiftOf(offset);
        long word = (long) WORDS.getOpaque(words, at);
        while (usesIn(word, shift) < USES_MAX) {
            long met = (long) WORDS.compareAndExchange(words, at, word, word + (1L << shift));
            if (met == word) {
                if (usesIn(word, shift) == 0) {
                    firstUses.add(recordBytes);
                }
                return;
            }
            word = met;
        }
    }

    /** How many uses were noted, {@value #USES_MAX} at most. */
    public int get(long offset) {
        return usesIn((long) WORDS.getOpaque(words, wordOf(offset)), shiftOf(offset));
    }

    private static int usesIn(long word, int shift) {
        return (int) (word >>> shift) & USES_MAX;
    }

    private static int wordOf(long offset) {
        return (int) (offset / CELL_BYTES / CELLS_PER_WORD) * Long.BYTES;
    }

    private static int shiftOf(long offset) {
        return BITS_PER_CELL * (int) (offset / CELL_BYTES % CELLS_PER_WORD);
    }
}
