package org.blobarena.store.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.format.Checksums;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.internal.write.Pacer;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.upkeep.Pace;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestorationTest {

    @TempDir
    Path temporary;

    private Path snapshot;
    private Path target;
    private Map<String, ByteBuffer> then;

    @BeforeEach
    void makeSnapshot() throws IOException {
        snapshot = temporary.resolve("snapshot");
        target = temporary.resolve("target");
        try (BlobStore<String> store = TestStores.onHeap().open(temporary.resolve("store"))) {
            for (int i = 0; i < 200; i++) {
                store.put("key" + i % 70, TestStores.blob(1000, i));
            }
            then = TestStores.content(store);
            store.snapshot(snapshot);
        }
    }

    @Test
    void restoredStoreHasAllAndGoesItsOwnWay() throws IOException {
        Map<String, byte[]> before = TestStores.files(snapshot);
        BlobStore.restore(snapshot, target, Pace.unlimited());
        try (BlobStore<String> store = TestStores.onHeap().open(target)) {
            assertThat(TestStores.content(store)).isEqualTo(then);
            assertThat(store.stats().opening().damage()).isEmpty();
            store.put("key1", new byte[1]);
            store.compact();
            assertThat(store.verify().damage()).isEmpty();
        }
        assertThat(TestStores.files(snapshot)).containsExactlyEntriesOf(before);
    }

    @Test
    void targetThatIsNotEmptyIsRefusedAndLeftAlone() throws IOException {
        BlobStore.restore(snapshot, target, Pace.unlimited());
        Map<String, byte[]> before = TestStores.files(target);
        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> BlobStore.restore(snapshot, target, Pace.unlimited()))
                .withMessageContaining("needs an empty directory");
        assertThat(TestStores.files(target)).containsExactlyEntriesOf(before);
    }

    @Test
    void snapshotThatIsNotCompleteOrWasOpenedOrHasAForeignFileIsRefused() throws IOException {
        Path incomplete = TestStores.copy(snapshot, temporary.resolve("incomplete"));
        Files.delete(incomplete.resolve("STORE"));
        requireRefused(incomplete, NotAStoreException.class, "holds no store");
        Path foreign = TestStores.copy(snapshot, temporary.resolve("foreign"));
        Files.copy(foreign.resolve("00000001.arena"), foreign.resolve("000000ff.arena"));
        requireRefused(foreign, ForeignFileException.class, "000000ff.arena is none of this store");
        Path newer = TestStores.copy(snapshot, temporary.resolve("newer"));
        ByteBuffer arena = ByteBuffer.wrap(Files.readAllBytes(newer.resolve("00000001.arena")))
                .order(ByteOrder.LITTLE_ENDIAN);
        arena.putInt(8, 99).putInt(60, Checksums.of(arena.duplicate().limit(60)));
        Files.write(newer.resolve("00000001.arena"), arena.array());
        requireRefused(newer, UnsupportedFormatException.class, "99");
        requireRefused(temporary.resolve("store"), FileAlreadyExistsException.class, "make a snapshot of it");
        requireRefused(temporary.resolve("missing"), NotAStoreException.class, "missing");
    }

    private void requireRefused(Path source, Class<? extends IOException> type, String message) {
        assertThatExceptionOfType(type)
                .isThrownBy(() -> BlobStore.restore(source, target, Pace.unlimited()))
                .withMessageContaining(message);
        assertThat(target).doesNotExist();
    }

    /** Has no links. */
    private static final class Unlinked extends ForwardingDirectory {

        Unlinked(Directory delegate) {
            super(delegate);
        }

        @Override
        public boolean link(String name, Directory linked) {
            return false;
        }
    }

    /** The power fails at every change that it makes. */
    @Test
    void crashInARestorationLeavesAWholeStoreOrNone() throws IOException {
        FaultyDirectory device = new FaultyDirectory(DiskImage.empty());
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> path.equals(target) ? device : new Unlinked(StoreOpener.openDirectory(path, create)),
                HeapLocationIndexFactory.forgetting());
        new Restoration(environment, Pacer.of(Pace.unlimited())).restore(snapshot, target);
        int whole = 0;
        for (int changes = 0; changes <= device.changes(); changes++) {
            FaultyDirectory left =
                    new FaultyDirectory(device.deviceAfter(changes).afterPowerLoss());
            try (BlobStore<String> store =
                    TestStores.onHeap(left).createIfMissing(false).open(target)) {
                assertThat(TestStores.content(store)).isEqualTo(then);
                whole++;
            } catch (NotAStoreException e) {
                assertThat(changes).isLessThan(device.changes());
            }
        }
        assertThat(whole).isPositive();
    }
}
