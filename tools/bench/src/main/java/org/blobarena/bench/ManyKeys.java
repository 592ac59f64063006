package org.blobarena.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.blobarena.store.BlobStore;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreStats;

/**
 * A store of many small blobs in a small heap: filled from nothing, read, and left by a process that ends without closing it;
 * then opened, read and closed, as often as it is started again.
 *
 * <p>Arguments: the directory of the store, keys, {@code table} or {@code chronicle_map}. The first run fills.
 */
public final class ManyKeys {

    private static final int BLOB_BYTES = 100;
    private static final int LOOKUPS = 1_000_000;
    private static final int REPORT_KEYS = 10_000_000;

    private ManyKeys() {}

    public static void main(String[] args) throws IOException {
        long keys = Long.parseLong(args[1]);
        long start = System.nanoTime();
        BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                .index(IndexKind.valueOf(args[2].toUpperCase(Locale.ROOT)))
                .durability(Durability.BUFFERED)
                .open(Path.of(args[0]));
        say("opened, clean: " + store.stats().opening().clean(), start);
        boolean filling = store.size() == 0;
        if (filling) {
            fill(store, keys);
        }
        if (store.size() != keys) {
            throw new IllegalStateException("expected " + keys + " keys, found " + store.size());
        }
        read(store, keys);
        StoreStats stats = store.stats();
        System.out.printf(
                Locale.ROOT,
                "index %s, %.1f bytes per key; heap %d MiB%n",
                stats.indexKind(),
                (double) stats.indexBytes() / keys,
                (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
        if (filling) {
            store.force();
            Runtime.getRuntime().halt(0); // As if it were killed.
        }
        start = System.nanoTime();
        store.close();
        say("closed", start);
    }

    private static void fill(BlobStore<Long> store, long keys) throws IOException {
        byte[] blob = new byte[BLOB_BYTES];
        long start = System.nanoTime();
        for (long key = 0; key < keys; key++) {
            ByteBuffer.wrap(blob).putLong(key);
            store.put(key, blob);
            if ((key + 1) % REPORT_KEYS == 0) {
                say((key + 1) + " keys", start);
            }
        }
    }

    private static void read(BlobStore<Long> store, long keys) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        long start = System.nanoTime();
        for (int i = 0; i < LOOKUPS; i++) {
            long key = random.nextLong(keys);
            byte[] blob = store.get(key);
            if (blob == null || ByteBuffer.wrap(blob).getLong() != key) {
                throw new IllegalStateException("a wrong answer for key " + key);
            }
        }
        say(LOOKUPS + " blobs read", start);
    }

    private static void say(String what, long start) {
        System.out.printf(Locale.ROOT, "%s in %.1f s%n", what, (System.nanoTime() - start) / 1e9);
    }
}
