package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Bytes that tests push and know again. */
final class ArenaContent {

    private ArenaContent() {}

    /** The same bytes for the same seed. */
    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Reads from a file that may still grow. */
    static byte[] read(ArenaFile file, Location location) throws IOException {
        ByteBuffer target = ByteBuffer.allocate((int) location.length());
        file.read(target, location.offset());
        return target.array();
    }

    static void assertReads(ArenaFile file, Location location, byte[] expected) throws IOException {
        byte[] actual = read(file, location);
        // A diff of large arrays is slow to make and tells little.
        assertThat(Arrays.mismatch(actual, expected))
                .as("first difference at %s", location)
                .isEqualTo(-1);
    }
}
