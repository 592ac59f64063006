package org.blobarena.store.internal.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files that streams are written to, and records of several blocks, in compactions, snapshots and repairs. */
class StreamedFilesTest {

    private static final int MEMORY = 1000;
    private static final int BLOCK = 64 * 1024;
    private static final int STREAMS = 10;

    @TempDir
    Path temporary;

    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        store = open("store");
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private BlobStore<String> open(String name) throws IOException {
        return StoreAccess.streamMemoryBytes(TestStores.onHeap().arenaBytesMax(4 << 20), MEMORY)
                .open(temporary.resolve(name));
    }

    private void stream(String key, int length, long seed) throws IOException {
        try (BlobOutputStream out = store.newOutputStream(key)) {
            out.write(TestStores.blob(length, seed));
            out.commit();
        }
    }

    @Test
    void compactionGivesBackWhatStreamsReplacedAndKeepsTheRest() throws IOException {
        for (int i = 0; i < 12; i++) {
            stream("key" + i % 3, 2 * BLOCK + i, i);
        }
        stream("short", 5 * MEMORY, 77);
        Map<String, ByteBuffer> content = TestStores.content(store);
        long before = store.stats().arenaBytes();

        store.compact();

        assertThat(store.stats().arenaBytes()).isLessThan(before / 2);
        assertThat(store.stats().deadBytes()).isZero();
        assertThat(TestStores.content(store)).isEqualTo(content);
        assertThat(store.verify().damage()).isEmpty();
        StoreAccess.crash(store);
        open();
        assertThat(store.stats().opening().damage()).isEmpty();
        assertThat(TestStores.content(store)).isEqualTo(content);
    }

    @Test
    void compactionLeavesAStreamThatIsBeingWrittenAlone() throws IOException {
        stream("before", 2 * BLOCK, 1);
        BlobOutputStream out = store.newOutputStream("key");
        out.write(TestStores.blob(3 * BLOCK, 2));
        store.put("key", new byte[1]);
        store.remove("before");

        store.compact();
        assertThat(store.get("key")).containsExactly(0);
        out.commit();

        assertThat(store.get("key")).isEqualTo(TestStores.blob(3 * BLOCK, 2));
        store.compact();
        assertThat(store.get("key")).isEqualTo(TestStores.blob(3 * BLOCK, 2));
        assertThat(store.stats().deadBytes()).isZero();
        StoreAccess.crash(store);
        open();
        assertThat(store.get("key")).isEqualTo(TestStores.blob(3 * BLOCK, 2));
        assertThat(store.contains("before")).isFalse();
    }

    /** Also when the same file takes more blobs, and is sealed, before the snapshot is looked at. */
    @Test
    void snapshotHasWhatIsPublishedAndNothingOfAStreamThatIsBeingWritten() throws IOException {
        stream("published", 2 * BLOCK, 1);
        BlobOutputStream out = store.newOutputStream("later");
        out.write(TestStores.blob(3 * BLOCK, 2));
        Map<String, ByteBuffer> then = TestStores.content(store);

        store.snapshot(temporary.resolve("snapshot"));
        out.commit();
        stream("published", 3 * BLOCK, 3);

        try (BlobStore<String> snapshot = open("snapshot")) {
            assertThat(snapshot.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(snapshot)).isEqualTo(then).containsOnlyKeys("published");
            assertThat(snapshot.verify().damage()).isEmpty();
        }
        assertThat(store.get("later")).isEqualTo(TestStores.blob(3 * BLOCK, 2));
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void damagedBlockKeepsItsFileFromBeingCompactedAndIsRepaired() throws IOException {
        stream("good", 2 * BLOCK, 1);
        stream("bad", 3 * BLOCK, 2);
        stream("dead", 4 * BLOCK, 3);
        store.remove("dead");
        store.close();
        flipInBadBlob();
        open();

        store.compact();

        assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get("bad"));
        assertThat(store.get("good")).isEqualTo(TestStores.blob(2 * BLOCK, 1));
        assertThat(store.verify().damageCount()).isEqualTo(1);
        store.close();
        RepairReport report = BlobStore.repair(temporary.resolve("store"));
        assertThat(report.losses()).hasSize(1);
        open();
        assertThat(store.stats().opening().damage()).isEmpty();
        assertThat(store.verify().damage()).isEmpty();
        assertThat(TestStores.content(store)).isEqualTo(Map.of("good", ByteBuffer.wrap(TestStores.blob(2 * BLOCK, 1))));
    }

    @Test
    void blockThatCannotBeReadKeepsItsFileAloneFromBeingCompacted() throws IOException {
        store.close();
        FailingDirectory device = new FailingDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        store = StoreAccess.streamMemoryBytes(TestStores.onHeap(device).arenaBytesMax(4 << 20), MEMORY)
                .open(device.path());
        stream("bad", 10 * BLOCK, 1);
        stream("dead", 10 * BLOCK, 2);
        store.compact();
        device.setUnreadable(
                TestStores.arenas(device.path()).get(0).getFileName().toString());
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> store.get("bad"));
        store.remove("dead");
        for (int i = 0; i < 3; i++) {
            stream("good", 10 * BLOCK, 10 + i);
        }

        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> store.compact())
                    .withMessageContaining("cannot be read");
        }

        assertThat(store.stats().deadBytes()).isBetween(9L * BLOCK, 11L * BLOCK);
        assertThat(store.get("good")).isEqualTo(TestStores.blob(10 * BLOCK, 12));
        device.setUnreadable("");
        assertThat(store.get("bad")).isEqualTo(TestStores.blob(10 * BLOCK, 1));
        store.compact();
        assertThat(store.stats().deadBytes()).isLessThan(BLOCK);
    }

    @Test
    @Timeout(60)
    void tenStreamsThatWaitForTheDeviceHoldUpNeitherSmallPutsNorForces() throws Exception {
        store.close();
        FailingDirectory device = new FailingDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        store = StoreAccess.streamMemoryBytes(TestStores.onHeap(device), MEMORY).open(device.path());
        CountDownLatch waiting = new CountDownLatch(STREAMS);
        CountDownLatch go = new CountDownLatch(1);
        ThreadLocal<Integer> writes = ThreadLocal.withInitial(() -> 0);
        device.setBeforeWrite(() -> {
            // The first write of a stream's thread is the header of its file.
            boolean ofStream = Thread.currentThread().getName().startsWith("stream");
            if (ofStream && writes.get() == 1) {
                waiting.countDown();
                await(go);
            }
            writes.set(writes.get() + 1);
        });
        List<FutureTask<Void>> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            int number = i;
            FutureTask<Void> task = new FutureTask<>(() -> {
                stream("stream" + number, BLOCK / 2, number);
                return null;
            });
            streams.add(task);
            new Thread(task, "stream " + number).start();
        }
        waiting.await();

        for (int i = 0; i < 60; i++) {
            store.withDurability(TestStores.DURABILITIES.get(i % 3)).put("small" + i, TestStores.blob(100, i));
            assertThat(store.get("small" + i)).isEqualTo(TestStores.blob(100, i));
        }
        store.force();

        assertThat(store.size()).isEqualTo(60);
        go.countDown();
        for (FutureTask<Void> task : streams) {
            task.get();
        }
        for (int i = 0; i < STREAMS; i++) {
            assertThat(store.get("stream" + i)).isEqualTo(TestStores.blob(BLOCK / 2, i));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Flips a byte in the middle of a blob, wherever it stands. */
    private void flipInBadBlob() throws IOException {
        byte[] wanted = TestStores.blob(3 * BLOCK, 2);
        ByteBuffer part = ByteBuffer.wrap(wanted, BLOCK + 100, 64).slice();
        for (Path file : TestStores.arenas(temporary.resolve("store"))) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                ByteBuffer content = ByteBuffer.allocate((int) channel.size());
                channel.read(content, 0);
                for (int at = 0; at + part.capacity() <= content.capacity(); at++) {
                    if (content.slice(at, part.capacity()).equals(part)) {
                        channel.write(ByteBuffer.wrap(new byte[] {(byte) ~content.get(at)}), at);
                        return;
                    }
                }
            }
        }
        throw new AssertionError("the blob was not found");
    }
}
