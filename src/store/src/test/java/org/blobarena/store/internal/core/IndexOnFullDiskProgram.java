package org.blobarena.store.internal.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.blobarena.format.RecordHeader;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.KeyCodec;

/**
 * Puts keys on a file system that is too small until the index would have to grow and cannot; then makes room, and
 * puts more. A write to a page of the index that has no block would end the process.
 */
final class IndexOnFullDiskProgram {

    static final int DISK_BYTES = 6_000_000;

    /** Leaves room for the first index, the reserve and 13,000 small blobs, and none for a larger index. */
    private static final int FILLER_BYTES = 3_500_000;

    private static final int KEYS_MORE = 8_000;

    private static final int REFUSALS = 10_000;

    /** Every refused put would take at least the headers of its record and of a tombstone for it. */
    private static final int REFUSED_BYTES_MIN = 2 * RecordHeader.BYTES;

    private IndexOnFullDiskProgram() {}

    /** The argument is the store's directory; space is taken beside it. */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Path filler = directory.resolveSibling("filler");
        try (BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                .arenaBytesMax(1 << 20)
                .bufferBytes(4096)
                .open(directory)) {
            Files.write(filler, new byte[FILLER_BYTES]);
            long key = 0;
            IOException failure = null;
            while (failure == null) {
                try {
                    store.put(key, blob(key));
                    key++;
                } catch (DiskFullException e) {
                    failure = e;
                }
            }
            System.out.println(String.valueOf(failure.getMessage()).contains("is full at") ? "index full" : failure);
            requireNoSpaceForRefusals(store, key);
            require(!store.contains(key) && store.verify().isIntact());
            for (long present = 0; present < key; present++) {
                require(Arrays.equals(blob(present), store.get(present)));
            }
            require(store.remove(0L));
            System.out.println("all found");

            Files.delete(filler);
            long end = key + KEYS_MORE;
            while (key < end) {
                try {
                    store.put(key, blob(key));
                    key++;
                } catch (DiskFullException e) {
                    // The index tries to grow again only some time after it could not.
                    Thread.onSpinWait();
                }
            }
            require(store.size() == end - 1 && store.verify().isIntact());
            System.out.println("grown");
        }
    }

    /** An attempt a second is made all the same, lest the index stay full for ever. */
    private static void requireNoSpaceForRefusals(BlobStore<Long> store, long absent) throws IOException {
        long before = store.stats().arenaBytes();
        for (int i = 0; i < REFUSALS; i++) {
            try {
                store.put(absent, blob(absent));
                require(false);
            } catch (DiskFullException e) {
                require(String.valueOf(e.getMessage()).contains("is full at"));
            }
        }
        require(store.stats().arenaBytes() - before < REFUSALS / 10 * REFUSED_BYTES_MIN);
    }

    private static byte[] blob(long key) {
        return new byte[(int) (key % 3)];
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalStateException("not as expected");
        }
    }
}
