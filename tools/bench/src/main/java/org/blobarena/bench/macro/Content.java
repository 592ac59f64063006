package org.blobarena.bench.macro;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.blobarena.bench.engine.Scale;

/**
 * The keys and blobs of a case. A key is a number behind its hash, so that engines with an order see keys in a random one.
 * A blob begins with the number of its key and its version, and goes on with bytes that both choose from a random sequence, so
 * that each can be checked, and compresses badly. Immutable.
 */
final class Content {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int STARTS = 1 << 16;
    private static final int HEADER_BYTES = 2 * Long.BYTES;
    private static final int NUMBER_OFFSET = Scale.KEY_BYTES - Long.BYTES;

    private final byte[] sequence;
    private final int blobBytes;

    Content(int blobBytes) {
        if (blobBytes < 2 * HEADER_BYTES) {
            throw new IllegalArgumentException("blobs of " + blobBytes + " bytes have no room to be told apart");
        }
        this.blobBytes = blobBytes;
        sequence = new byte[blobBytes + STARTS];
        new SplittableRandom(1).nextBytes(sequence);
    }

    /** Fills an array of {@link Scale#KEY_BYTES} with a key. */
    static void key(long number, byte[] into) {
        LONG.set(into, 0, mix(number));
        LONG.set(into, NUMBER_OFFSET, number);
    }

    /** The finalizer of SplittableRandom, a bijection: distinct numbers have distinct hashes. */
    private static long mix(long number) {
        long hash = (number + 1) * 0x9e3779b97f4a7c15L;
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }

    byte[] newBlob() {
        return new byte[blobBytes];
    }

    void blob(long number, int version, byte[] into) {
        LONG.set(into, 0, number);
        LONG.set(into, Long.BYTES, (long) version);
        System.arraycopy(sequence, start(number, version), into, HEADER_BYTES, blobBytes - HEADER_BYTES);
    }

    private static int start(long number, int version) {
        return (int) mix(number * 31 + version) & (STARTS - 1);
    }

    /** A look at both ends, cheap enough to stand in what is timed. */
    void checkEnds(byte[] blob, long number, int version) {
        if (blob == null
                || blob.length != blobBytes
                || (long) LONG.get(blob, 0) != number
                || (long) LONG.get(blob, Long.BYTES) != version
                || blob[blobBytes - 1] != sequence[start(number, version) + blobBytes - HEADER_BYTES - 1]) {
            throw wrong(blob, number, version);
        }
    }

    /** Compares every byte. */
    void check(byte[] blob, long number, int version) {
        checkEnds(blob, number, version);
        int start = start(number, version);
        if (!Arrays.equals(blob, HEADER_BYTES, blobBytes, sequence, start, start + blobBytes - HEADER_BYTES)) {
            throw wrong(blob, number, version);
        }
    }

    private static AssertionError wrong(byte[] blob, long number, int version) {
        return new AssertionError("version " + version + " of key " + number + " was expected, and found was "
                + (blob == null ? "none" : "another blob, of " + blob.length + " bytes"));
    }
}
