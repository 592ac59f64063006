package org.blobarena.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Puts keys on a file system that is too small until the index would have to grow and cannot; then makes room, and
 * puts more. A write to a page of the index that has no block would end the process.
 */
final class IndexOnFullDiskProgram {

    static final int DISK_BYTES = 6_000_000;

    /** Leaves room for the first index, the reserve and 13,000 small blobs, and none for a larger index. */
    private static final int FILLER_BYTES = 3_500_000;

    private static final int KEYS_MORE = 8_000;

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

    private static byte[] blob(long key) {
        return new byte[(int) (key % 3)];
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalStateException("not as expected");
        }
    }
}
