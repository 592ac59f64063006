package org.blobarena.store.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a device so slow that a force lasts until every thread has appended what it wants forced. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GroupCommitTest {

    private static final int WAVES = 50;
    private static final int BLOB_BYTES = 10;
    private static final int RECORD_BYTES = RecordHeader.BYTES + Long.BYTES + BLOB_BYTES;

    @TempDir
    Path temporary;

    @Test
    void oneThreadTakesAForceForEveryForcedPut() throws Exception {
        assertThat(forces(1)).isEqualTo(WAVES);
    }

    @Test
    void eightThreadsTakeAForceForFourForcedPutsOrMore() throws Exception {
        // The first force of a wave may have begun before the others appended. The next is for all of them.
        assertThat(forces(8)).isBetween(WAVES, 2 * WAVES);
    }

    /** How many forces it takes when so many threads put at once, wave after wave. */
    private int forces(int threads) throws Exception {
        FailingDirectory device = new FailingDirectory(new NioDirectory(temporary));
        StoreEnvironment environment =
                new StoreEnvironment((path, create) -> device, HeapLocationIndexFactory.forgetting());
        try (BlobStore<Long> store = StoreAccess.environment(BlobStore.builder(KeyCodec.longs()), environment)
                .open(temporary)) {
            store.withDurability(Durability.FORCED).put(-1L, new byte[BLOB_BYTES]);
            List<Long> keys = keysOfDifferentLocks(device, threads);
            AtomicLong bytesOfWave = new AtomicLong(bytesPut(store));
            CyclicBarrier barrier =
                    new CyclicBarrier(threads, () -> bytesOfWave.addAndGet((long) threads * RECORD_BYTES));
            int before = device.forces();
            device.setBeforeForce(() -> awaitBytes(store, bytesOfWave));
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                tasks.add(() -> {
                    for (int wave = 0; wave < WAVES; wave++) {
                        barrier.await();
                        store.withDurability(Durability.FORCED).put(keys.get(thread), new byte[BLOB_BYTES]);
                    }
                    return null;
                });
            }
            ExecutorService executor = Executors.newFixedThreadPool(threads);
            try {
                for (Future<Void> future : executor.invokeAll(tasks)) {
                    future.get();
                }
            } finally {
                executor.shutdownNow();
            }
            int after = device.forces();
            device.setBeforeForce(() -> {});
            assertThat(store.size()).isEqualTo(1L + threads);
            return after - before;
        }
    }

    /** Writers of keys that share a lock would wait for each other. */
    private static List<Long> keysOfDifferentLocks(FailingDirectory device, int count) throws Exception {
        byte[] identity = Files.readAllBytes(device.path().resolve("STORE"));
        KeyHasher hasher = new KeyHasher(StoreIdentity.decode(ByteBuffer.wrap(identity, 0, StoreIdentity.BYTES)));
        KeyLocks locks = new KeyLocks();
        Set<ReentrantLock> taken = new HashSet<>();
        List<Long> keys = new ArrayList<>();
        for (long key = 0; keys.size() < count; key++) {
            EncodedKey encoded = hasher.encoded(KeyCodec.longs().encode(key));
            if (taken.add(locks.of(encoded.hash()))) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static void awaitBytes(BlobStore<Long> store, AtomicLong bytes) {
        while (bytesPut(store) < bytes.get()) {
            Thread.onSpinWait();
        }
    }

    private static long bytesPut(BlobStore<Long> store) {
        return store.stats().compaction().bytesPut();
    }
}
