package org.blobarena.store.internal.core.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Which cells of an arena file were read from lately: one bit for every {@value #CELL_BYTES} bytes, off the heap.
 *
 * <p>A record is known by the cell in which it begins. Short records that share a cell share its bit. Safe from any thread.
 */
public final class UseBits {

    /** Bytes of a file for which there is one bit. */
    public static final int CELL_BYTES = 4096;

    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer words;
    private final LongAdder firstUses;

    /**
     * @param fileBytes the greatest length of the file
     * @param firstUses counts the bytes of records whose bit is set for the first time
     */
    public UseBits(long fileBytes, LongAdder firstUses) {
        this.firstUses = firstUses;
        long cells = fileBytes / CELL_BYTES + 1;
        int wordBytes = Math.toIntExact((cells / Long.SIZE + 1) * Long.BYTES);
        // Atomic access needs aligned words.
        words = ByteBuffer.allocateDirect(wordBytes + Long.BYTES).alignedSlice(Long.BYTES);
    }

    /** Notes a use; nothing is written if it is noted already. */
    public void set(long offset, long recordBytes) {
        int at = wordOf(offset);
        long bit = bitOf(offset);
        boolean isSet = ((long) WORDS.getOpaque(words, at) & bit) != 0;
        if (!isSet && ((long) WORDS.getAndBitwiseOr(words, at, bit) & bit) == 0) {
            firstUses.add(recordBytes);
        }
    }

    public boolean get(long offset) {
        return ((long) WORDS.getOpaque(words, wordOf(offset)) & bitOf(offset)) != 0;
    }

    private static int wordOf(long offset) {
        return (int) (offset / CELL_BYTES / Long.SIZE) * Long.BYTES;
    }

    private static long bitOf(long offset) {
        return 1L << (offset / CELL_BYTES % Long.SIZE);
    }
}
