package org.blobarena.store.soak;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;

/** Measures how many puts threads make when each is forced to the device before the next. */
final class ForcedPuts implements Closeable {

    private static final int BLOB_BYTES = 100;

    private final BlobStore<Long> store;

    ForcedPuts(Path directory) throws IOException {
        store = BlobStore.builder(KeyCodec.longs())
                .durability(Durability.FORCED)
                .open(directory);
    }

    /** Of all threads together, each with a key of its own. */
    double perSecond(int threads, long nanos) throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            List<Callable<Long>> tasks = new ArrayList<>();
            for (long key = 0; key < threads; key++) {
                long own = key;
                tasks.add(() -> {
                    long puts = 0;
                    for (; System.nanoTime() - start < nanos; puts++) {
                        store.put(own, new byte[BLOB_BYTES]);
                    }
                    return puts;
                });
            }
            long puts = 0;
            for (Future<Long> task : executor.invokeAll(tasks)) {
                puts += task.get();
            }
            return 1e9 * puts / (System.nanoTime() - start);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            executor.shutdownNow();
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
