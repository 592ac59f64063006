package org.blobarena.index.chronicle.map;

import net.openhft.chronicle.hash.impl.HashSplitting;
import org.blobarena.index.KeyHash;

/**
 * Where Chronicle Map puts a key, by a hash of it: XXH64, seed 0, of the key's 16 bytes.
 *
 * <p>Chronicle's own function takes an array, which every look-up would have to make or keep. Both halves stand in the map
 * as little-endian numbers, and the function reads little-endian numbers, so that the order of the machine has no part in it.
 */
final class Placement {

    private static final long PRIME_1 = 0x9E37_79B1_85EB_CA87L;
    private static final long PRIME_2 = 0xC2B2_AE3D_27D4_EB4FL;
    private static final long PRIME_3 = 0x1656_67B1_9E37_79F9L;
    private static final long PRIME_4 = 0x85EB_CA77_C2B2_AE63L;
    private static final long PRIME_5 = 0x27D4_EB2F_1656_67C5L;

    private final HashSplitting splitting;
    private final int slotKeyMask;

    /**
     * Makes the placement of one layout.
     *
     * @param splitting tells segments by the hash
     * @param keyBits bits of the hash in a slot
     */
    Placement(HashSplitting splitting, int keyBits) {
        this.splitting = splitting;
        this.slotKeyMask = (1 << keyBits) - 1;
    }

    /** Returns the segment of a key, by its hash. */
    int segmentOf(long hash) {
        return splitting.segmentIndex(hash);
    }

    /** Returns the bits of the hash that the slot of a key has: the slot where the search for it begins. Never 0. */
    int slotKeyOf(long hash) {
        int bits = (int) splitting.segmentHash(hash) & slotKeyMask;
        return bits == 0 ? slotKeyMask : bits;
    }

    /** Returns the hash of a key. */
    static long hash(long high, long low) {
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
