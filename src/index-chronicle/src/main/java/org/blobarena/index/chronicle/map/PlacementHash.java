package org.blobarena.index.chronicle.map;

import org.blobarena.index.KeyHash;

/**
 * The hash by which Chronicle Map chooses the segment and the slot of a key: XXH64, seed 0, of the key's 16 bytes.
 *
 * <p>Chronicle's own takes an array, which every look-up would have to make or keep. Both halves stand in the map as
 * little-endian numbers, and the function reads little-endian numbers, so that the order of the machine has no part in it.
 */
final class PlacementHash {

    private static final long PRIME_1 = 0x9E37_79B1_85EB_CA87L;
    private static final long PRIME_2 = 0xC2B2_AE3D_27D4_EB4FL;
    private static final long PRIME_3 = 0x1656_67B1_9E37_79F9L;
    private static final long PRIME_4 = 0x85EB_CA77_C2B2_AE63L;
    private static final long PRIME_5 = 0x27D4_EB2F_1656_67C5L;

    private PlacementHash() {}

    static long of(KeyHash key) {
        return of(key.high(), key.low());
    }

    static long of(long high, long low) {
        long hash = PRIME_5 + KeyHash.ENCODED_BYTES;
        hash = mixed(mixed(hash, high), low);
        hash = (hash ^ hash >>> 33) * PRIME_2;
        hash = (hash ^ hash >>> 29) * PRIME_3;
        return hash ^ hash >>> 32;
    }

    private static long mixed(long hash, long word) {
        long scrambled = Long.rotateLeft(word * PRIME_2, 31) * PRIME_1;
        return Long.rotateLeft(hash ^ scrambled, 27) * PRIME_1 + PRIME_4;
    }
}
