package org.blobarena.store.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.io.FileUtils;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;
import org.blobarena.arena.internal.io.SimulatedDevice;
import org.blobarena.format.FileNames;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.BlockingDirectory;
import org.blobarena.store.testing.BlockingDirectory.Block;
import org.blobarena.store.testing.BlockingDirectory.Operation;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.upkeep.Pace;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that are copies, and become later ones in their directories. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SnapshotUpdateTest {

    private static final Path COPY = Path.of("copy");

    @TempDir
    Path temporary;

    /** What {@link #COPY} is. */
    private final AtomicReference<Directory> copy = new AtomicReference<>();

    private BlobStore<String> openOn(Directory original) throws IOException {
        return StoreAccess.environment(
                        TestStores.onHeap(),
                        new StoreEnvironment(
                                (path, create) -> path.equals(COPY) ? copy.get() : original,
                                HeapLocationIndexFactory.forgetting(),
                                name -> new CrashWorkload.Immediate()))
                .open(Path.of("original"));
    }

    private BlobStore<String> openAndFill() throws IOException {
        BlobStore<String> store = openOn(new FaultyDirectory(DiskImage.empty()));
        fill(store, 0, 300);
        return store;
    }

    private static Map<String, ByteBuffer> fill(BlobStore<String> store, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            store.put("key" + i % 200, TestStores.blob(1000, i));
        }
        return TestStores.content(store);
    }

    private static Map<String, ByteBuffer> content(Directory directory) throws IOException {
        try (BlobStore<String> store =
                TestStores.onHeap(directory).createIfMissing(false).open(COPY)) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.verify().damage()).isEmpty();
            return TestStores.content(store);
        }
    }

    /** What the device has if its process dies now. */
    private static FaultyDirectory left(FaultyDirectory device) {
        return new FaultyDirectory(device.deviceAfter(device.changes()).afterKill());
    }

    // ---- crashes

    /**
     * The process dies, or the power fails, at every change that an update makes: what is left is the earlier snapshot, the later
     * one, or no store; and the next update makes it the later one. Keys that were removed in between do not come back.
     */
    @Test
    void crashInAnUpdateLeavesTheEarlierSnapshotOrTheLaterOneOrNone() throws IOException {
        FaultyDirectory device = new FaultyDirectory(DiskImage.empty());
        copy.set(device);
        try (BlobStore<String> store = openAndFill()) {
            store.snapshot(COPY);
            int first = device.changes();
            Map<String, ByteBuffer> earlier = TestStores.content(store);
            for (int i = 0; i < 200; i += 3) {
                store.remove("key" + i);
            }
            store.compact();
            fill(store, 301, 330);
            store.compact();
            Map<String, ByteBuffer> later = TestStores.content(store);
            store.updateSnapshot(COPY, Pace.unlimited());
            int[] found = new int[3];
            SplittableRandom random = new SplittableRandom(1);
            for (int changes = first; changes <= device.changes(); changes++) {
                for (DiskImage image : images(device.deviceAfter(changes), random)) {
                    try {
                        Map<String, ByteBuffer> content = content(new FaultyDirectory(image));
                        assertThat(content).isIn(earlier, later);
                        found[content.equals(earlier) ? 0 : 1]++;
                    } catch (NotAStoreException e) {
                        found[2]++;
                    }
                }
                DiskImage image = device.deviceAfter(changes).afterPowerLoss(random);
                FaultyDirectory left = new FaultyDirectory(image);
                copy.set(left);
                store.updateSnapshot(COPY, Pace.unlimited());
                assertThat(content(left)).isEqualTo(later);
            }
            assertThat(found).doesNotContain(0);
            assertThat(content(left(device))).isEqualTo(later);
        }
    }

    private static List<DiskImage> images(SimulatedDevice device, SplittableRandom random) {
        List<DiskImage> images = new ArrayList<>(List.of(device.afterKill(), device.afterPowerLoss()));
        for (int i = 0; i < 10; i++) {
            images.add(device.afterPowerLoss(random));
        }
        return images;
    }

    // ---- what is copied

    @Test
    void updateCopiesNewFilesOnlyAndDeletesWhatIsNotNeeded() throws IOException {
        FaultyDirectory device = new FaultyDirectory(DiskImage.empty());
        copy.set(device);
        AtomicLong total = new AtomicLong();
        Pace told = Pace.unlimited().withProgress((done, bytes) -> total.set(bytes));
        try (BlobStore<String> store = openAndFill()) {
            store.updateSnapshot(COPY, told);
            long whole = total.get();
            assertThat(whole).isGreaterThan(300_000);
            store.updateSnapshot(COPY, told);
            assertThat(total.get()).isZero();
            Map<String, ByteBuffer> then = fill(store, 300, 310);
            store.updateSnapshot(COPY, told);
            assertThat(total.get()).isBetween(10_000L, 20_000L);
            assertThat(content(left(device))).isEqualTo(then);
            fill(store, 310, 600);
            store.compact();
            store.updateSnapshot(COPY, told);
            assertThat(device.list().stream().filter(name -> name.endsWith(".arena")))
                    .hasSameSizeAs(store.fileStats());
        }
    }

    @Test
    void copyThatIsReadBackDifferentlyFailsTheSnapshotAndLeavesNone() throws IOException {
        FaultyDirectory device = new FaultyDirectory(DiskImage.empty());
        copy.set(new LyingDirectory(device));
        try (BlobStore<String> store = openAndFill()) {
            assertThatIOException()
                    .isThrownBy(() -> store.snapshot(COPY))
                    .withMessageContaining("is not what was written: expected checksum");
            assertThat(device.list()).isEmpty();
            copy.set(device);
            store.snapshot(COPY);
            List<String> before = device.list();
            fill(store, 300, 350);
            copy.set(new LyingDirectory(device));
            assertThatIOException().isThrownBy(() -> store.updateSnapshot(COPY, Pace.unlimited()));
            assertThat(device.list()).hasSameElementsAs(before);
        }
    }

    /** Has lost a bit of every copy. */
    private static final class LyingDirectory extends ForwardingDirectory {

        LyingDirectory(Directory delegate) {
            super(delegate);
        }

        @Override
        public FileHandle openRead(String name) throws IOException {
            if (!FileNames.isArenaUnfinished(name)) {
                return super.openRead(name);
            }
            return new ForwardingFileHandle(super.openRead(name)) {
                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    int count = super.read(target, position);
                    target.put(0, (byte) (target.get(0) ^ 1));
                    return count;
                }
            };
        }
    }

    @Test
    void interruptEndsAnUpdateAndLeavesTheEarlierSnapshot() throws IOException {
        FaultyDirectory device = new FaultyDirectory(DiskImage.empty());
        copy.set(device);
        try (BlobStore<String> store = openAndFill()) {
            store.snapshot(COPY);
            Map<String, ByteBuffer> earlier = TestStores.content(store);
            List<String> before = device.list();
            fill(store, 400, 600);
            Pace pace = Pace.unlimited().withProgress((done, total) -> {
                if (done > total / 2) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(() -> store.updateSnapshot(COPY, pace));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(device.list()).hasSameElementsAs(before);
            assertThat(content(left(device))).isEqualTo(earlier);
        }
    }

    @Test
    void writesAndCompactionsGoOnWhileACopyIsHeldUp() throws Exception {
        FaultyDirectory device = new FaultyDirectory(DiskImage.empty());
        BlockingDirectory blocking = new BlockingDirectory(device);
        copy.set(blocking);
        try (BlobStore<String> store = openAndFill()) {
            Map<String, ByteBuffer> then = TestStores.content(store);
            FutureTask<Void> snapshot;
            try (Block block = blocking.block(Operation.CREATE, "00000001.arena.tmp")) {
                snapshot = new FutureTask<>(() -> {
                    store.snapshot(COPY);
                    return null;
                });
                new Thread(snapshot).start();
                block.awaitReached();
                fill(store, 1000, 1300);
                store.remove("key1");
                store.compact();
                assertThat(snapshot.isDone()).isFalse();
            }
            snapshot.get();
            assertThat(content(left(device))).isEqualTo(then);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    // ---- what is not mixed

    @Test
    void snapshotOfAnotherStoreOrOneThatWasOpenedOrForeignFilesAreRefusedAndLeftAlone() throws IOException {
        try (BlobStore<String> store = TestStores.onHeap().open(temporary.resolve("store"));
                BlobStore<String> other = TestStores.onHeap().open(temporary.resolve("other"))) {
            fill(store, 0, 100);
            fill(other, 0, 100);
            other.snapshot(temporary.resolve("ofOther"));
            requireRefused(store, "ofOther", ForeignFileException.class, "expected a snapshot of store");
            Files.delete(temporary.resolve("ofOther").resolve("STORE"));
            requireRefused(store, "ofOther", ForeignFileException.class, "is none of this store");
            store.snapshot(temporary.resolve("opened"));
            TestStores.onHeap().open(temporary.resolve("opened")).close();
            requireRefused(store, "opened", FileAlreadyExistsException.class, "was opened as a store");
            Files.writeString(
                    Files.createDirectory(temporary.resolve("somebody's")).resolve("file"), "x");
            requireRefused(store, "somebody's", FileAlreadyExistsException.class, "this one has file");
        }
    }

    private void requireRefused(BlobStore<String> store, String name, Class<? extends IOException> type, String message)
            throws IOException {
        Path directory = temporary.resolve(name);
        Map<String, byte[]> before = TestStores.files(directory);
        assertThatExceptionOfType(type)
                .isThrownBy(() -> store.updateSnapshot(directory, Pace.unlimited()))
                .withMessageContaining(message);
        assertThat(TestStores.files(directory)).containsExactlyEntriesOf(before);
    }

    /** Two stores that have gone on from one snapshot have files of the same ids that are not the same. */
    @Test
    void fileOfTheSameIdAndLengthWithOtherBytesIsCopied() throws IOException {
        Path one = temporary.resolve("one");
        Path two = temporary.resolve("two");
        Path target = temporary.resolve("target");
        try (BlobStore<String> store = TestStores.onHeap().open(one)) {
            fill(store, 0, 100);
            store.snapshot(two);
        }
        try (BlobStore<String> store = TestStores.onHeap().open(one)) {
            store.put("key", new byte[] {1});
            store.snapshot(target);
        }
        try (BlobStore<String> store = TestStores.onHeap().open(two)) {
            store.put("key", new byte[] {2});
            store.updateSnapshot(target, Pace.unlimited());
        }
        try (BlobStore<String> store = TestStores.onHeap().open(target)) {
            assertThat(store.get("key")).containsExactly(2);
        }
    }

    // ---- over the border of a file system

    @Test
    void snapshotOnAnotherFileSystemIsACopyAndComesBack() throws IOException {
        Path memory = Path.of("/dev/shm");
        Assumptions.assumeTrue(
                Files.isWritable(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(temporary)),
                "no other file system here");
        Path elsewhere = Files.createTempDirectory(memory, "blobarena-test-");
        try {
            Path snapshot = elsewhere.resolve("snapshot");
            Map<String, ByteBuffer> then;
            try (BlobStore<String> store = TestStores.onHeap().open(temporary.resolve("store"))) {
                fill(store, 0, 300);
                store.snapshot(snapshot);
                then = fill(store, 300, 400);
                store.updateSnapshot(snapshot, Pace.unlimited());
            }
            BlobStore.restore(snapshot, temporary.resolve("restored"), Pace.unlimited());
            try (BlobStore<String> store = TestStores.onHeap().open(temporary.resolve("restored"))) {
                assertThat(TestStores.content(store)).isEqualTo(then);
            }
            assertThat(content(StoreOpener.openDirectory(snapshot, false))).isEqualTo(then);
        } finally {
            FileUtils.deleteDirectory(elsewhere.toFile());
        }
    }
}
