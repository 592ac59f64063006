package org.blobarena.store.internal.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.DurabilityTest;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writers that fill files faster than these are sealed: the thread that seals never runs, so they do it themselves. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnsealedFilesTest {

    private static final int BLOB_BYTES = 20_000;
    private static final int WRITERS = 8;

    private final FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());

    private BlobStore<String> open(CrashWorkload.Sizes sizes) throws IOException {
        return CrashWorkload.open(CrashWorkload.environment(directory, new CrashWorkload.Never()), sizes);
    }

    private static long unsealed(BlobStore<String> store) {
        return store.fileStats().stream().filter(file -> !file.sealed()).count();
    }

    @Test
    void writersThatOutrunSealingSealFilesThemselves() throws IOException {
        try (BlobStore<String> store = open(CrashWorkload.Sizes.WHOLE)) {
            for (int i = 0; i < 100; i++) {
                store.withDurability(TestStores.DURABILITIES.get(i % 3)).put("key" + i, TestStores.blob(BLOB_BYTES, i));
                assertThat(unsealed(store)).isLessThanOrEqualTo(UnsealedFiles.WAITING_MAX + 1);
            }
            assertThat(store.stats().arenaFiles()).isGreaterThan(30);
            for (int i = 0; i < 100; i++) {
                assertThat(store.get("key" + i)).isEqualTo(TestStores.blob(BLOB_BYTES, i));
            }
        }
    }

    /** No compaction gives back what is dead in a file that is not sealed. */
    @Test
    void filesOfDeadRecordsDoNotWaitInGreatNumbers() throws IOException {
        try (BlobStore<String> store = open(CrashWorkload.Sizes.WHOLE)) {
            for (int i = 0; i < 100; i++) {
                store.put("key", TestStores.blob(BLOB_BYTES, i));
                assertThat(unsealed(store)).isLessThanOrEqualTo(UnsealedFiles.WAITING_MIN + 1);
            }
        }
    }

    /** Which would be so if what is buffered of a file waited until that is sealed. */
    @Test
    void recordInTheNextFileSurvivesNoCrashThatTheOneBeforeItDoesNot() throws IOException {
        BlobStore<String> store = open(CrashWorkload.Sizes.WHOLE);
        int count = 20;
        for (int i = 0; i < count; i++) {
            store.withDurability(Durability.BUFFERED).put("before" + i, TestStores.blob(100, i));
            store.withDurability(Durability.WRITTEN).put("after" + i, TestStores.blob(BLOB_BYTES, i));
        }
        assertThat(store.stats().arenaFiles()).isGreaterThan(4);
        StoreAccess.crash(store);
        try (BlobStore<String> again = open(CrashWorkload.Sizes.WHOLE)) {
            for (int i = 0; i < count; i++) {
                assertThat(again.get("after" + i)).isEqualTo(TestStores.blob(BLOB_BYTES, i));
                assertThat(again.get("before" + i)).as("before" + i).isEqualTo(TestStores.blob(100, i));
            }
        }
    }

    @Test
    void streamsThatOutrunSealingSealFilesThemselves() throws IOException {
        try (BlobStore<String> store = open(CrashWorkload.Sizes.STREAMS)) {
            for (int i = 0; i < 100; i++) {
                store.put("key" + i, new ByteArrayInputStream(TestStores.blob(BLOB_BYTES, i)));
                // One is the next stream's, the others wait for being sealed.
                assertThat(unsealed(store)).isLessThanOrEqualTo(UnsealedFiles.WAITING_MAX + 1);
            }
            assertThat(store.stats().arenaFiles()).isGreaterThan(30);
        }
    }

    @Test
    void batchesThatOutrunSealingSealFilesThemselves() throws IOException {
        try (BlobStore<String> store = open(CrashWorkload.Sizes.WHOLE)) {
            for (int i = 0; i < 20; i++) {
                Map<String, byte[]> blobs = new TreeMap<>();
                for (int j = 0; j < 10; j++) {
                    blobs.put("key" + j, TestStores.blob(BLOB_BYTES, i + j));
                }
                store.putAll(blobs);
                assertThat(unsealed(store)).isLessThanOrEqualTo(UnsealedFiles.WAITING_MAX + 1);
            }
        }
    }

    @Test
    void noNumberOfThreadsOutrunsSealing() throws Exception {
        AtomicInteger most = new AtomicInteger();
        try (BlobStore<String> store = open(CrashWorkload.Sizes.WHOLE)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int t = 0; t < WRITERS; t++) {
                int thread = t;
                tasks.add(() -> {
                    for (int i = 0; i < 50; i++) {
                        store.put("key" + thread + "-" + i, TestStores.blob(BLOB_BYTES, i));
                        most.accumulateAndGet((int) unsealed(store), Math::max);
                    }
                    return null;
                });
            }
            DurabilityTest.inParallel(tasks);

            assertThat(store.size()).isEqualTo(WRITERS * 50);
            assertThat(store.verify().damage()).isEmpty();
        }
        assertThat(most.get()).isLessThanOrEqualTo(UnsealedFiles.WAITING_MAX + 1);
    }

    /** The next write of an index block, for which there is no space; then everything is as before. */
    @Test
    void putThatHasToWaitForFilesThatCannotBeSealedFailsAndWritesGoOnOnceTheyCan() throws IOException {
        try (BlobStore<String> store = open(CrashWorkload.Sizes.WHOLE)) {
            for (int i = 0; unsealed(store) <= UnsealedFiles.WAITING_MAX; i++) {
                store.put("key" + i, TestStores.blob(BLOB_BYTES, i));
            }
            store.force();
            directory.setFault((number, kind, bytes) -> {
                if (kind.equals("write")) {
                    throw new IOException("Too many open files");
                }
                return FaultyDirectory.Fault.CARRY_OUT;
            });
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
                for (int i = 0; i < 4; i++) {
                    store.put("more" + i, TestStores.blob(BLOB_BYTES, i));
                }
            });
            directory.setFault(null);

            for (int i = 0; i < 20; i++) {
                store.put("after" + i, TestStores.blob(BLOB_BYTES, i));
                assertThat(unsealed(store)).isLessThanOrEqualTo(UnsealedFiles.WAITING_MAX + 1);
            }
            assertThat(store.get("after0")).isEqualTo(TestStores.blob(BLOB_BYTES, 0));
            assertThat(store.verify().damage()).isEmpty();
        }
    }
}
