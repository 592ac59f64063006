package org.blobarena.store.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.blobarena.format.FileNames;
import org.blobarena.index.KeyHash;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.KeyLocks;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Long blobs that are in memory: they are written as those of streams are, and hold up no other writer of their key. A thread
 * that waits ends in the timeout.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LongBlobsTest {

    private static final int STREAM_MEMORY = 1000;
    private static final String STREAM_FILE = FileNames.arena(2);
    private static final byte[] SHORT = TestStores.blob(50, 1);

    /** Of several blocks, which no compression makes shorter, so that each is written when it was tried. */
    private static final byte[] LONG = TestStores.blob(200_000, 2);

    @TempDir
    Path temporary;

    private BlockingDirectory directory;
    private BlobStore<String> store;

    /** With a file for streams that nobody uses now, so that what is written to it next is a long blob. */
    @BeforeEach
    void make() throws IOException {
        directory = new BlockingDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        open();
        store.put("short", SHORT);
        store.put("long", LONG);
        checkFiles();
    }

    private void open() throws IOException {
        store = StoreAccess.streamMemoryBytes(TestStores.onHeap(directory).arenaBytesMax(4 << 20), STREAM_MEMORY)
                .open(directory.path());
    }

    private void checkFiles() {
        assertThat(TestStores.arenas(directory.path()))
                .extracting(path -> path.getFileName().toString())
                .containsExactly(FileNames.arena(1), STREAM_FILE);
    }

    @AfterEach
    void close() throws IOException {
        directory.releaseAll();
        store.close();
    }

    @ParameterizedTest
    @EnumSource
    void putThatIsHeldUpHoldsUpNoOtherWriterOfItsKey(Compression compression) throws Exception {
        FutureTask<Void> put;
        try (Block block = directory.block(Operation.WRITE, STREAM_FILE)) {
            put = start(() -> store.withCompression(compression).put("key", LONG));
            block.awaitReached();
            checkOthersWrite("key");
            assertThat(put.isDone()).isFalse();
        }
        put.get();
        assertThat(store.get("key")).isEqualTo(LONG);
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void putOfABufferThatIsHeldUpHoldsUpNoOtherWriterOfItsKey() throws Exception {
        ByteBuffer blob = ByteBuffer.wrap(LONG);
        FutureTask<Void> put;
        try (Block block = directory.block(Operation.WRITE, STREAM_FILE)) {
            put = start(() -> store.put("key", blob));
            block.awaitReached();
            checkOthersWrite("key");
            assertThat(put.isDone()).isFalse();
        }
        put.get();
        assertThat(blob.remaining()).isZero();
        assertThat(store.get("key")).isEqualTo(LONG);
    }

    @Test
    void forceThatIsHeldUpHoldsUpNoOtherWriterOfItsKey() throws Exception {
        FutureTask<Void> put;
        try (Block block = directory.block(Operation.FORCE, STREAM_FILE)) {
            put = start(() -> store.withDurability(Durability.FORCED).put("key", LONG));
            block.awaitReached();
            checkOthersWrite("key");
            assertThat(put.isDone()).isFalse();
        }
        put.get();
        assertThat(store.get("key")).isEqualTo(LONG);
    }

    @Test
    void putIfAbsentThatIsOvertakenStoresNothing() throws Exception {
        FutureTask<Boolean> put;
        try (Block block = directory.block(Operation.WRITE, STREAM_FILE)) {
            put = call(() -> store.putIfAbsent("key", LONG));
            block.awaitReached();
            checkOthersWrite("key");
            assertThat(store.putIfAbsent("key", SHORT)).isTrue();
        }
        assertThat(put.get()).isFalse();
        assertThat(store.get("key")).isEqualTo(SHORT);
        store.put("next", LONG);
        checkFiles();
        StoreAccess.crash(store);
        open();
        assertThat(store.stats().opening().damage()).isEmpty();
        assertThat(store.get("key")).isEqualTo(SHORT);
        assertThat(store.get("next")).isEqualTo(LONG);
    }

    @Test
    void replaceOfAKeyThatIsRemovedMeanwhileStoresNothing() throws Exception {
        store.put("key", SHORT);
        FutureTask<Boolean> replace;
        try (Block block = directory.block(Operation.WRITE, STREAM_FILE)) {
            replace = call(() -> store.replace("key", LONG));
            block.awaitReached();
            assertThat(store.remove("key")).isTrue();
        }
        assertThat(replace.get()).isFalse();
        assertThat(store.contains("key")).isFalse();
    }

    @Test
    void putIfAbsentOfAKeyThatIsPresentWritesNothing() throws IOException {
        Map<String, byte[]> before = TestStores.files(directory.path());

        assertThat(store.putIfAbsent("short", LONG)).isFalse();
        assertThat(store.putIfAbsent("short", ByteBuffer.wrap(LONG))).isFalse();
        assertThat(store.replace("absent", LONG)).isFalse();

        assertThat(TestStores.files(directory.path())).containsExactlyEntriesOf(before);
    }

    @Test
    void batchStoresLongBlobsOneByOneAndInItsOrder() throws Exception {
        Map<String, byte[]> batch = new LinkedHashMap<>();
        batch.put("first", SHORT);
        batch.put("key", LONG);
        batch.put("last", SHORT);
        FutureTask<Void> put;
        try (Block block = directory.block(Operation.WRITE, STREAM_FILE)) {
            put = start(() -> store.putAll(batch));
            block.awaitReached();
            assertThat(store.get("first")).isEqualTo(SHORT);
            assertThat(store.contains("last")).isFalse();
            checkOthersWrite("key");
        }
        put.get();
        assertThat(store.get("key")).isEqualTo(LONG);
        assertThat(store.get("last")).isEqualTo(SHORT);
        StoreAccess.crash(store);
        open();
        assertThat(store.get("key")).isEqualTo(LONG);
        assertThat(store.get("last")).isEqualTo(SHORT);
    }

    /** Puts and removes a key, and another of the same lock. */
    private void checkOthersWrite(String key) throws IOException {
        for (String own : new String[] {key, keyOfLock(key)}) {
            store.put(own, SHORT);
            assertThat(store.get(own)).isEqualTo(SHORT);
            assertThat(store.remove(own)).isTrue();
        }
    }

    private String keyOfLock(String key) {
        int lock = lockOf(key);
        int i = 0;
        while (lockOf("key" + i) != lock) {
            i++;
        }
        return "key" + i;
    }

    private int lockOf(String key) {
        KeyHash hash =
                StoreAccess.engine(store).encoded(KeyCodec.utf8().encode(key)).hash();
        return KeyLocks.stripeOf(hash);
    }

    @FunctionalInterface
    private interface Action {

        void run() throws Exception;
    }

    private static FutureTask<Void> start(Action action) {
        return call(() -> {
            action.run();
            return null;
        });
    }

    private static <T> FutureTask<T> call(Callable<T> action) {
        FutureTask<T> task = new FutureTask<>(action);
        new Thread(task).start();
        return task;
    }
}
