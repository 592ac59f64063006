package org.blobarena.store.internal.recovery;

import java.nio.file.Path;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.TestStores;

/** Opens temporary stores in a directory that other processes use as well. */
final class TemporaryStoreProgram {

    private TemporaryStoreProgram() {}

    /** Arguments: the directory, and how many stores to open one after the other; with 0, keeps one until it is killed. */
    public static void main(String[] args) throws Exception {
        Path parent = Path.of(args[0]);
        int rounds = Integer.parseInt(args[1]);
        if (rounds == 0) {
            BlobStore<String> store = BlobStore.builder(KeyCodec.utf8()).temporary(parent);
            store.put("a", TestStores.blob(1000, 1));
            System.out.println("open");
            while (System.in.read() >= 0) {
                requireUsable(store, parent);
                System.out.println("usable");
            }
        }
        for (int i = 0; i < rounds; i++) {
            useOne(parent);
        }
    }

    /** Opens a store, and uses it while another comes and goes. */
    static void useOne(Path parent) throws Exception {
        try (BlobStore<String> store = BlobStore.builder(KeyCodec.utf8()).temporary(parent)) {
            store.put("a", TestStores.blob(1000, 1));
            BlobStore.builder(KeyCodec.utf8()).temporary(parent).close();
            requireUsable(store, parent);
        }
    }

    private static void requireUsable(BlobStore<String> store, Path parent) throws Exception {
        byte[] blob = store.get("a");
        if (blob == null || blob.length != 1000) {
            throw new AssertionError("a blob in " + parent + " is lost");
        }
        store.put("b", new byte[5 << 20]); // In a file of its own, which must still have a place.
    }
}
