package org.blobarena.index;

/**
 * Finds out before something is begun whether there is stack enough to end it.
 *
 * <p>A StackOverflowError comes when a method is called, and so also out of the middle of a change or out of the call that
 * would have released a lock. Whoever must not be stopped half way asks here first, while nothing has happened yet, and
 * then needs less stack than was found to be there.
 */
final class StackRoom {

    // Each takes more than 200 bytes of arguments alone, in whatever way the method is compiled: 4 KiB in all.
    private static final int CALLS = 20;

    private StackRoom() {}

    /** Returns when there is room, else throws the StackOverflowError. */
    static void require() {
        long unused =
                call(CALLS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
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
