package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.blobarena.format.FileNames;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.BlockingDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A conditional write that meets another write of its key. The array of its blob changes while it waits for the key's lock,
 * which nobody else may do, and so shows when the blob was compressed.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConditionalWriteRaceTest {

    private static final String KEY = "key";
    private static final byte[] BEFORE = "before".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path temporary;

    private final byte[] blob = new byte[10_000];
    private BlockingDirectory directory;
    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        directory = new BlockingDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        store = TestStores.onHeap(directory).compression(Compression.ZSTD).open(temporary.resolve("store"));
        store.put(KEY, BEFORE);
    }

    @AfterEach
    void close() throws IOException {
        directory.releaseAll();
        store.close();
    }

    @Test
    void blobIsCompressedBeforeTheLockOfTheKeyIsTaken() throws Exception {
        byte[] expected = blob.clone();

        assertThat(raceAgainstPut("another blob", () -> store.replace(KEY, blob)))
                .isTrue();

        assertThat(store.get(KEY)).isEqualTo(expected);
    }

    @Test
    void blobOfAWriteThatLosesTheRaceIsNotCompressedAgain() throws Exception {
        byte[] expected = blob.clone();

        assertThat(raceAgainstPut("before", () -> store.replaceIfEqual(KEY, BEFORE, blob)))
                .isTrue();

        assertThat(store.get(KEY)).isEqualTo(expected);
    }

    private interface Write {

        boolean run() throws IOException;
    }

    /** Lets a write wait for the lock of the key, which a put holds, changes the blob, and lets both go on. */
    private boolean raceAgainstPut(String text, Write write) throws Exception {
        FutureTask<Boolean> put = new FutureTask<>(() -> {
            store.withDurability(Durability.FORCED).put(KEY, text.getBytes(StandardCharsets.UTF_8));
            return true;
        });
        FutureTask<Boolean> conditional = new FutureTask<>(write::run);
        Thread thread = new Thread(conditional);
        try (BlockingDirectory.Block force = directory.block(BlockingDirectory.Operation.FORCE, FileNames.arena(1))) {
            new Thread(put).start();
            force.awaitReached();
            thread.start();
            while (LockSupport.getBlocker(thread) == null || thread.getState() != Thread.State.WAITING) {
                assertThat(conditional.isDone()).as("the write is over").isFalse();
                Thread.onSpinWait();
            }
            Arrays.fill(blob, (byte) '#');
        }
        assertThat(put.get()).isTrue();
        return conditional.get();
    }
}
