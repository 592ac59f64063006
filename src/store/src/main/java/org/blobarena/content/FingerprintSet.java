package org.blobarena.content;

import java.util.Arrays;

/**
 * A set of digests that may contain more than was added: those with the same first eight bytes. For one thread at a time.
 *
 * <p>It holds eight bytes of each digest, in tables of which it fills at most four fifths and which grow by half, one of 64 at
 * a time: 10 to 15 bytes per digest, but for small sets. Two random digests share their first eight bytes once in 2^64 pairs.
 */
final class FingerprintSet {

    private static final int PART_BITS = 6;
    private static final int SLOTS_MIN = 16;

    private final long[][] parts = new long[1 << PART_BITS][];
    private final int[] counts = new int[1 << PART_BITS];
    private boolean hasZero; // Which stands for a free slot in the tables.

    FingerprintSet() {
        Arrays.setAll(parts, i -> new long[SLOTS_MIN]);
    }

    void add(Digest digest) {
        long fingerprint = digest.prefix();
        if (fingerprint == 0) {
            hasZero = true;
            return;
        }
        int part = part(fingerprint);
        if (insert(parts[part], fingerprint)) {
            counts[part]++;
            if (counts[part] > parts[part].length / 5 * 4) {
                grow(part);
            }
        }
    }

    boolean contains(Digest digest) {
        long fingerprint = digest.prefix();
        if (fingerprint == 0) {
            return hasZero;
        }
        long[] table = parts[part(fingerprint)];
        return table[slot(table, fingerprint)] == fingerprint;
    }

    /** Returns the number of slots in all tables. */
    long slots() {
        return Arrays.stream(parts).mapToLong(part -> part.length).sum();
    }

    private void grow(int part) {
        long[] table = new long[parts[part].length / 2 * 3];
        for (long fingerprint : parts[part]) {
            if (fingerprint != 0) {
                boolean unused = insert(table, fingerprint);
            }
        }
        parts[part] = table;
    }

    private static boolean insert(long[] table, long fingerprint) {
        int slot = slot(table, fingerprint);
        boolean isNew = table[slot] == 0;
        table[slot] = fingerprint;
        return isNew;
    }

    /** Returns where it is, or has to go. */
    private static int slot(long[] table, long fingerprint) {
        int slot = (int) (((fingerprint & 0xFFFFFFFFL) * table.length) >>> 32);
        while (table[slot] != 0 && table[slot] != fingerprint) {
            slot = slot + 1 == table.length ? 0 : slot + 1;
        }
        return slot;
    }

    private static int part(long fingerprint) {
        return (int) (fingerprint >>> (Long.SIZE - PART_BITS));
    }
}
