package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.KeyHash;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.core.KeyLocks;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.SteppedIndexes;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writers that come between two steps of a compaction, and compactions that come between two steps of a writer. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompactionRaceTest {

    private static final int BLOB_BYTES = 5000;

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
    private final SteppedIndexes steps = new SteppedIndexes();
    private final BlobStore<String> store;

    CompactionRaceTest() throws IOException {
        store = open(directory);
    }

    private BlobStore<String> open(FaultyDirectory device) throws IOException {
        return CrashWorkload.open(
                new StoreEnvironment(
                        (path, create) -> device,
                        steps.around(HeapLocationIndexFactory.forgetting()),
                        name -> new CrashWorkload.Immediate()),
                CrashWorkload.Sizes.WHOLE);
    }

    private KeyHash hash(String key) {
        return StoreAccess.engine(store)
                .encoded(key.getBytes(StandardCharsets.UTF_8))
                .hash();
    }

    private static byte[] blob(int seed) {
        return TestStores.blob(BLOB_BYTES, seed);
    }

    private void put(String key, int seed) {
        try {
            store.put(key, blob(seed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void remove(String key) {
        try {
            store.remove(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Several files, half of each dead. */
    private void fill() throws IOException {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 40; i++) {
                store.put("key" + i, blob(100 * round + i));
                store.put("live" + round + "-" + i, blob(i));
            }
        }
    }

    private void requireEverythingElse() throws IOException {
        for (int i = 1; i < 40; i++) {
            assertThat(store.get("key" + i)).isEqualTo(blob(100 + i));
            assertThat(store.get("live0-" + i)).isEqualTo(blob(i));
            assertThat(store.get("live1-" + i)).isEqualTo(blob(i));
        }
        assertThat(store.verify().damage()).isEmpty();
    }

    /** The state that the directory says, without the process. */
    private byte[] afterKill(String key) throws IOException {
        BlobStore<String> again = open(
                new FaultyDirectory(directory.deviceAfter(directory.changes()).afterKill()));
        byte[] blob = again.get(key);
        StoreAccess.crash(again);
        return blob;
    }

    /** Whichever look-up of the key it comes after: that of the copy, or that of the commit. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void blobThatIsReplacedWhileItIsCompactedStaysReplaced(int lookUp) throws IOException {
        fill();
        KeyHash key = hash("live0-0");
        AtomicInteger lookUps = new AtomicInteger();
        steps.after((step, hash) -> {
            if (step.equals("get") && hash.equals(key) && lookUps.incrementAndGet() == lookUp) {
                put("live0-0", 77);
            }
        });

        store.compact();

        steps.after(null);
        assertThat(lookUps.get()).isGreaterThanOrEqualTo(lookUp);
        assertThat(store.get("live0-0")).isEqualTo(blob(77));
        requireEverythingElse();
        assertThat(afterKill("live0-0")).isEqualTo(blob(77));
        store.compact();
        assertThat(store.get("live0-0")).isEqualTo(blob(77));
        assertThat(afterKill("live0-0")).isEqualTo(blob(77));
        assertThat(store.stats().deadBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void keyThatIsRemovedWhileItIsCompactedStaysRemoved(int lookUp) throws IOException {
        fill();
        KeyHash key = hash("live0-0");
        AtomicInteger lookUps = new AtomicInteger();
        steps.after((step, hash) -> {
            if (step.equals("get") && hash.equals(key) && lookUps.incrementAndGet() == lookUp) {
                remove("live0-0");
            }
        });

        store.compact();

        steps.after(null);
        assertThat(store.get("live0-0")).isNull();
        requireEverythingElse();
        assertThat(afterKill("live0-0")).isNull();
        store.compact();
        store.compact();
        assertThat(store.get("live0-0")).isNull();
        assertThat(afterKill("live0-0")).isNull();
        assertThat(store.size()).isEqualTo(119);
    }

    @Test
    void keyThatIsRemovedAndPutAgainWhileItIsCompactedHasItsNewBlob() throws IOException {
        fill();
        KeyHash key = hash("live0-0");
        AtomicInteger lookUps = new AtomicInteger();
        steps.after((step, hash) -> {
            if (step.equals("get") && hash.equals(key) && lookUps.incrementAndGet() == 2) {
                remove("live0-0");
                put("live0-0", 78);
            }
        });

        store.compact();

        steps.after(null);
        assertThat(store.get("live0-0")).isEqualTo(blob(78));
        requireEverythingElse();
        assertThat(afterKill("live0-0")).isEqualTo(blob(78));
    }

    /**
     * Its record is in a file that is sealed and has nothing that the index points at, and it has not got to the index
     * yet.
     */
    @Test
    void compactionWaitsForAPutWhoseRecordIsNotInTheIndexYet() throws Exception {
        compactDuring("put", () -> put("slow", 5));

        assertThat(store.get("slow")).isEqualTo(blob(5));
        assertThat(store.verify().damage()).isEmpty();
        assertThat(afterKill("slow")).isEqualTo(blob(5));
    }

    @Test
    void compactionWaitsForAPutThatReplacesABlob() throws Exception {
        store.put("slow", blob(4));
        compactDuring("put", () -> put("slow", 5));

        assertThat(store.get("slow")).isEqualTo(blob(5));
        store.compact();
        assertThat(afterKill("slow")).isEqualTo(blob(5));
    }

    /** Its tombstone would be dropped, for the key is still there, and the blob copied. */
    @Test
    void compactionWaitsForARemovalWhoseTombstoneIsWritten() throws Exception {
        store.put("slow", blob(4));
        compactDuring("removeIfEqual", () -> remove("slow"));

        assertThat(store.get("slow")).isNull();
        assertThat(afterKill("slow")).isNull();
        store.compact();
        assertThat(store.verify().damage()).isEmpty();
        assertThat(afterKill("slow")).isNull();
    }

    /** Stops a writer at a step on its key, compacts in another thread until that waits or is done, and lets both go. */
    private void compactDuring(String stoppedAt, Runnable write) throws Exception {
        KeyHash key = hash("slow");
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        steps.before((step, hash) -> {
            if (step.equals(stoppedAt) && hash.equals(key) && released.getCount() > 0) {
                stopped.countDown();
                await(released);
            }
        });
        FutureTask<Void> writer = new FutureTask<>(write, null);
        new Thread(writer, "writer").start();
        stopped.await();
        store.put("other", blob(1));
        store.put("other", blob(2));
        FutureTask<Void> compaction = new FutureTask<>(() -> {
            store.compact();
            return null;
        });
        Thread compactor = new Thread(compaction, "compactor");
        compactor.start();
        while (!compaction.isDone() && !isWaitingForWriters(compactor)) {
            Thread.onSpinWait();
        }
        released.countDown();
        writer.get();
        compaction.get();
    }

    private static boolean isWaitingForWriters(Thread thread) {
        return thread.getState() == Thread.State.WAITING
                && Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(KeyLocks.class.getName()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
