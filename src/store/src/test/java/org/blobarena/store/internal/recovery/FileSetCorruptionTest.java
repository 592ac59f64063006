package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.ArenaHeader;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole files in the wrong place, or gone, or of the wrong kind. Shows invariants 3, 8 and 10 of store-format.md.
 */
class FileSetCorruptionTest {

    @TempDir
    Path temporary;

    private static CorruptionSample sample(boolean clean) throws IOException {
        return clean ? CorruptionSample.closed() : CorruptionSample.crashed();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void swappedOrDuplicatedFilesAreRefusedByName(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        for (String first : sample.arenas()) {
            for (String second : List.of("00000001.arena", "00000002.arena", "00000003.arena", "0000000b.arena")) {
                if (!first.equals(second)) {
                    Map<String, byte[]> files = sample.files();
                    files.put(second, sample.files().get(first));
                    checkRefused(sample, files, second);
                    if (sample.files().containsKey(second)) {
                        files.put(first, sample.files().get(second));
                        checkRefused(sample, files, "arena");
                    }
                }
            }
        }
    }

    @Test
    void fileOfAnotherStoreUnderAFreeIdIsRefusedByName() throws IOException {
        CorruptionSample sample = sample(true);
        byte[] other = sample.files().get("00000002.arena").clone();
        ArenaHeader header = new ArenaHeader(11, UUID.randomUUID(), 1);
        header.encode().get(other, 0, ArenaHeader.BYTES);
        Map<String, byte[]> files = sample.files();
        files.put("0000000b.arena", other);

        checkRefused(sample, files, "0000000b.arena");
    }

    private static void checkRefused(CorruptionSample sample, Map<String, byte[]> files, String name)
            throws IOException {
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(files));
        assertThatThrownBy(() -> CorruptionSample.open(directory, sample.indexes()))
                .isInstanceOf(ForeignFileException.class)
                .hasMessageContaining(name);
        assertThatThrownBy(() -> new StoreRepair(CorruptionSample.environment(directory, sample.indexes()))
                        .repair(directory.path()))
                .isInstanceOf(ForeignFileException.class);
        Map<String, byte[]> after =
                directory.deviceAfter(directory.changes()).afterKill().files();
        files.forEach((each, bytes) -> assertThat(after).containsEntry(each, bytes));
    }

    /** Their salts tell them apart still. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void swappedFilesWithDamagedHeadersAreNeverRead(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        for (int i = 0; i < 3; i++) {
            String first = sample.arenas().get(i);
            String second = sample.arenas().get((i + 1) % 3);
            Map<String, byte[]> files = sample.files();
            files.put(first, withDamagedHeader(sample.files().get(second)));
            files.put(second, withDamagedHeader(sample.files().get(first)));
            RepairTrial trial = new RepairTrial(sample, files, first + " and " + second + " swapped").run();
            assertThat(trial.isReported()).isTrue();
            assertThat(trial.report().isLossless()).isFalse();
        }
    }

    private static byte[] withDamagedHeader(byte[] file) {
        byte[] damaged = file.clone();
        damaged[20] ^= 1;
        return damaged;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void missingFilesAreMissedAfterACleanClose(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        for (int missing = 1; missing < 8; missing++) {
            Map<String, byte[]> files = sample.files();
            for (int i = 0; i < 3; i++) {
                if ((missing & 1 << i) != 0) {
                    files.remove(sample.arenas().get(i));
                }
            }
            RepairTrial trial = new RepairTrial(sample, files, "files missing: " + missing).run();
            if (clean) {
                assertThat(trial.isReported()).isTrue();
                assertThat(trial.before().lost).isEmpty();
                assertThat(trial.report().losses()).hasSameSizeAs(trial.before().corrupt);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void randomFileWithTheNameOfAnArenaFileIsReportedAndHarmless(boolean clean) throws IOException {
        CorruptionSample sample = sample(clean);
        for (int length : new int[] {0, 1, 63, 64, 65, 95, 96, 97, 200, 4096, 70_000}) {
            for (String name : List.of("0000000b.arena", "00000003.arena", "ffffffff.arena", "00000000.arena")) {
                Map<String, byte[]> files = sample.files();
                files.put(name, TestStores.blob(length, length));
                RepairTrial trial = new RepairTrial(sample, files, name + " of " + length + " random bytes").run();
                assertThat(trial.isReported() || length < ArenaHeader.BYTES).isTrue();
                assertThat(trial.before().lost.isEmpty() || name.equals("00000003.arena"))
                        .isTrue();
            }
        }
    }

    @Test
    void everyOlderMarkThatIsPutBackIsIgnoredOrRight() throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
        Path directory = temporary.resolve("store");
        Map<String, ByteBuffer> model = new HashMap<>();
        List<byte[]> marks = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory)) {
                if (round % 4 == 1) {
                    store.remove("key" + (round - 1));
                    model.remove("key" + (round - 1));
                } else if (round % 4 != 3) {
                    byte[] blob = TestStores.blob(30_000, round);
                    store.put("key" + round, blob);
                    model.put("key" + round, ByteBuffer.wrap(blob));
                }
            }
            marks.add(Files.readAllBytes(directory.resolve("CLEAN")));
        }
        Map<String, byte[]> files = TestStores.files(directory);
        for (byte[] mark : marks) {
            files.put("CLEAN", mark);
            TestStores.restore(directory, files);
            try (BlobStore<String> store = TestStores.onHeap(indexes.copy()).open(directory)) {
                assertThat(TestStores.content(store)).isEqualTo(model);
                assertThat(store.stats().opening().damage()).isEmpty();
                assertThat(store.stats().opening().clean())
                        .isEqualTo(Arrays.equals(mark, marks.get(7)) || Arrays.equals(mark, marks.get(6)));
                assertThat(store.verify().damage()).isEmpty();
            }
        }
    }

    // ---- what is no file

    @Test
    void linkToAnArenaFileThatWasMovedAwayIsRefusedAndTheFileIsBackWhenItIs() throws IOException {
        Path directory = temporary.resolve("store");
        makeStore(directory);
        Files.delete(directory.resolve("CLEAN"));
        Path moved = Files.move(directory.resolve("00000001.arena"), temporary.resolve("moved"));
        Files.createSymbolicLink(directory.resolve("00000001.arena"), moved);
        byte[] before = Files.readAllBytes(moved);

        assertThatThrownBy(() -> TestStores.onHeap().open(directory))
                .isInstanceOf(ForeignFileException.class)
                .hasMessageContaining("00000001.arena");
        assertThatThrownBy(() -> repair(directory)).isInstanceOf(ForeignFileException.class);
        assertThat(moved).hasBinaryContent(before);

        Files.delete(directory.resolve("00000001.arena"));
        Files.move(moved, directory.resolve("00000001.arena"));
        try (BlobStore<String> store = TestStores.onHeap().open(directory)) {
            assertThat(store.get("key")).isEqualTo(TestStores.blob(100, 1));
        }
    }

    @Test
    void namesInTheWayOfTheNextArenaFilesCostTheirNumbersAndNothingElse() throws IOException {
        Path directory = temporary.resolve("store");
        makeStore(directory);
        Path folder = directory.resolve("00000002.arena");
        Path link = directory.resolve("00000003.arena");

        try (BlobStore<String> store = TestStores.onHeap().open(directory)) {
            Files.createDirectory(folder);
            Files.createSymbolicLink(link, temporary.resolve("nowhere"));
            store.put("small", new byte[1]);
            store.put("large", new byte[40_000]);
            store.put("larger", new byte[40_000]);
            assertThat(TestStores.content(store)).containsOnlyKeys("key", "small", "large", "larger");
        }
        assertThat(directory.resolve("00000004.arena")).isRegularFile();
        assertThatThrownBy(() -> TestStores.onHeap().open(directory)).isInstanceOf(ForeignFileException.class);

        Files.delete(folder);
        Files.delete(link);
        try (BlobStore<String> store = TestStores.onHeap().open(directory)) {
            assertThat(TestStores.content(store)).containsOnlyKeys("key", "small", "large", "larger");
        }
    }

    private static void makeStore(Path directory) throws IOException {
        try (BlobStore<String> store = TestStores.onHeap().open(directory)) {
            store.put("key", TestStores.blob(100, 1));
        }
    }

    private static RepairReport repair(Path directory) throws IOException {
        return new StoreRepair(new StoreEnvironment(StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting()))
                .repair(directory);
    }
}
