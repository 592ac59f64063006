package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;

/** Opens a store, loads {@link Mark}, and then does everything that needs a class of its own. */
final class LoadingProgram {

    private LoadingProgram() {}

    /** A class that is loaded once the store is open. */
    private static final class Mark {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        BlobStore<Long> store =
                BlobStore.builder(KeyCodec.longs()).arenaBytesMax(256 * 1024).open(directory);
        System.out.println(Class.forName(Mark.class.getName()).getSimpleName());
        work(store, directory);
        store.close();
        try {
            store.put(1L, new byte[1]);
        } catch (StoreClosedException e) {
            System.out.println("closed");
        }
    }

    private static void work(BlobStore<Long> store, Path directory) throws IOException {
        Map<Long, byte[]> batch = new HashMap<>();
        for (long key = 0; key < 3000; key++) {
            store.withDurability(key % 100 == 0 ? Durability.FORCED : Durability.BUFFERED)
                    .put(key, new byte[200]);
            batch.put(key + 2000, new byte[100]);
        }
        store.putAll(batch);
        store.put(5L, out -> out.write(new byte[100_000]));
        for (long key = 0; key < 2000; key++) {
            store.remove(key);
        }
        try {
            store.put(6L, new byte[300_000]);
        } catch (IOException | RuntimeException e) {
            System.out.println("too large");
        }
        store.compact();
        store.verify();
        store.snapshot(directory.resolveSibling("snapshot"));
        store.force();
    }
}
