package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.internal.recovery.FilesInParallel;
import org.blobarena.store.internal.recovery.Recovery;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Openings after a crash that have so much to read that several threads do it. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParallelRecoveryTest {

    private static final int KEYS = 300;

    @TempDir
    private Path directory;

    /** Each key has records in many files, sealed and unsealed, that are read at once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void newestRecordOfEachKeyCountsInWhateverOrderFilesAreRead(long seed) throws IOException {
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                HeapLocationIndexFactory.forgetting(),
                name -> new CrashWorkload.Never());
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, ByteBuffer> expected = new HashMap<>();
        BlobStore<String> store = StoreAccess.environment(TestStores.onHeap().arenaBytesMax(1 << 20), environment)
                .open(directory);
        for (long bytes = 0; bytes < 4 * Recovery.PARALLEL_FROM_BYTES; ) {
            String key = "key" + random.nextInt(KEYS);
            if (random.nextInt(4) == 0) {
                store.remove(key);
                expected.remove(key);
            } else {
                byte[] blob = TestStores.blob(random.nextInt(8000), random.nextInt());
                store.put(key, blob);
                expected.put(key, ByteBuffer.wrap(blob));
                bytes += blob.length;
            }
        }
        StoreAccess.crash(store);

        BlobStore<String> reopened =
                StoreAccess.environment(TestStores.onHeap(), environment).open(directory);
        assertThat(reopened.stats().opening().damage()).isEmpty();
        assertThat(TestStores.content(reopened)).isEqualTo(expected);
        assertThat(reopened.size()).isEqualTo(expected.size());
        StoreAccess.crash(reopened);
    }

    @Test
    void everyFileIsReadOnceAndBySeveralThreadsAtOnce() throws IOException {
        Set<Integer> read = ConcurrentHashMap.newKeySet();
        CountDownLatch together = new CountDownLatch(3);
        FilesInParallel.forEach(50, 3, file -> {
            assertThat(read.add(file)).isTrue();
            if (file < 3) {
                together.countDown();
                try {
                    together.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        });
        assertThat(read).hasSize(50);
    }

    @Test
    void failureOfAnyFileIsThatOfTheReading() {
        for (int failing = 0; failing < 10; failing++) {
            int bad = failing;
            assertThatThrownBy(() -> FilesInParallel.forEach(10, 3, file -> {
                        if (file == bad) {
                            throw new IOException("file " + file);
                        }
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("file " + bad);
        }
    }
}
