package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.format.ArenaHeader;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a repair keeps, lists and leaves alone. Shows invariants 10 and 11 of store-format.md. */
class RepairTest {

    private static final String FIRST = "00000001.arena";
    private static final String SECOND = "00000002.arena";

    /** Three of these do not fit one file. */
    private static final int LARGE = 25_000;

    @TempDir
    Path temporary;

    private final HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();

    private Path directory() {
        return temporary.resolve("store");
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap(indexes).open(directory());
    }

    private RepairReport repair() throws IOException {
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)), indexes);
        return new StoreRepair(environment).repair(directory());
    }

    /** The keys a to d in two files, each after an older value, and a removed key. */
    private void makeStore(boolean clean) throws IOException {
        try (BlobStore<String> store = open()) {
            store.put("a", TestStores.blob(LARGE, 1));
            store.put("gone", TestStores.blob(10, 2));
            store.put("b", TestStores.blob(10, 3));
            store.put("d", TestStores.blob(LARGE, 4));
            store.put("b", TestStores.blob(LARGE, 5));
            store.remove("gone");
            store.withDurability(Durability.FORCED).put("c", TestStores.blob(LARGE, 6));
            store.withDurability(Durability.FORCED).put("end", TestStores.blob(10, 7));
            if (!clean) {
                StoreAccess.crash(store);
            }
        }
        assertThat(TestStores.arenas(directory())).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void intactStoreLosesNothingAndNoFileChanges(boolean clean) throws IOException {
        makeStore(clean);
        Map<String, byte[]> before = TestStores.files(directory());

        RepairReport report = repair();

        assertThat(report.isLossless()).isTrue();
        assertThat(report.setAside()).isEmpty();
        before.remove("CLEAN");
        assertThat(TestStores.files(directory())).containsExactlyEntriesOf(before);
        checkIntact("a", "b", "c", "d", "end");
    }

    @ParameterizedTest
    @CsvSource({"true, PAYLOAD", "false, PAYLOAD", "true, HEADER"})
    void lostKeyIsListedAndItsOlderValueDoesNotComeBack(boolean clean, Part part) throws IOException {
        makeStore(clean);
        long offset = part.flip(directory().resolve(SECOND), "b");

        RepairReport report = repair();

        assertThat(report.losses()).hasSize(1);
        RepairReport.Loss loss = report.losses().get(0);
        assertThat(text(loss)).isEqualTo("b");
        assertThat(loss.file()).isEqualTo(directory().resolve(SECOND).toString());
        assertThat(loss.offset()).isEqualTo(offset);
        assertThat(loss.length()).isEqualTo(32 + 1 + LARGE);
        assertThat(report.setAside()).hasSize(1);
        assertThat(report.recordsKept()).isEqualTo(3);
        checkIntact("a", "c", "d", "end");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void removedKeyStaysRemovedWhenItsTombstoneIsDamaged(boolean clean) throws IOException {
        makeStore(true);
        if (!clean) {
            Files.delete(directory().resolve("CLEAN"));
        }
        Part.HEADER.flip(directory().resolve(SECOND), "gone");

        RepairReport report = repair();

        // After the crash, that the file had been forced so far is known from later records only.
        assertThat(report.losses()).isEmpty();
        checkIntact("a", "b", "c", "d", "end");
    }

    @Test
    void damagedHeadersOfFilesCostNothing() throws IOException {
        makeStore(false);
        flip(directory().resolve(FIRST), 20);
        flip(directory().resolve(SECOND), 62);

        RepairReport report = repair();

        assertThat(report.isLossless()).isTrue();
        assertThat(report.setAside()).hasSize(2);
        checkIntact("a", "b", "c", "d", "end");
    }

    @Test
    void missingFileAfterACleanCloseIsListedKeyByKey() throws IOException {
        makeStore(true);
        Files.delete(directory().resolve(SECOND));

        RepairReport report = repair();

        assertThat(report.losses()).extracting(RepairTest::text).containsExactlyInAnyOrder("b", null, null);
        assertThat(report.losses()).allMatch(RepairReport.Loss::blob);
        checkIntact("a", "d");
        assertThat(Files.exists(directory().resolve(SECOND)))
                .as("its id is not used again")
                .isFalse();
    }

    @Test
    void cutFileAfterACleanCloseWithoutAnIndexIsListedAsAPlace() throws IOException {
        makeStore(true);
        byte[] bytes = Files.readAllBytes(directory().resolve(SECOND));
        Files.write(directory().resolve(SECOND), Arrays.copyOf(bytes, bytes.length / 2));
        StoreEnvironment environment =
                new StoreEnvironment(StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting());

        RepairReport report = new StoreRepair(environment).repair(directory());

        assertThat(report.losses()).isNotEmpty().noneMatch(RepairReport.Loss::blob);
        RepairReport.Loss last = report.losses().get(report.losses().size() - 1);
        assertThat(last.offset() + last.length()).isEqualTo(bytes.length);
    }

    @Test
    void fileOfGarbageIsListedAndSetAside() throws IOException {
        makeStore(false);
        byte[] garbage = TestStores.blob(5000, 99);
        Files.write(directory().resolve("00000003.arena"), garbage);

        RepairReport report = repair();

        assertThat(report.losses()).singleElement().satisfies(loss -> {
            assertThat(loss.blob()).isFalse();
            assertThat(loss.file()).endsWith("00000003.arena");
            assertThat(loss.offset() + loss.length()).isEqualTo(garbage.length);
        });
        assertThat(directory().resolve("00000003.damaged")).hasBinaryContent(garbage);
        checkIntact("a", "b", "c", "d", "end");
    }

    @Test
    void damagedFilesAreKeptUnderNamesThatReplaceNothing() throws IOException {
        makeStore(false);
        flip(directory().resolve(FIRST), 20);
        byte[] damaged = Files.readAllBytes(directory().resolve(FIRST));
        Files.writeString(directory().resolve("00000001.damaged"), "of an earlier repair");

        RepairReport report = repair();

        Path movedTo = Path.of(report.setAside().get(0).movedTo());
        assertThat(movedTo).isEqualTo(directory().resolve("00000001.damaged-2")).hasBinaryContent(damaged);
        assertThat(directory().resolve("00000001.damaged")).hasContent("of an earlier repair");
        assertThat(Path.of(report.setAside().get(0).replacement())).exists();
        assertThat(report.setAside().get(0).file())
                .isEqualTo(directory().resolve(FIRST).toString());
    }

    @Test
    void damagedCopyOfTheIdentityIsWrittenAnew() throws IOException {
        makeStore(true);
        byte[] identity = Files.readAllBytes(directory().resolve("STORE"));
        flip(directory().resolve("STORE"), 35);

        RepairReport report = repair();

        assertThat(report.identityRewritten()).isTrue();
        assertThat(report.isLossless()).isTrue();
        assertThat(directory().resolve("STORE")).hasBinaryContent(identity);
        checkIntact("a", "b", "c", "d", "end");
    }

    @Test
    void secondRepairFindsNothingToDo() throws IOException {
        makeStore(true);
        Part.PAYLOAD.flip(directory().resolve(SECOND), "b");
        repair();
        Map<String, byte[]> before = TestStores.files(directory());

        RepairReport report = repair();

        assertThat(report.isLossless()).isTrue();
        assertThat(report.setAside()).isEmpty();
        assertThat(TestStores.files(directory())).containsExactlyEntriesOf(before);
    }

    @Test
    void storeThatIsOpenOrMissingOrForeignIsRefusedAndUnchanged() throws IOException {
        assertThatThrownBy(this::repair).isInstanceOf(NotAStoreException.class);
        makeStore(true);
        try (BlobStore<String> store = open()) {
            assertThatThrownBy(this::repair).isInstanceOf(StoreLockedException.class);
            assertThat(store.contains("a")).isTrue();
        }
        flip(directory().resolve(FIRST), 20);
        Files.write(
                directory().resolve("0000000a.arena"),
                new ArenaHeader(10, UUID.randomUUID(), 1).encode().array());
        Map<String, byte[]> before = TestStores.files(directory());

        assertThatThrownBy(this::repair).isInstanceOf(ForeignFileException.class);

        assertThat(TestStores.files(directory())).containsExactlyEntriesOf(before);
    }

    @Test
    void fullDiskFailsTheRepairAndChangesNothing() throws IOException {
        makeStore(true);
        Part.PAYLOAD.flip(directory().resolve(SECOND), "b");
        Map<String, byte[]> before = TestStores.files(directory());
        FailingDirectory full = new FailingDirectory(new NioDirectory(directory()));
        full.setFreeBytes(LARGE / 2);

        assertThatThrownBy(() ->
                        new StoreRepair(new StoreEnvironment((path, create) -> full, indexes)).repair(directory()))
                .isInstanceOf(DiskFullException.class);

        assertThat(TestStores.files(directory())).containsExactlyEntriesOf(before);
        assertThat(full.openHandles()).isZero();
    }

    @Test
    void openingDeletesTheUnfinishedFileOfARepairThatWasCutShort() throws IOException {
        makeStore(true);
        Files.writeString(directory().resolve("00000003.arena.tmp"), "half");
        Files.writeString(directory().resolve("notes.arena.tmp"), "of the user");

        checkIntact("a", "b", "c", "d", "end");

        assertThat(directory().resolve("00000003.arena.tmp")).doesNotExist();
        assertThat(directory().resolve("notes.arena.tmp")).hasContent("of the user");
    }

    @Test
    void storeGoesOnAfterARepairAndRecoversLikeAnyOther() throws IOException {
        makeStore(true);
        Part.PAYLOAD.flip(directory().resolve(SECOND), "b");
        repair();
        for (int round = 0; round < 3; round++) {
            try (BlobStore<String> store = open()) {
                store.put("b", TestStores.blob(LARGE, round));
                store.put("new" + round, TestStores.blob(LARGE, round));
                StoreAccess.crash(store);
            }
            try (BlobStore<String> store = open()) {
                assertThat(store.get("b")).isEqualTo(TestStores.blob(LARGE, round));
                assertThat(store.verify().damage()).isEmpty();
            }
        }
        // A file that is put back is damaged still, and cannot bring back what has been written since.
        Files.move(
                directory().resolve("00000002.damaged"), directory().resolve(SECOND), StandardCopyOption.ATOMIC_MOVE);
        assertThat(repair().isLossless()).isTrue();
        try (BlobStore<String> store = open()) {
            assertThat(store.get("b")).isEqualTo(TestStores.blob(LARGE, 2));
        }
    }

    /** What of a record is damaged. */
    enum Part {
        HEADER,
        PAYLOAD;

        /** Damages the last record of a key in a file; returns its offset. */
        long flip(Path file, String key) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            int found = -1;
            for (int at = ArenaHeader.BYTES; at < bytes.limit(); ) {
                int keyLength = bytes.getShort(at + 28);
                if (text(bytes.slice(at + 32, keyLength)).equals(key)) {
                    found = at;
                }
                at += 32 + keyLength + bytes.getInt(at + 16);
            }
            RepairTest.flip(file, found + (this == HEADER ? 9 : 32 + key.length()));
            return found;
        }
    }

    /** Opens the store, finds no damage and exactly these keys. */
    private void checkIntact(String... keys) throws IOException {
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.verify().damage()).isEmpty();
            assertThat(TestStores.content(store)).containsOnlyKeys(keys);
            for (String key : List.of(keys)) {
                int seed = Map.of("a", 1, "b", 5, "c", 6, "d", 4, "end", 7).get(key);
                assertThat(store.get(key)).isEqualTo(TestStores.blob(key.equals("end") ? 10 : LARGE, seed));
            }
        }
    }

    private static String text(RepairReport.Loss loss) {
        ByteBuffer key = loss.key();
        return key == null ? null : text(key);
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 0x10;
        Files.write(file, bytes);
    }
}
