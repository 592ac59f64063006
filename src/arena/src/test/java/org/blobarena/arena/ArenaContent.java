package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.blobarena.arena.internal.file.AppendFile;
import org.blobarena.arena.internal.file.ReadableFile;

/** Bytes that tests push and know again. */
public final class ArenaContent {

    private ArenaContent() {}

    /** The same bytes for the same seed. */
    public static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    public static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Pushes bytes and says where they are. */
    public static Location push(AppendFile file, byte[] bytes) throws IOException {
        return push(file, ByteBuffer.wrap(bytes));
    }

    /** Pushes the rest of a buffer and says where it is. */
    public static Location push(AppendFile file, ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        return new Location(file.file().index(), file.push(bytes), count);
    }

    /** Reads from a file that may still grow. */
    static byte[] read(ArenaFile file, Location location) throws IOException {
        return read(file.readable(), location);
    }

    /** Reads from a file that may still grow. */
    public static byte[] read(ReadableFile file, Location location) throws IOException {
        ByteBuffer target = ByteBuffer.allocate((int) location.length());
        file.read(target, location.offset());
        return target.array();
    }

    static void assertReads(ArenaFile file, Location location, byte[] expected) throws IOException {
        assertReads(file.readable(), location, expected);
    }

    public static void assertReads(ReadableFile file, Location location, byte[] expected) throws IOException {
        byte[] actual = read(file, location);
        // A diff of large arrays is slow to make and tells little.
        assertThat(Arrays.mismatch(actual, expected))
                .as("first difference at %s", location)
                .isEqualTo(-1);
    }
}
