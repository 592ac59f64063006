package org.blobarena.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * XXH3 with 128 bits of result and a seed, over at most 240 bytes, as nearly all keys are. It allocates nothing.
 *
 * <p>Written after the specification of xxHash (<a
 * href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">xxhash_spec.md</a>, 0.2.0), whose names the
 * constants and steps have here. The library that hashes longer keys returns an object for each result, and its method is
 * too large for the compiler to find out that nobody needs it: every read of a key would leave garbage. XXH3 has a method of
 * its own for longer inputs, which is left to that library.
 *
 * <p>Immutable.
 */
public final class ShortKeyHash {

    /** The longest input that this method of XXH3 is for. */
    public static final int BYTES_MAX = 240;

    /** The first bytes of the specification's default secret, as far as inputs of this length use them. */
    private static final byte[] SECRET = HexFormat.of()
            .parseHex("b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
                    + "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
                    + "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
                    + "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
                    + "eac5ac8334d3ebc3");

    private static final long PRIME32_2 = 0x85EBCA77L;
    private static final long PRIME64_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME64_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME64_3 = 0x165667B19E3779F9L;
    private static final long PRIME64_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_MX1 = 0x165667919E3779F9L;
    private static final long PRIME_MX2 = 0x9FB21C651E98DF25L;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int CHUNK_BYTES = 16;
    private static final long LOWER_HALF = 0xFFFFFFFFL;

    private final long seed;

    /**
     * Makes a hash function.
     *
     * @param seed any number
     */
    public ShortKeyHash(long seed) {
        this.seed = seed;
    }

    /**
     * Hashes the beginning of an array.
     *
     * @param input has the bytes
     * @param length how many of them, 0 to {@link #BYTES_MAX}
     * @param hash receives the lower 64 bits, and after them the higher
     */
    public void hash(byte[] input, int length, long[] hash) {
        if (length > 128) {
            hash129To240(input, length, hash);
        } else if (length > 16) {
            hash17To128(input, length, hash);
        } else if (length > 8) {
            hash9To16(input, length, hash);
        } else if (length > 3) {
            hash4To8(input, length, hash);
        } else if (length > 0) {
            hash1To3(input, length, hash);
        } else {
            hash[0] = avalancheXxh64(seed ^ secret(64) ^ secret(72));
            hash[1] = avalancheXxh64(seed ^ secret(80) ^ secret(88));
        }
    }

    private void hash1To3(byte[] input, int length, long[] hash) {
        int combined =
                (input[length - 1] & 0xFF) | length << 8 | (input[0] & 0xFF) << 16 | (input[length >> 1] & 0xFF) << 24;
        int swapped = Integer.rotateLeft(Integer.reverseBytes(combined), 13);
        long low =
                (Integer.toUnsignedLong(intAt(SECRET, 0) ^ intAt(SECRET, 4)) + seed) ^ Integer.toUnsignedLong(combined);
        long high =
                (Integer.toUnsignedLong(intAt(SECRET, 8) ^ intAt(SECRET, 12)) - seed) ^ Integer.toUnsignedLong(swapped);
        hash[0] = avalancheXxh64(low);
        hash[1] = avalancheXxh64(high);
    }

    private void hash4To8(byte[] input, int length, long[] hash) {
        long first = Integer.toUnsignedLong(intAt(input, 0));
        long last = Integer.toUnsignedLong(intAt(input, length - Integer.BYTES));
        long modifiedSeed = seed ^ Integer.toUnsignedLong(Integer.reverseBytes((int) seed)) << 32;
        long value = ((secret(16) ^ secret(24)) + modifiedSeed) ^ (first | last << 32);
        long factor = PRIME64_1 + ((long) length << 2);
        long low = value * factor;
        long high = multiplyHigh(value, factor) + (low << 1);
        low ^= high >>> 3;
        low ^= low >>> 35;
        low *= PRIME_MX2;
        low ^= low >>> 28;
        hash[0] = low;
        hash[1] = avalanche(high);
    }

    private void hash9To16(byte[] input, int length, long[] hash) {
        long first = longAt(input, 0);
        long last = longAt(input, length - Long.BYTES);
        long value1 = ((secret(32) ^ secret(40)) - seed) ^ first ^ last;
        long value2 = ((secret(48) ^ secret(56)) + seed) ^ last;
        long low = value1 * PRIME64_1 + ((long) (length - 1) << 54);
        long high = multiplyHigh(value1, PRIME64_1) + value2 + (value2 & LOWER_HALF) * (PRIME32_2 - 1);
        low ^= Long.reverseBytes(high);
        hash[0] = avalanche(low * PRIME64_2);
        hash[1] = avalanche(multiplyHigh(low, PRIME64_2) + high * PRIME64_2);
    }

    /** Chunks from both ends, so many that they cover the input. */
    private void hash17To128(byte[] input, int length, long[] hash) {
        long acc0 = length * PRIME64_1;
        long acc1 = 0;
        for (int i = (length - 1) >> 5; i >= 0; i--) {
            int fromStart = i * CHUNK_BYTES;
            int fromEnd = length - fromStart - CHUNK_BYTES;
            acc0 = mixed(acc0, input, fromStart, fromEnd, 2 * fromStart, seed);
            acc1 = mixed(acc1, input, fromEnd, fromStart, 2 * fromStart + CHUNK_BYTES, seed);
        }
        finish(acc0, acc1, length, hash);
    }

    /** Chunk after chunk, in pairs; the last pair ends where the input ends. */
    private void hash129To240(byte[] input, int length, long[] hash) {
        long acc0 = length * PRIME64_1;
        long acc1 = 0;
        int pairs = length >> 5;
        for (int i = 0; i < pairs; i++) {
            int first = 2 * i * CHUNK_BYTES;
            int second = first + CHUNK_BYTES;
            int ofSecret = i < 4 ? first : first - 8 * CHUNK_BYTES + 3;
            acc0 = mixed(acc0, input, first, second, ofSecret, seed);
            acc1 = mixed(acc1, input, second, first, ofSecret + CHUNK_BYTES, seed);
            if (i == 3) {
                acc0 = avalanche(acc0);
                acc1 = avalanche(acc1);
            }
        }
        int last = length - CHUNK_BYTES;
        acc0 = mixed(acc0, input, last, last - CHUNK_BYTES, 103, -seed);
        acc1 = mixed(acc1, input, last - CHUNK_BYTES, last, 103 + CHUNK_BYTES, -seed);
        finish(acc0, acc1, length, hash);
    }

    /** An accumulator after its half of {@code mixTwoChunks}: one chunk is multiplied, the other added. */
    private static long mixed(long acc, byte[] input, int chunk, int other, int ofSecret, long seed) {
        long value1 = longAt(input, chunk) ^ (secret(ofSecret) + seed);
        long value2 = longAt(input, chunk + Long.BYTES) ^ (secret(ofSecret + Long.BYTES) - seed);
        long product = value1 * value2 ^ multiplyHigh(value1, value2);
        return (acc + product) ^ (longAt(input, other) + longAt(input, other + Long.BYTES));
    }

    private void finish(long acc0, long acc1, int length, long[] hash) {
        hash[0] = avalanche(acc0 + acc1);
        hash[1] = -avalanche(acc0 * PRIME64_1 + acc1 * PRIME64_4 + (length - seed) * PRIME64_2);
    }

    private static long avalanche(long value) {
        long x = value ^ value >>> 37;
        x *= PRIME_MX1;
        return x ^ x >>> 32;
    }

    private static long avalancheXxh64(long value) {
        long x = value ^ value >>> 33;
        x *= PRIME64_2;
        x ^= x >>> 29;
        x *= PRIME64_3;
        return x ^ x >>> 32;
    }

    /** The higher 64 bits of an unsigned product; {@code Math} has it from JDK 18 on. */
    private static long multiplyHigh(long x, long y) {
        return Math.multiplyHigh(x, y) + (x >> 63 & y) + (y >> 63 & x);
    }

    private static long secret(int offset) {
        return longAt(SECRET, offset);
    }

    private static long longAt(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    private static int intAt(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset);
    }
}
