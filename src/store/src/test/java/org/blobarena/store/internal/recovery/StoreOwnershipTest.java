package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.api.WritesRefusedException;
import org.blobarena.store.internal.write.PeriodicForce;
import org.blobarena.store.testing.ManualBackground;
import org.blobarena.store.testing.TestStores;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A store whose lock is dropped, whose files are deleted, or whose directory is moved under it. */
class StoreOwnershipTest {

    private static final byte[] BLOB = TestStores.blob(2000, 1);

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void requirePosix() {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        directory = temporary.resolve("store");
    }

    private static BlobStore<String> open(Path where) throws IOException {
        return TestStores.onHeap().open(where);
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOCK", "STORE"})
    void fileThatIsReadInTheHoldersProcessKeepsTheSecondProcessOut(String name) throws Exception {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            store.put("a", BLOB);
            Files.readAllBytes(directory.resolve(name));

            assertThat(elsewhere()).startsWith("refused");
            store.put("b", BLOB);
        }
        requireKeys(2);
    }

    @Test
    void lockFileThatIsDeletedKeepsTheSecondProcessOut() throws Exception {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            store.put("a", BLOB);
            Files.delete(directory.resolve("LOCK"));

            assertThat(elsewhere()).startsWith("refused");
            putMany(store, 0, 2 * PeriodicForce.RECORDS_PER_LOOK);
            store.force();
            assertThat(elsewhere()).startsWith("refused");
            assertThat(directory.resolve("LOCK")).exists();
        }
        requireKeys(1 + 2 * PeriodicForce.RECORDS_PER_LOOK);
    }

    @Test
    void storeThatAnotherProcessHadMeanwhileTakesNoMoreWritesAndLeavesNoMark() throws Exception {
        BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).durability(Durability.FORCED).open(directory);
        store.put("a", BLOB);
        readAll(); // As a backup in the same process does: it drops all locks.
        assertThat(elsewhere()).isEqualTo("opened, 1 keys");

        assertThatIOException().isThrownBy(() -> store.put("b", BLOB)).withMessageContaining("another process");
        assertThatExceptionOfType(WritesRefusedException.class)
                .isThrownBy(() -> store.put("c", BLOB))
                .withMessageContaining("another process");
        assertThat(store.get("a")).isEqualTo(BLOB);
        assertThatIOException().isThrownBy(store::close).withMessageContaining("another process");

        try (BlobStore<String> again = BlobStore.open(directory, KeyCodec.utf8())) {
            assertThat(again.get("a")).isEqualTo(BLOB);
            assertThat(again.get("c")).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void whatAnotherProcessHasAppendedIsNotOverwritten(Durability durability) throws Exception {
        Path active = directory.resolve("00000001.arena");
        byte[] others = TestStores.blob(1000, 7);
        BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).durability(durability).open(directory);
        store.withDurability(Durability.FORCED).put("a", BLOB);
        Files.write(active, others, StandardOpenOption.APPEND);
        byte[] before = Files.readAllBytes(active);

        assertThatIOException()
                .isThrownBy(() -> putMany(store, 0, PeriodicForce.RECORDS_PER_LOOK))
                .withMessageContaining("another process");
        assertThatExceptionOfType(WritesRefusedException.class).isThrownBy(() -> store.put("c", BLOB));
        assertThat(store.get("a")).isEqualTo(BLOB);
        assertThatIOException().isThrownBy(store::close);
        assertThat(directory.resolve("CLEAN")).doesNotExist();
        assertThat(active).hasBinaryContent(before);
    }

    @Test
    void lossOfTheLockIsFoundWithoutAForceAfterSomeRecords() throws Exception {
        BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8());
        store.put("a", BLOB);
        readAll();
        assertThat(elsewhere()).startsWith("opened");

        assertThatIOException()
                .isThrownBy(() -> putMany(store, 0, Integer.MAX_VALUE))
                .withMessageContaining("another process");
        assertThatIOException().isThrownBy(store::close);
        assertThat(directory.resolve("CLEAN")).exists(); // The other's, of its clean close.
    }

    @Test
    void lossThatNoArenaFileShowsIsFoundAfterSomeRecords() throws Exception {
        BlobStore<String> store = StoreAccess.environment(
                        TestStores.onHeap().arenaBytesMax(64L << 20),
                        new StoreEnvironment(
                                StoreOpener::openDirectory,
                                HeapLocationIndexFactory.forgetting(),
                                name -> new ManualBackground()))
                .open(directory);
        store.put("a", BLOB);
        Path copy = Files.copy(directory.resolve("STORE"), temporary.resolve("copy"));
        Files.move(copy, directory.resolve("STORE"), StandardCopyOption.REPLACE_EXISTING);

        assertThatExceptionOfType(WritesRefusedException.class)
                .isThrownBy(() -> putMany(store, 0, 2 * PeriodicForce.RECORDS_PER_LOOK))
                .withMessageContaining("replaced");
        assertThatIOException().isThrownBy(store::close);
        assertThat(directory.resolve("CLEAN")).doesNotExist();
    }

    @Test
    void backupInTheSameProcessIsSurvivedWhenNobodyCame() throws Exception {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            store.put("a", BLOB);
            readAll();
            store.force();
            store.put("b", BLOB);
            store.force();

            assertThat(elsewhere()).startsWith("refused");
        }
        requireKeys(2);
    }

    @Test
    void forgottenCloseIsToldAsOneOfThisProcess() throws IOException {
        try (BlobStore<String> store = open(directory)) {
            assertThatExceptionOfType(StoreLockedException.class)
                    .isThrownBy(() -> open(directory))
                    .withMessageContaining("by this process");
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void movedDirectoryIsReadStillAndWrittenNoMoreAndItsPlaceIsLeftAlone() throws IOException {
        BlobStore<String> store = open(directory);
        int keys = 100;
        putMany(store, 0, keys);
        store.remove("key1");
        Path moved = temporary.resolve("moved");
        Files.move(directory, moved);
        try (BlobStore<String> other = open(directory)) {
            putMany(other, 0, 200);
        }
        Map<String, byte[]> before = TestStores.files(directory);

        assertThatIOException().isThrownBy(() -> putMany(store, keys, Integer.MAX_VALUE));
        assertThatIOException().isThrownBy(store::compact);
        assertThatIOException().isThrownBy(() -> store.snapshot(temporary.resolve("snapshot")));
        assertThat(store.get("key0")).isEqualTo(BLOB);
        assertThatIOException().isThrownBy(store::close).withMessageContaining("moved");

        assertThat(TestStores.files(directory)).containsExactlyEntriesOf(before);
        try (BlobStore<String> again = open(moved)) {
            for (int i = 2; i < keys; i++) {
                assertThat(again.get("key" + i)).isEqualTo(BLOB);
            }
            assertThat(again.get("key1")).isNull();
        }
    }

    @Test
    void linkThatLedToTheDirectoryMayBeTurnedWhileVictimsAreDeleted() throws IOException {
        Path other = temporary.resolve("other");
        try (BlobStore<String> store = open(other)) {
            putMany(store, 0, 300);
        }
        Map<String, byte[]> before = TestStores.files(other);
        open(directory).close();
        Path link = Files.createSymbolicLink(temporary.resolve("current"), directory);
        try (BlobStore<String> store = open(link)) {
            putMany(store, 0, 300);
            Files.delete(link);
            Files.createSymbolicLink(link, other);

            putMany(store, 0, 300);
            store.compact();
            assertThat(store.verify().damage()).isEmpty();
        }

        assertThat(TestStores.files(other)).containsExactlyEntriesOf(before);
        try (BlobStore<String> store = open(directory)) {
            assertThat(store.size()).isEqualTo(300);
            assertThat(store.get("key299")).isEqualTo(BLOB);
        }
    }

    @Test
    void lossThatTheFirstForceOfAFileFindsEndsWriting() throws IOException {
        BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8());
        store.put("a", BLOB);
        Files.delete(directory.resolve("STORE"));

        assertThatIOException().isThrownBy(store::force).withMessageContaining("STORE");
        assertThatExceptionOfType(WritesRefusedException.class)
                .isThrownBy(() -> store.put("b", BLOB))
                .withMessageContaining("STORE");
        assertThat(store.get("a")).isEqualTo(BLOB);
        assertThatIOException().isThrownBy(store::close).withMessageContaining("STORE");
    }

    @Test
    void identityThatIsReplacedEndsWriting() throws IOException {
        BlobStore<String> store = open(directory);
        store.put("a", BLOB);
        Path copy = Files.copy(directory.resolve("STORE"), temporary.resolve("copy"));
        Files.delete(directory.resolve("STORE"));
        Files.move(copy, directory.resolve("STORE"));

        assertThatIOException().isThrownBy(() -> putMany(store, 0, 1000)).withMessageContaining("STORE");
        assertThatIOException().isThrownBy(store::close).havingRootCause().isInstanceOf(DirectoryLostException.class);
        try (BlobStore<String> again = open(directory)) {
            assertThat(again.get("a")).isEqualTo(BLOB);
        }
    }

    @Test
    void whatRootMakesInAStoreBelongsToItsOwner() throws IOException {
        assumeThat(Files.getAttribute(temporary, "unix:uid")).isEqualTo(0);
        UserPrincipal nobody =
                temporary.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        BlobStore<String> crashed = BlobStore.open(directory, KeyCodec.utf8());
        putMany(crashed, 0, 10);
        StoreAccess.crash(crashed);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.setOwner(file, nobody);
            }
        }
        Files.setOwner(directory, nobody);
        Files.delete(directory.resolve("LOCK"));

        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            putMany(store, 0, 10);
        }

        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                assertThat(Files.getOwner(file)).as(file.toString()).isEqualTo(nobody);
            }
        }
    }

    @Test
    void repairThatMakesTheIdentityAnewIsNoLossOfIt() throws IOException {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            store.put("a", BLOB);
        }
        byte[] identity = Files.readAllBytes(directory.resolve("STORE"));
        identity[35] ^= 1;
        Files.write(directory.resolve("STORE"), identity);

        assertThat(BlobStore.repair(directory).losses()).isEmpty();

        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.get("a")).isEqualTo(BLOB);
        }
    }

    // ---- helpers

    private static void putMany(BlobStore<String> store, int from, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            store.put("key" + (from + i), BLOB);
        }
    }

    private void readAll() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.readAllBytes(file);
            }
        }
    }

    private void requireKeys(int keys) throws IOException {
        try (BlobStore<String> store = BlobStore.open(directory, KeyCodec.utf8())) {
            assertThat(store.stats().opening().clean()).isTrue();
            assertThat(store.size()).isEqualTo(keys);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    /** What a second process finds. */
    private String elsewhere() throws IOException {
        try (ChildJvm child =
                ChildJvm.start(ChildJvm.classPath(), List.of("-XX:+UseSerialGC"), SecondProcess.class, directory)) {
            return String.valueOf(child.readLine());
        }
    }

    /** Opens a store and writes to it. */
    static final class SecondProcess {

        private SecondProcess() {}

        public static void main(String[] arguments) throws IOException {
            long keys;
            try (BlobStore<String> store = BlobStore.open(Path.of(arguments[0]), KeyCodec.utf8())) {
                keys = store.size();
                store.put("elsewhere", new byte[10]);
            } catch (StoreLockedException e) {
                System.out.println("refused: " + e.getMessage());
                return;
            }
            System.out.println("opened, " + keys + " keys");
        }
    }
}
