package org.blobarena.store.internal.recovery;

import java.nio.file.Path;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.TestStores;

/** Opens temporary stores in a directory that other processes use as well. */
public final class TemporaryStoreProgram {

    private TemporaryStoreProgram() {}

    /**
     * Arguments: the directory, and how many stores to open one after the other; with 0, keeps one until it is killed; with less,
     * opens so many, each when it is told to, and closes it when it is told to.
     */
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
        for (int i = 0; i < -rounds; i++) {
            useWhenTold(parent);
        }
        for (int i = 0; i < rounds; i++) {
            useOne(parent);
        }
    }

    private static void useWhenTold(Path parent) throws Exception {
        System.out.println("ready");
        requireTold();
        try (BlobStore<String> store = BlobStore.builder(KeyCodec.utf8()).temporary(parent)) {
            store.put("a", TestStores.blob(1000, 1));
            System.out.println("open");
            requireTold();
            requireUsable(store, parent);
        }
        System.out.println("usable");
    }

    private static void requireTold() throws Exception {
        if (System.in.read() < 0) {
            throw new AssertionError("nobody is there");
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
