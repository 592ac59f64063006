package org.blobarena.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Tries every flip of one bit on an encoded structure. */
final class Flips {

    private Flips() {}

    /** Reads a structure. */
    @FunctionalInterface
    interface Decoder {

        void decode(ByteBuffer bytes) throws FormatException;
    }

    /** The flipped bits, counted from the start, that a decoder takes for right. */
    static List<Integer> undetected(ByteBuffer encoded, Decoder decoder) {
        List<Integer> undetected = new ArrayList<>();
        for (int bit = 0; bit < encoded.limit() * Byte.SIZE; bit++) {
            ByteBuffer flipped = copy(encoded);
            int at = bit / Byte.SIZE;
            flipped.put(at, (byte) (flipped.get(at) ^ 1 << bit % Byte.SIZE));
            try {
                decoder.decode(flipped);
                undetected.add(bit);
            } catch (FormatException e) {
                // Detected.
            }
        }
        return undetected;
    }

    /** A copy of all bytes up to the limit, little-endian. */
    static ByteBuffer copy(ByteBuffer bytes) {
        ByteBuffer copy = ByteBuffer.allocate(bytes.limit()).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(0, bytes, 0, bytes.limit());
    }
}
