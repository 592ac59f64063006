package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.blobarena.format.FileNames;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Durability;
import org.blobarena.store.internal.recovery.StoreDirectory;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.BlockingDirectory;
import org.blobarena.store.testing.BlockingDirectory.Block;
import org.blobarena.store.testing.BlockingDirectory.Operation;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One thread's I/O is held up; whoever does not need its outcome goes on. A thread that waits ends in the timeout. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReaderIndependenceTest {

    private static final int BUFFER_BYTES = 4096;
    private static final int LARGE = 10_000;
    private static final String FIRST_FILE = FileNames.arena(1);
    private static final byte[] OLD = TestStores.blob(50, 1);
    private static final byte[] NEW = TestStores.blob(60, 2);

    @TempDir
    Path temporary;

    private BlockingDirectory directory;
    private BlobStore<String> store;

    /** With a hash seed that is always the same, so that no two of these keys share a lock. */
    @BeforeEach
    void open() throws IOException {
        directory = new BlockingDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        StoreDirectory.writeIdentity(directory, new StoreIdentity(new UUID(1, 2), 3));
        store = TestStores.onHeap(directory).bufferBytes(BUFFER_BYTES).open(directory.path());
        store.put("key", OLD);
        store.put("other", OLD);
    }

    @AfterEach
    void close() throws IOException {
        directory.releaseAll();
        store.close();
    }

    @Test
    void writeThatIsHeldUpHoldsUpNobodyButItsOwnCaller() throws Exception {
        FutureTask<Void> put;
        try (Block block = directory.block(Operation.WRITE, FIRST_FILE)) {
            put = start(() -> store.put("key", NEW));
            block.awaitReached();
            checkReadsGoOn();
            checkBufferedPutsGoOnUntilTheBufferIsFull();
            assertThat(put.isDone()).isFalse();
        }
        put.get();
        assertThat(store.get("key")).isEqualTo(NEW);
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void writeOfABlobLargerThanTheBufferHoldsUpNoReader() throws Exception {
        FutureTask<Void> put;
        try (Block block = directory.block(Operation.WRITE, FIRST_FILE)) {
            put = start(() -> store.put("key", TestStores.blob(LARGE, 3)));
            block.awaitReached();
            checkReadsGoOn();
            assertThat(put.isDone()).isFalse();
        }
        put.get();
        assertThat(store.get("key")).hasSize(LARGE);
    }

    @Test
    void forceThatIsHeldUpHoldsUpNobodyButThoseWhoWantOne() throws Exception {
        FutureTask<Void> put;
        FutureTask<Void> force;
        try (Block block = directory.block(Operation.FORCE, FIRST_FILE)) {
            put = start(() -> store.withDurability(Durability.FORCED).put("key", NEW));
            block.awaitReached();
            force = start(store::force);
            checkReadsGoOn();
            checkWrittenPutsGoOn();
            store.put("large", TestStores.blob(LARGE, 3));
            assertThat(store.get("large")).hasSize(LARGE);
            assertThat(put.isDone()).isFalse();
            assertThat(force.isDone()).isFalse();
        }
        put.get();
        force.get();
        assertThat(store.get("key")).isEqualTo(NEW);
    }

    @Test
    void readThatIsHeldUpHoldsUpNobodyButItsOwnCaller() throws Exception {
        FutureTask<Void> get;
        try (Block block = directory.block(Operation.READ, FIRST_FILE)) {
            get = start(() -> assertThat(store.get("key")).isEqualTo(OLD));
            block.awaitReached();
            checkReadsGoOn();
            checkWrittenPutsGoOn();
            roll();
            store.force();
            assertThat(get.isDone()).isFalse();
        }
        get.get();
    }

    @Test
    void openingOfAFileThatIsHeldUpHoldsUpNoReaderOfOthersAndNoWriter() throws Exception {
        store.close();
        store = TestStores.onHeap(directory).bufferBytes(BUFFER_BYTES).open(directory.path());
        roll();
        FutureTask<Void> get;
        try (Block block = directory.block(Operation.OPEN_READ, FIRST_FILE)) {
            get = start(() -> assertThat(store.get("key")).isEqualTo(OLD));
            block.awaitReached();
            assertThat(store.contains("key")).isTrue();
            assertThat(store.get("filling39")).hasSize(3000);
            checkWrittenPutsGoOn();
            assertThat(store.stats().arenaFiles()).isGreaterThan(1);
            assertThat(get.isDone()).isFalse();
        }
        get.get();
    }

    @Test
    void rollThatIsHeldUpHoldsUpNoReader() throws Exception {
        FutureTask<Void> roll;
        try (Block block = directory.block(Operation.CREATE, FileNames.arena(2))) {
            roll = start(this::roll);
            block.awaitReached();
            checkReadsGoOn();
            assertThat(store.get("filling0")).hasSize(3000);
            assertThat(roll.isDone()).isFalse();
        }
        roll.get();
        assertThat(store.get("filling39")).hasSize(3000);
    }

    @Test
    void sealThatIsHeldUpInTheBackgroundHoldsUpNobody() throws Exception {
        try (Block block = directory.block(Operation.FORCE, FIRST_FILE)) {
            roll();
            block.awaitReached();
            checkReadsGoOn();
            checkWrittenPutsGoOn();
            store.withDurability(Durability.FORCED).put("forced", OLD);
            roll();
            assertThat(store.get("forced")).isEqualTo(OLD);
            assertThat(TestStores.content(store)).containsKeys("key", "other", "forced");
        }
    }

    @Test
    void verifyThatIsHeldUpHoldsUpNoReader() throws Exception {
        FutureTask<Void> verify;
        try (Block block = directory.block(Operation.READ, FIRST_FILE)) {
            verify = start(() -> assertThat(store.verify().damage()).isEmpty());
            block.awaitReached();
            checkReadsGoOn();
            assertThat(verify.isDone()).isFalse();
        }
        verify.get();
    }

    @Test
    void visitThatIsHeldUpHoldsUpNobodyButItsOwnCaller() throws Exception {
        FutureTask<Void> visit;
        try (Block block = directory.block(Operation.READ, FIRST_FILE)) {
            visit = start(() -> store.forEach((key, blob) -> assertThat(blob).isNotEmpty()));
            block.awaitReached();
            checkReadsGoOn();
            checkWrittenPutsGoOn();
            assertThat(store.remove("other")).isTrue();
            assertThat(store.verify().damage()).isEmpty();
            assertThat(visit.isDone()).isFalse();
        }
        visit.get();
    }

    private void checkReadsGoOn() throws IOException {
        assertThat(store.get("key")).isEqualTo(OLD);
        assertThat(store.get("other")).isEqualTo(OLD);
        assertThat(store.get("absent")).isNull();
        assertThat(store.get("key", ByteBuffer.allocate(OLD.length))).hasValue(OLD.length);
        try (Stream<String> keys = store.keys()) {
            assertThat(keys).contains("key", "other");
        }
        assertThat(store.contains("key")).isTrue();
        assertThat(store.sizeOf("key")).hasValue(OLD.length);
        assertThat(store.size()).isGreaterThanOrEqualTo(2);
        assertThat(store.stats().keys()).isGreaterThanOrEqualTo(2);
        assertThat(TestStores.content(store)).containsKeys("key", "other");
    }

    /** One buffer is on its way to the file, so there is one more. */
    private void checkBufferedPutsGoOnUntilTheBufferIsFull() throws IOException {
        for (int i = 0; i < BUFFER_BYTES / 128; i++) {
            store.withDurability(Durability.BUFFERED).put(String.format("buffered%02d", i), new byte[128 - 32 - 10]);
        }
        for (int i = 0; i < BUFFER_BYTES / 128; i++) {
            assertThat(store.get(String.format("buffered%02d", i))).hasSize(128 - 32 - 10);
        }
    }

    private void checkWrittenPutsGoOn() throws IOException {
        store.put("written", NEW);
        assertThat(store.get("written")).isEqualTo(NEW);
        assertThat(store.putIfAbsent("written", OLD)).isFalse();
        assertThat(store.remove("written")).isTrue();
    }

    /** Puts more than a file takes. */
    private void roll() throws IOException {
        for (int i = 0; i < 40; i++) {
            store.put("filling" + i, TestStores.blob(3000, i));
        }
    }

    private static FutureTask<Void> start(Action action) {
        FutureTask<Void> task = new FutureTask<>((Callable<Void>) () -> {
            action.run();
            return null;
        });
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    @FunctionalInterface
    private interface Action {

        void run() throws Exception;
    }
}
