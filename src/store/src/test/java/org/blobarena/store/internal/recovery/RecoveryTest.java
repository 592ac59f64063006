package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.FileNames;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.testing.UsualIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {

    private static final int HEADER = 32;
    private static final String FIRST = "00000001.arena";

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("store");
    }

    private BlobStore<String> open() throws IOException {
        return TestStores.onHeap().open(directory());
    }

    // ---- torn tails

    @Test
    void openWithTornTailOfEveryLengthKeepsAllEarlierRecordsAndGoesOn() throws IOException {
        long[] ends = new long[4];
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 4; i++) {
                store.put("key" + i, TestStores.blob(20 + i, i));
                ends[i] = length(FIRST);
            }
            StoreAccess.crash(store);
        }
        Map<String, byte[]> files = TestStores.files(directory());
        byte[] whole = files.get(FIRST);
        for (int length = (int) ends[1]; length <= ends[3]; length++) {
            files.put(FIRST, Arrays.copyOf(whole, length));
            TestStores.restore(directory(), files);
            int records = length == ends[3] ? 4 : length >= ends[2] ? 3 : 2;
            checkGoesOn(records, length - ends[records - 1]);
        }
    }

    private void checkGoesOn(int records, long tornBytes) throws IOException {
        Map<String, ByteBuffer> model = new HashMap<>();
        for (int i = 0; i < records; i++) {
            model.put("key" + i, ByteBuffer.wrap(TestStores.blob(20 + i, i)));
        }
        try (BlobStore<String> store = open()) {
            OpenReport report = store.stats().opening();
            assertThat(report.clean()).isFalse();
            assertThat(report.tornBytes()).isEqualTo(tornBytes);
            assertThat(report.damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(model);
            store.put("more", new byte[7]);
            StoreAccess.crash(store);
        }
        model.put("more", ByteBuffer.wrap(new byte[7]));
        try (BlobStore<String> store = open()) {
            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(store.stats().opening().tornBytes()).isZero();
            assertThat(store.stats().arenaFiles()).isEqualTo(1);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", "1, false", "63, false", "63, true", "64, true", "5000, true"})
    void openWithAFileThatWasJustBegunBeginsItAnew(int length, boolean zeros) throws IOException {
        try (BlobStore<String> store = open()) {
            store.put("key", TestStores.blob(10, 1));
            StoreAccess.crash(store);
        }
        byte[] header = Arrays.copyOf(Files.readAllBytes(directory().resolve(FIRST)), 64);
        byte[] begun = zeros ? new byte[length] : Arrays.copyOf(header, length);
        Files.write(directory().resolve("00000002.arena"), begun);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.get("key")).isEqualTo(TestStores.blob(10, 1));
            store.put("next", TestStores.blob(10, 2));
            assertThat(TestStores.arenas(directory())).hasSize(2);
            assertThat(store.verify().damage()).isEmpty();
            StoreAccess.crash(store);
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).containsOnlyKeys("key", "next");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 32, 33, 5000, 300_000})
    void openWithTailOfZerosOrGarbageCutsItOff(int length) throws IOException {
        for (byte[] tail : List.of(new byte[length], TestStores.blob(length, 7))) {
            TestStores.restore(directory(), Map.of());
            try (BlobStore<String> store = open()) {
                store.put("key", TestStores.blob(10, 1));
                StoreAccess.crash(store);
            }
            byte[] file = Files.readAllBytes(directory().resolve(FIRST));
            write(FIRST, concat(file, tail));

            try (BlobStore<String> store = open()) {
                assertThat(store.stats().opening().tornBytes()).isEqualTo(length);
                assertThat(store.get("key")).isEqualTo(TestStores.blob(10, 1));
                assertThat(length(FIRST)).isEqualTo(file.length);
                assertThat(store.verify().damage()).isEmpty();
                StoreAccess.crash(store);
            }
            try (BlobStore<String> store = open()) {
                assertThat(store.stats().opening().tornBytes()).isZero();
            }
        }
    }

    @Test
    void garbageBehindTheFooterOfASealedFileIsCutOff() throws IOException {
        Map<String, ByteBuffer> model = fillFiles(3);
        byte[] file = Files.readAllBytes(directory().resolve(FIRST));
        write(FIRST, concat(file, TestStores.blob(100, 3)));
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().tornBytes()).isEqualTo(100);
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(model);
        }
        assertThat(length(FIRST)).isGreaterThanOrEqualTo(file.length);
        checkRecovers(model);
    }

    // ---- damage in unsealed files

    @Test
    void damagedPayloadBelowTheForcedBytesIsAnExceptionForItsKeyAloneAndReported() throws IOException {
        long[] ends = threeRecords(Durability.FORCED);
        flip(FIRST, ends[0] + HEADER + 1 + 5);
        for (int round = 0; round < 3; round++) {
            try (BlobStore<String> store = open()) {
                assertThat(store.stats().opening().damageCount()).isEqualTo(1);
                assertThat(store.stats().opening().damage().get(0).offset()).isEqualTo(ends[0]);
                assertThatThrownBy(() -> store.get("b"))
                        .isInstanceOf(CorruptBlobException.class)
                        .hasMessageContaining(FIRST)
                        .hasMessageContaining("offset " + ends[0]);
                assertThat(store.get("a")).isEqualTo(TestStores.blob(30, 'a'));
                assertThat(store.get("c")).isEqualTo(TestStores.blob(30, 'c'));
                assertThat(store.verify().isIntact()).isFalse();
                store.put("round" + round, new byte[1]);
                StoreAccess.crash(store);
            }
        }
        try (BlobStore<String> store = open()) {
            store.put("b", new byte[2]);
            assertThat(store.get("b")).hasSize(2);
            StoreAccess.crash(store);
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.get("b")).hasSize(2);
            assertThat(store.size()).isEqualTo(6);
        }
    }

    @Test
    void damagedHeaderBelowTheForcedBytesIsReportedAndTheRestIsKept() throws IOException {
        long[] ends = threeRecords(Durability.FORCED);
        flip(FIRST, ends[0] + 9);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damageCount()).isEqualTo(1);
            assertThat(store.stats().opening().damage().get(0).problem()).contains("up to offset " + ends[1]);
            assertThat(TestStores.content(store)).containsOnlyKeys("a", "c");
        }
    }

    @Test
    void damageAboveTheForcedBytesIsTornAndPassedOver() throws IOException {
        long[] ends = threeRecords(Durability.WRITTEN);
        flip(FIRST, ends[0] + HEADER + 1 + 5);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(store.stats().opening().tornBytes()).isEqualTo(ends[1] - ends[0]);
            assertThat(TestStores.content(store)).containsOnlyKeys("a", "c");
        }
    }

    @Test
    void damageInWhatACleanCloseForcedIsFoundByALaterRecovery() throws IOException {
        long end;
        try (BlobStore<String> store = open()) {
            store.put("a", new byte[30]);
            end = length(FIRST);
            store.put("b", new byte[30]);
        }
        try (BlobStore<String> store = open()) {
            store.put("c", new byte[30]);
            StoreAccess.crash(store);
        }
        flip(FIRST, end + HEADER + 1 + 5);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damageCount()).isEqualTo(1);
            assertThatThrownBy(() -> store.get("b")).isInstanceOf(CorruptBlobException.class);
            assertThat(store.get("c")).hasSize(30);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Durability.class,
            names = {"WRITTEN", "FORCED"})
    void damagedLastFileIsNotAppendedToAfterACleanClose(Durability durability) throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
        long[] ends = threeRecords(durability);
        flip(FIRST, ends[0] + HEADER + 1 + 5);
        TestStores.onHeap(indexes).open(directory()).close();

        Map<String, ByteBuffer> model = new HashMap<>();
        try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory())) {
            assertThat(store.stats().opening().clean()).isTrue();
            for (int i = 0; i < 10; i++) {
                byte[] blob = TestStores.blob(20_000, i);
                store.put("more" + i, blob);
                model.put("more" + i, ByteBuffer.wrap(blob));
            }
            StoreAccess.crash(store);
        }
        try (BlobStore<String> store = open()) {
            assertThat(store.get("a")).isEqualTo(TestStores.blob(30, 'a'));
            assertThat(store.get("c")).isEqualTo(TestStores.blob(30, 'c'));
            for (Map.Entry<String, ByteBuffer> entry : model.entrySet()) {
                assertThat(store.get(entry.getKey())).isEqualTo(bytes(entry.getValue()));
            }
        }
    }

    @Test
    void damagedArenaHeaderThatHadBeenForcedIsReportedAndTheFileLeftAsItIs() throws IOException {
        threeRecords(Durability.FORCED);
        flip(FIRST, 20);
        byte[] before = Files.readAllBytes(directory().resolve(FIRST));
        for (int round = 0; round < 2; round++) {
            try (BlobStore<String> store = open()) {
                assertThat(store.stats().opening().damageCount()).isEqualTo(1);
                store.put("more", new byte[1]);
                assertThat(TestStores.content(store)).containsOnlyKeys("a", "b", "c", "more");
                StoreAccess.crash(store);
            }
            assertThat(Files.readAllBytes(directory().resolve(FIRST))).isEqualTo(before);
        }
    }

    @Test
    void fileOfGarbageAloneIsCountedAsTornAndLeftAsItIs() throws IOException {
        threeRecords(Durability.WRITTEN);
        byte[] garbage = TestStores.blob(5000, 99);
        write("00000002.arena", garbage);

        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().tornBytes()).isEqualTo(garbage.length - ArenaHeader.BYTES);
            store.put("more", new byte[1]);
            assertThat(TestStores.content(store)).containsOnlyKeys("a", "b", "c", "more");
        }
        assertThat(Files.readAllBytes(directory().resolve("00000002.arena"))).isEqualTo(garbage);
        assertThat(Files.exists(directory().resolve("00000003.arena"))).isTrue();
    }

    // ---- several files

    @Test
    void crashWithSealedAndRolledFilesLosesNothing() throws IOException {
        checkRecovers(fillFiles(4));
    }

    @Test
    void lossOfTheFooterOfEveryFileLosesNothing() throws IOException {
        Map<String, ByteBuffer> model = fillFiles(4);
        for (Path file : TestStores.arenas(directory())) {
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        }
        // The last file may end in a record of its own, which then is torn.
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            Map<String, ByteBuffer> found = TestStores.content(store);
            assertThat(model.entrySet()).containsAll(found.entrySet());
            assertThat(found.size()).isGreaterThanOrEqualTo(model.size() - 1);
            model = found;
        }
        checkRecovers(model);
    }

    @Test
    void damagedIndexBlockOfASealedFileIsReportedAndTheFileReadRecordByRecord() throws IOException {
        Map<String, ByteBuffer> model = fillFiles(3);
        byte[] file = Files.readAllBytes(directory().resolve(FIRST));
        // The block stands right before the footer.
        flip(FIRST, file.length - (HEADER + ArenaFooter.BYTES) - 10);
        for (int round = 0; round < 2; round++) {
            try (BlobStore<String> store = open()) {
                assertThat(store.stats().opening().damageCount()).isPositive();
                assertThat(TestStores.content(store)).isEqualTo(model);
                StoreAccess.crash(store);
            }
        }
        assertThat(length(FIRST)).isEqualTo(file.length);
    }

    @Test
    void damagedPayloadAndIndexBlockOfASealedFileLeaveTheKeyAnException() throws IOException {
        Map<String, ByteBuffer> model = fillFiles(3);
        int end = (int) length(FIRST);
        flip(FIRST, end - (HEADER + ArenaFooter.BYTES) - 10);
        flip(FIRST, ArenaHeader.BYTES + HEADER + 5 + 100);

        try (BlobStore<String> store = open()) {
            assertThatThrownBy(() -> store.get("key00")).isInstanceOf(CorruptBlobException.class);
            for (String key : model.keySet()) {
                if (!key.equals("key00")) {
                    assertThat(store.get(key)).isEqualTo(bytes(model.get(key)));
                }
            }
        }
    }

    @Test
    void removedAndReplacedKeysStaySoInEveryOrderOfFiles() throws IOException {
        Map<String, ByteBuffer> model = new TreeMap<>();
        StoreEnvironment sealingAtOnce = new StoreEnvironment(
                StoreOpener::openDirectory,
                HeapLocationIndexFactory.forgetting(),
                name -> new CrashWorkload.Immediate());
        try (BlobStore<String> store =
                StoreAccess.environment(TestStores.onHeap(), sealingAtOnce).open(directory())) {
            for (int i = 0; i < 40; i++) {
                String key = "key" + i % 7;
                if (i % 3 == 2) {
                    store.remove(key);
                    model.remove(key);
                } else {
                    byte[] blob = TestStores.blob(15_000, i);
                    store.put(key, blob);
                    model.put(key, ByteBuffer.wrap(blob));
                }
            }
            store.force();
            StoreAccess.crash(store);
        }
        assertThat(TestStores.arenas(directory()).size()).isGreaterThan(5);
        Map<String, byte[]> files = TestStores.files(directory());
        // Whichever files have lost their footers is read record by record, and after those that have not.
        for (int unsealed : new int[] {0, 1, 2, 4, 8, 16, 32, 0b101010, 0b010101, 0b111000, 0b111111}) {
            Map<String, byte[]> some = new HashMap<>(files);
            for (int i = 0; i < 6; i++) {
                String name = FileNames.arena(i + 1);
                byte[] bytes = files.get(name);
                if ((unsealed & 1 << i) != 0
                        && i + 1 < TestStores.arenas(directory()).size()) {
                    some.put(name, Arrays.copyOf(bytes, bytes.length - 1));
                }
            }
            TestStores.restore(directory(), some);
            try (BlobStore<String> store = open()) {
                assertThat(TestStores.content(store)).isEqualTo(model);
                assertThat(store.stats().opening().damage()).isEmpty();
                StoreAccess.crash(store);
            }
        }
    }

    // ---- the mark and the index

    @ParameterizedTest
    @ValueSource(strings = {"missing", "empty", "damaged", "cut", "long"})
    void openWithoutAUsableMarkRebuildsTheIndex(String what) throws IOException {
        Map<String, ByteBuffer> model = closedOnUsualIndex();
        Path mark = directory().resolve("CLEAN");
        byte[] bytes = Files.readAllBytes(mark);
        switch (what) {
            case "missing" -> Files.delete(mark);
            case "empty" -> Files.write(mark, new byte[0]);
            case "damaged" -> flip("CLEAN", 40);
            case "cut" -> Files.write(mark, Arrays.copyOf(bytes, bytes.length - 1));
            default -> Files.write(mark, Arrays.copyOf(bytes, bytes.length + 1));
        }
        checkUsual(model, false);
        checkUsual(model, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "empty", "garbage", "cut", "flipped"})
    void openWithoutAUsableIndexRebuildsIt(String what) throws IOException {
        Map<String, ByteBuffer> model = closedOnUsualIndex();
        List<String> names = TestStores.files(directory()).keySet().stream()
                .filter(UsualIndex.factory()::owns)
                .toList();
        assertThat(names).hasSize(1);
        Path index = directory().resolve(names.get(0));
        byte[] bytes = Files.readAllBytes(index);
        switch (what) {
            case "missing" -> Files.delete(index);
            case "empty" -> Files.write(index, new byte[0]);
            case "garbage" -> Files.write(index, TestStores.blob(bytes.length, 5));
            case "flipped" -> {
                UsualIndex.assumeChronicleMap(); // A table finds it later: see IndexCorruptionTest.
                bytes[bytes.length / 2] ^= 1;
                Files.write(index, bytes);
            }
            default -> Files.write(index, Arrays.copyOf(bytes, bytes.length / 2));
        }
        checkUsual(model, false);
        checkUsual(model, true);
    }

    @Test
    void oldMarkThatWasPutBackIsIgnored() throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
        TestStores.onHeap(indexes).open(directory()).close();
        try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory())) {
            store.put("key", new byte[1]);
        }
        byte[] old = Files.readAllBytes(directory().resolve("CLEAN"));
        try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory())) {
            store.put("key", new byte[2]);
        }
        write("CLEAN", old);

        try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory())) {
            assertThat(store.get("key")).hasSize(2);
            assertThat(store.stats().opening().clean()).isFalse();
            assertThat(store.stats().opening().tornBytes()).isZero();
        }
    }

    @Test
    void fileThatIsMissingOrCutAfterACleanCloseIsAnExceptionForItsKeysAndReported() throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
        try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory())) {
            for (int i = 0; i < 9; i++) {
                store.put("key" + i, TestStores.blob(20_000, i));
            }
        }
        Files.delete(directory().resolve(FIRST));
        byte[] second = Files.readAllBytes(directory().resolve("00000002.arena"));
        write("00000002.arena", Arrays.copyOf(second, second.length / 2));

        try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory())) {
            assertThat(store.stats().opening().damageCount()).isEqualTo(2);
            assertThatThrownBy(() -> store.get("key0")).isInstanceOf(CorruptBlobException.class);
            assertThatThrownBy(() -> store.get("key5")).isInstanceOf(CorruptBlobException.class);
            assertThat(store.get("key8")).isEqualTo(TestStores.blob(20_000, 8));
            assertThat(store.verify().isIntact()).isFalse();
        }
    }

    // ---- numbers, repeated crashes

    @Test
    void crashDuringRecoveryAndAgainLosesNothing() throws IOException {
        Map<String, ByteBuffer> model = fillFiles(4);
        for (int round = 0; round < 4; round++) {
            StoreAccess.crash(open());
        }
        checkRecovers(model);
        try (BlobStore<String> store = open()) {
            assertThat(TestStores.content(store)).isEqualTo(model);
        }
    }

    @Test
    void cleanCloseAfterARecoveryIsClean() throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
        Map<String, ByteBuffer> model = fillFiles(3);
        TestStores.onHeap(indexes).open(directory()).close();

        try (BlobStore<String> store = TestStores.onHeap(indexes).open(directory())) {
            assertThat(store.stats().opening().clean()).isTrue();
            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    @Test
    void idOfALostLastFileIsNotUsedAgainWhenTheMarkKnowsIt() throws IOException {
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 9; i++) {
                store.put("key" + i, TestStores.blob(20_000, i));
            }
        }
        List<Path> arenas = TestStores.arenas(directory());
        Path last = arenas.get(arenas.size() - 1);
        Files.delete(last);
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 9; i++) {
                store.put("more" + i, TestStores.blob(20_000, i));
            }
        }
        assertThat(Files.exists(last)).isFalse();
    }

    @Test
    void sequenceNumbersAscendOverReopeningsAndCrashes() throws IOException {
        byte[] key = "key".getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 6; round++) {
            BlobStore<String> store = open();
            store.put("key", new byte[round]);
            if (round % 2 == 0) {
                StoreAccess.crash(store);
            } else {
                store.close();
            }
        }
        List<Long> sequences = new java.util.ArrayList<>();
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(directory().resolve(FIRST))).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int at = 64; at < file.limit(); ) {
            int length = HEADER + file.getShort(at + 28) + file.getInt(at + 16);
            if (file.get(at + 30) == 1) {
                assertThat(file.slice(at + HEADER, key.length)).isEqualTo(ByteBuffer.wrap(key));
                sequences.add(file.getLong(at + 8));
            }
            at += length;
        }
        assertThat(sequences).hasSize(6).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void filesBegunUnderALargerLimitAreSealedUnderASmallerOne() throws IOException {
        Map<String, ByteBuffer> model = new HashMap<>();
        try (BlobStore<String> store =
                TestStores.onHeap().arenaBytesMax(1 << 20).open(directory())) {
            for (int i = 0; i < 30; i++) {
                byte[] blob = TestStores.blob(10_000, i);
                store.put("key" + i, blob);
                model.put("key" + i, ByteBuffer.wrap(blob));
            }
            StoreAccess.crash(store);
        }
        for (int round = 0; round < 2; round++) {
            try (BlobStore<String> store = open()) {
                assertThat(TestStores.content(store)).isEqualTo(model);
                store.put("round" + round, new byte[1]);
                model.put("round" + round, ByteBuffer.wrap(new byte[1]));
            }
        }
        checkRecovers(model);
    }

    // ---- support

    /** The keys a, b and c in one unclean file; where each record ends. */
    private long[] threeRecords(Durability durability) throws IOException {
        long[] ends = new long[3];
        try (BlobStore<String> store = open()) {
            for (int i = 0; i < 3; i++) {
                store.withDurability(durability).put("" + (char) ('a' + i), TestStores.blob(30, 'a' + i));
                ends[i] = length(FIRST);
            }
            StoreAccess.crash(store);
        }
        return ends;
    }

    /** So many files, the last not sealed, after a crash. */
    private Map<String, ByteBuffer> fillFiles(int files) throws IOException {
        Map<String, ByteBuffer> model = new HashMap<>();
        try (BlobStore<String> store = open()) {
            for (int i = 0; store.stats().arenaFiles() < files; i++) {
                String key = String.format(java.util.Locale.ROOT, "key%02d", i);
                byte[] blob = TestStores.blob(9_000, i);
                store.put(key, blob);
                model.put(key, ByteBuffer.wrap(blob));
            }
        }
        Files.delete(directory().resolve("CLEAN"));
        return model;
    }

    private void checkRecovers(Map<String, ByteBuffer> model) throws IOException {
        Files.deleteIfExists(directory().resolve("CLEAN"));
        try (BlobStore<String> store = open()) {
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(store.verify().damage()).isEmpty();
            StoreAccess.crash(store);
        }
    }

    private Map<String, ByteBuffer> closedOnUsualIndex() throws IOException {
        Map<String, ByteBuffer> model = new HashMap<>();
        try (BlobStore<String> store = BlobStore.open(directory(), KeyCodec.utf8())) {
            for (int i = 0; i < 200; i++) {
                byte[] blob = TestStores.blob(100, i);
                store.put("key" + i % 150, blob);
                model.put("key" + i % 150, ByteBuffer.wrap(blob));
            }
        }
        return model;
    }

    private void checkUsual(Map<String, ByteBuffer> model, boolean clean) throws IOException {
        try (BlobStore<String> store = BlobStore.open(directory(), KeyCodec.utf8())) {
            assertThat(store.stats().opening().clean()).isEqualTo(clean);
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(model);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    private long length(String name) throws IOException {
        return Files.size(directory().resolve(name));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.write(directory().resolve(name), bytes);
    }

    private void flip(String name, long at) throws IOException {
        byte[] bytes = Files.readAllBytes(directory().resolve(name));
        bytes[(int) at] ^= 0x10;
        write(name, bytes);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
