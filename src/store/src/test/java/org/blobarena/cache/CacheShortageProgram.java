package org.blobarena.cache;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.store.api.KeyCodec;

/**
 * Uses a cache while descriptors or direct memory run out again and again, and afterwards. Every load must serve its caller
 * all the while, but where there is no memory. Arguments: the directory, and what runs out. Ends with 0 when all is well,
 * and prints how many operations failed.
 */
final class CacheShortageProgram {

    private static final int KEYS = 400;
    private static final int BLOB_BYTES = 40_000;

    /** To which a cache of the least maximum fills its files. */
    private static final long FILE_BYTES = 512 << 10;

    /** So few, because the JDK waits half a second for direct memory before it says that there is none. */
    private static final int KEYS_WITHOUT_MEMORY = 12;

    private final BlobCache<Long> cache;

    /** The version that each key had last, and so may have. */
    private final int[] newest = new int[KEYS];

    private int failures;
    private int attempts;

    private CacheShortageProgram(BlobCache<Long> cache) {
        this.cache = cache;
    }

    public static void main(String[] args) throws Exception {
        CacheShortageProgram program = new CacheShortageProgram(open(Path.of(args[0])));
        program.round(KEYS, true);
        require(program.failures == 0, "an operation fails before anything runs out");
        if (args[1].equals("direct")) {
            program.runOutOfDirectMemory();
        } else {
            program.runOutOfDescriptors();
        }
        int failures = program.failures;
        program.round(KEYS, true);
        require(program.failures == failures, "an operation fails afterwards");
        program.requireWithinMaximum(Path.of(args[0]));
        program.cache.close();
        try (BlobCache<Long> again = open(Path.of(args[0]))) {
            int found = 0;
            for (int i = 0; i < KEYS; i++) {
                byte[] blob = again.getIfPresent((long) i);
                require(blob == null || Arrays.equals(blob, blob(i, program.newest[i])), "key " + i + " is outdated");
                found += blob == null ? 0 : 1;
            }
            require(found > KEYS / 8, "only " + found + " blobs are left");
        }
        System.out.println(failures + " of " + program.attempts + " failed");
        System.exit(0);
    }

    private static BlobCache<Long> open(Path directory) throws IOException {
        return BlobCache.builder(KeyCodec.longs())
                .maximumBytes(BlobCacheBuilder.MAXIMUM_BYTES_MIN)
                .descriptors(DescriptorBudget.of(8)) // So that reads want descriptors, too.
                .open(directory);
    }

    private static void require(boolean good, String otherwise) {
        if (!good) {
            System.err.println(otherwise);
            Runtime.getRuntime().halt(2);
        }
    }

    private static byte[] blob(int key, int version) {
        byte[] blob = new byte[BLOB_BYTES + key];
        ByteBuffer.wrap(blob).putInt(key).putInt(version);
        return blob;
    }

    /**
     * @param keys the number of keys, from the first on
     * @param puts whether blobs are put as well, which nothing else would do for a cache that cannot be written
     */
    private void round(int keys, boolean puts) throws IOException {
        for (int i = 0; i < keys; i++) {
            attempts++;
            if (puts && i % 3 == 0) {
                put(i);
            } else {
                load(i);
            }
        }
    }

    private void load(int i) throws IOException {
        try {
            if (i % 3 == 1) {
                stream(i);
            } else {
                byte[] blob = blob(i, newest[i]);
                require(Arrays.equals(cache.get(key(i), key -> blob), blob), "key " + i + " is loaded wrong");
            }
        } catch (OutOfMemoryError e) {
            failures++;
        }
    }

    private void put(int i) {
        try {
            cache.put(key(i), blob(i, newest[i] + 1));
            newest[i]++;
        } catch (IOException | OutOfMemoryError e) {
            failures++;
        }
    }

    private void stream(int i) throws IOException {
        byte[] blob = blob(i, newest[i]);
        try (InputStream in = cache.openStream(key(i), key -> new ByteArrayInputStream(blob))) {
            require(Arrays.equals(in.readAllBytes(), blob), "key " + i + " is streamed wrong");
        }
    }

    private static Long key(int i) {
        return (long) i;
    }

    private void requireWithinMaximum(Path directory) {
        long bytes = TestCaches.diskBytes(directory);
        long bytesMax = BlobCacheBuilder.MAXIMUM_BYTES_MIN + BlobCache.FILES_BEYOND_MAXIMUM * FILE_BYTES;
        require(bytes <= bytesMax, "it takes " + bytes + " bytes");
    }

    // ---- what runs out

    private void runOutOfDescriptors() throws IOException {
        for (int round = 0; round < 3; round++) {
            Deque<Closeable> held = new ArrayDeque<>();
            try {
                while (true) {
                    held.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException e) {
                failures++;
            }
            for (int i = 0; i < 3; i++) {
                round(KEYS, false);
                held.remove().close(); // Some can be had again, one by one.
            }
            while (!held.isEmpty()) {
                held.remove().close();
            }
        }
    }

    private void runOutOfDirectMemory() throws IOException {
        Deque<ByteBuffer> held = new ArrayDeque<>();
        int bytes = 1 << 20;
        while (bytes > 64) {
            try {
                held.add(ByteBuffer.allocateDirect(bytes));
            } catch (OutOfMemoryError e) {
                failures++;
                bytes /= 8;
            }
        }
        round(KEYS_WITHOUT_MEMORY, false);
        require(!held.isEmpty(), "there was no direct memory at all");
        held.clear();
        System.gc(); // Frees what is held no more.
    }
}
