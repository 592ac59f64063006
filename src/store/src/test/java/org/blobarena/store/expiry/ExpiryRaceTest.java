package org.blobarena.store.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Writers, sweeps, compactions and a clock that goes on, all at once. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExpiryRaceTest {

    private static final int WRITERS = 3;
    private static final int KEYS_EACH = 20;
    private static final int WRITES = 4000;

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private final AtomicBoolean done = new AtomicBoolean();

    /** A blob says its version, and until when it may be found. */
    private static byte[] blob(int version, long moment, int filling) {
        return ByteBuffer.allocate(12 + filling).putInt(version).putLong(moment).array();
    }

    @Test
    void sweepsAndCompactionsTakeNothingThatHasNotExpired() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 2);
        try (BlobStore<String> store = StoreAccess.streamMemoryBytes(TestStores.onHeap(), 300)
                .clock(clock)
                .automaticCompaction(true)
                .maxDeadShare(0.2)
                .open(temporary.resolve("store"))) {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                writers.add(threads.submit(() -> write(store, writer)));
            }
            Future<?> sweeper = threads.submit(() -> sweep(store));
            Future<?> compaction = threads.submit(() -> compact(store));
            for (Future<?> writer : writers) {
                writer.get();
            }
            done.set(true);
            sweeper.get();
            compaction.get();
            assertThat(store.verify().damage()).isEmpty();
            clock.advance(1_000_000);
            assertThat(TestStores.content(store)).isEmpty();
            store.compact();
            assertThat(store.size()).isZero();
            assertThat(store.stats().arenaBytes()).isLessThan(5000);
        } finally {
            threads.shutdownNow();
        }
    }

    private Object sweep(BlobStore<String> store) {
        while (!done.get()) {
            clock.advance(1);
            store.stats();
        }
        return store;
    }

    private Object compact(BlobStore<String> store) throws IOException {
        while (!done.get()) {
            store.compact();
        }
        return store;
    }

    /** Alone with its keys, each of which it reads before it writes: what it has put last is there until its moment. */
    private Object write(BlobStore<String> store, int writer) throws IOException {
        SplittableRandom random = new SplittableRandom(writer);
        long[] moments = new long[KEYS_EACH];
        int[] versions = new int[KEYS_EACH];
        for (int i = 1; i <= WRITES; i++) {
            int number = random.nextInt(KEYS_EACH);
            String key = writer + "-" + number;
            long before = clock.millis();
            byte[] found = store.get(key);
            long after = clock.millis();
            requireRight(found, versions[number], moments[number], before, after);
            long moment = clock.millis() + random.nextInt(40) - 5;
            byte[] blob = blob(i, moment, random.nextInt(20) == 0 ? 3000 : random.nextInt(200));
            BlobStore<String> view = store.withExpiry(Expiry.at(Instant.ofEpochMilli(moment)));
            switch (random.nextInt(4)) {
                case 0 -> {
                    boolean stored = view.putIfAbsent(key, blob);
                    if (!stored) {
                        assertThat(before).isLessThan(moments[number]);
                        continue;
                    }
                    assertThat(clock.millis()).isGreaterThanOrEqualTo(moments[number]);
                }
                case 1 -> {
                    boolean removed = store.remove(key);
                    assertThat(removed ? before < moments[number] : clock.millis() >= moments[number])
                            .isTrue();
                    moments[number] = 0;
                    continue;
                }
                default -> view.put(key, blob);
            }
            versions[number] = i;
            moments[number] = moment;
        }
        return store;
    }

    private static void requireRight(byte @Nullable [] found, int version, long moment, long before, long after) {
        if (found == null) {
            assertThat(after).isGreaterThanOrEqualTo(moment);
        } else {
            assertThat(ByteBuffer.wrap(found).getInt()).isEqualTo(version);
            assertThat(before).isLessThan(moment);
        }
    }
}
