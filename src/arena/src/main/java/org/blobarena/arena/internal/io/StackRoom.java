package org.blobarena.arena.internal.io;

/**
 * Finds out before something is begun whether there is stack enough to end it.
 *
 * <p>A StackOverflowError comes when a method is called, and so also out of the middle of a change or out of the call that
 * would have released a lock. Code that must not be stopped half way asks here first, while nothing has happened yet, and
 * then needs less stack than was found to be there.
 */
public final class StackRoom {

    // Each takes more than 200 bytes of arguments alone, in whatever way the method is compiled.
    private static final int BYTES_PER_CALL = 240;

    /** Of a change that is made in memory. */
    private static final int BYTES = 4800;

    /** So many calls may find the methods that need the room interpreted still, which then need more. */
    private static final int COLD_CALLS = 20_000;

    private static final int COLD_FACTOR = 4;

    /** Counted as well as need be, without being guarded. */
    private static int cold = COLD_CALLS;

    private StackRoom() {}

    /**
     * Returns when there is room for a change that is made in memory.
     *
     * @throws StackOverflowError if there is not
     */
    public static void require() {
        require(BYTES);
    }

    /**
     * Returns when there is room.
     *
     * @param bytes of stack that are needed by methods that are compiled
     * @throws StackOverflowError if there is not
     */
    public static void require(int bytes) {
        int calls = bytes / BYTES_PER_CALL;
        int left = cold;
        if (left > 0) {
            cold = left - 1;
            calls *= COLD_FACTOR;
        }
        long unused =
                call(calls, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        assert unused == 0;
    }

    @SuppressWarnings("TooManyParameters") // they are what takes the room
    private static long call(
            int calls,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h,
            long i,
            long j,
            long k,
            long l,
            long m,
            long n,
            long o,
            long p,
            long q,
            long r,
            long s,
            long t,
            long u,
            long v,
            long w,
            long x,
            long y,
            long z,
            long aa,
            long bb,
            long cc,
            long dd) {
        return calls == 0
                ? a + dd
                : call(
                        calls - 1, b, a, d, c, f, e, h, g, j, i, l, k, n, m, p, o, r, q, t, s, v, u, x, w, z, y, bb, aa,
                        dd, cc);
    }
}
