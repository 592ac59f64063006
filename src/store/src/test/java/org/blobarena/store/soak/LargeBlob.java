package org.blobarena.store.soak;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;

/**
 * Puts a blob that is larger than the memory as a stream, and compares what comes back as a stream, by ranges and through
 * a channel. Its bytes follow from their offsets, so that nobody has to keep them.
 */
final class LargeBlob {

    private static final long PATTERN_BYTES = 8;
    private static final int RANGES = 200;
    private static final int RANGE_BYTES = 1000;

    private final Path directory;
    private final long bytes;

    LargeBlob(Path directory, long bytes) {
        this.directory = directory;
        this.bytes = bytes;
    }

    /** Prints what was done, with its time, and throws an {@link AssertionError} where something differs. */
    void run(long seed) throws IOException {
        try (BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).arenaBytesMax((1L << 32) - 1).open(directory)) {
            timed("put as a stream", () -> store.put("large", new Pattern(bytes)));
            require(store.sizeOf("large").orElse(-1) == bytes, "length");
            timed("read as a stream", () -> readStream(store));
            timed("written to a channel", () -> require(transferred(store) == checksum(), "transferred bytes"));
            timed(RANGES + " ranges of " + RANGE_BYTES + " bytes read", () -> readRanges(store, seed));
            timed("compacted beside a dead one", () -> {
                store.put("dead", new Pattern(bytes / 100));
                store.remove("dead");
                store.compact();
            });
            timed("read as a stream again", () -> readStream(store));
            require(store.verify().damage().isEmpty(), "verification");
        }
    }

    private void readStream(BlobStore<String> store) throws IOException {
        CRC32C found = new CRC32C();
        try (BlobInputStream in = Objects.requireNonNull(store.openStream("large"))) {
            byte[] piece = new byte[100_000];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                found.update(piece, 0, count);
            }
        }
        require(found.getValue() == checksum(), "streamed bytes");
    }

    private static long transferred(BlobStore<String> store) throws IOException {
        CRC32C found = new CRC32C();
        store.transferTo("large", new WritableByteChannel() {
            @Override
            public int write(ByteBuffer source) {
                int count = source.remaining();
                found.update(source);
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        });
        return found.getValue();
    }

    private void readRanges(BlobStore<String> store, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer range = ByteBuffer.allocate(RANGE_BYTES);
        for (int i = 0; i < RANGES; i++) {
            long offset = random.nextLong(bytes);
            store.read("large", offset, range.clear());
            range.flip();
            require(range.remaining() == Math.min(RANGE_BYTES, bytes - offset), "length of the range at " + offset);
            for (int at = 0; at < range.limit(); at++) {
                require(range.get(at) == Pattern.at(offset + at), "byte " + (offset + at));
            }
        }
    }

    private long checksum() throws IOException {
        CRC32C expected = new CRC32C();
        InputStream pattern = new Pattern(bytes);
        byte[] piece = new byte[1 << 16];
        for (int count = pattern.read(piece); count >= 0; count = pattern.read(piece)) {
            expected.update(piece, 0, count);
        }
        return expected.getValue();
    }

    private void timed(String what, Step step) throws IOException {
        long start = System.nanoTime();
        step.run();
        System.out.printf(
                Locale.ROOT, "%d bytes %s in %.1f s%n", bytes, what, (System.nanoTime() - start) / 1_000_000_000.0);
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what + " differ from what was put");
        }
    }

    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }

    /** Bytes that follow from their offsets alone. */
    private static final class Pattern extends InputStream {

        private final long bytes;
        private long position;

        Pattern(long bytes) {
            this.bytes = bytes;
        }

        static byte at(long offset) {
            long word = mix(offset / PATTERN_BYTES);
            return (byte) (word >>> (Byte.SIZE * (int) (offset % PATTERN_BYTES)));
        }

        private static long mix(long number) {
            long z = (number + 1) * 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            return z ^ (z >>> 27);
        }

        @Override
        public int read() {
            return position == bytes ? -1 : Byte.toUnsignedInt(at(position++));
        }

        @Override
        public int read(byte[] target, int from, int length) {
            if (position == bytes) {
                return -1;
            }
            int count = (int) Math.min(length, bytes - position);
            for (int i = 0; i < count; i++) {
                target[from + i] = at(position + i);
            }
            position += count;
            return count;
        }
    }
}
