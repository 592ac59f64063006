package org.blobarena.cache;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;

/**
 * Puts and invalidates in a cache until it is killed, and prints the number of each step once it is done, which is also the
 * time of its clock. Some of the blobs expire after a number of steps.
 */
final class CacheKilledProgram {

    static final int KEYS = 700;

    private static final int LIFE_STEPS = 300;
    private static final int BLOB_BYTES_MAX = 60_000;

    private CacheKilledProgram() {}

    /** Arguments: the cache's directory, and the number of the first step. */
    public static void main(String[] args) throws IOException {
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        AtomicLong clock = new AtomicLong();
        try (BlobCache<String> cache = open(Path.of(args[0]), clock::get)) {
            for (long step = Long.parseLong(args[1]); step < Long.MAX_VALUE; step++) {
                clock.set(step);
                if (isInvalidation(step)) {
                    boolean unused = cache.invalidate(key(step));
                } else {
                    cache.put(key(step), blob(step), expiry(step));
                }
                byte[] used = cache.getIfPresent("key-" + step % 5);
                out.write((step + (used == null ? " -" : " +") + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    static BlobCache<String> open(Path directory, LongSupplier millis) throws IOException {
        return BlobCache.builder(KeyCodec.utf8())
                .maximumBytes(BlobCacheBuilder.MAXIMUM_BYTES_MIN)
                .clock(() -> Instant.ofEpochMilli(millis.getAsLong()))
                .open(directory);
    }

    static String key(long step) {
        return "key-" + Math.floorMod(step * 0x9E3779B97F4A7C15L, (long) KEYS);
    }

    static boolean isInvalidation(long step) {
        return step % 9 == 4;
    }

    private static Expiry expiry(long step) {
        long last = lastStep(step);
        return last == Long.MAX_VALUE ? Expiry.never() : Expiry.at(Instant.ofEpochMilli(last + 1));
    }

    /** The last moment at which the blob of a step is present. */
    static long lastStep(long step) {
        return step % 3 == 1 ? step + LIFE_STEPS : Long.MAX_VALUE;
    }

    static byte[] blob(long step) {
        return ByteBuffer.allocate(8 + (int) (step * 7919 % BLOB_BYTES_MAX))
                .putLong(0, step)
                .array();
    }
}
