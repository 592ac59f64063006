package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.format.Limits;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobStoreTest {

    @TempDir
    Path directory;

    private BlobStore<String> store;

    @BeforeEach
    void open() throws IOException {
        store = TestStores.onHeap().arenaBytesMax(4 << 20).open(directory.resolve("store"));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    // ---- put, get, remove

    @Test
    void putIsReadBackAndReplaced() throws IOException {
        store.put("key", bytes("one"));
        assertThat(store.get("key")).isEqualTo(bytes("one"));

        store.put("key", bytes("two!"));
        assertThat(store.get("key")).isEqualTo(bytes("two!"));
        assertThat(store.sizeOf("key")).hasValue(4);
        assertThat(store.size()).isEqualTo(1);
    }

    @Test
    void absentKeyIsNullEmptyAndFalse() throws IOException {
        assertThat(store.get("absent")).isNull();
        assertThat(store.get("absent", ByteBuffer.allocate(9))).isEmpty();
        assertThat(store.contains("absent")).isFalse();
        assertThat(store.sizeOf("absent")).isEmpty();
        assertThat(store.describe("absent")).isNull();
        assertThat(store.remove("absent")).isFalse();
        assertThat(store.size()).isZero();
    }

    @Test
    void describeTellsWhereAndHowABlobIsStored() throws IOException {
        byte[] text = bytes("a line that comes again\n".repeat(10_000));
        store.put("first", bytes("one"));
        store.withCompression(Compression.ZSTD).put("second", text);

        RecordInfo first = store.describe("first");
        RecordInfo second = store.describe("second");
        store.put("first", bytes("three"));
        RecordInfo replaced = store.describe("first");

        assertThat(first.file()).isEqualTo(store.fileStats().get(0).file());
        byte[] file = Files.readAllBytes(first.file());
        int end = (int) (first.offset() + first.recordBytes());
        assertThat(Arrays.copyOfRange(file, end - 8, end)).isEqualTo(bytes("firstone"));
        assertThat(first.keyBytes()).isEqualTo(5);
        assertThat(first.blobBytes()).isEqualTo(3);
        assertThat(first.compressed()).isFalse();
        assertThat(second.offset()).isEqualTo(end);
        assertThat(second.compressed()).isTrue();
        assertThat(second.blobBytes()).isEqualTo(text.length);
        assertThat(second.recordBytes()).isLessThan(text.length / 4);
        assertThat(second.sequence()).isGreaterThan(first.sequence());
        assertThat(replaced.blobBytes()).isEqualTo(5);
        assertThat(replaced.offset()).isEqualTo(end + second.recordBytes());
        assertThat(replaced.sequence()).isGreaterThan(second.sequence());
    }

    @Test
    void emptyKeyAndEmptyBlobAreLegal() throws IOException {
        store.put("", new byte[0]);

        assertThat(store.get("")).isEmpty();
        assertThat(store.contains("")).isTrue();
        assertThat(store.sizeOf("")).hasValue(0);
        assertThat(store.get("", ByteBuffer.allocate(0))).hasValue(0);
        assertThat(TestStores.content(store)).containsOnlyKeys("");
        assertThat(store.remove("")).isTrue();
        assertThat(store.get("")).isNull();
    }

    @Test
    void removedKeyIsAbsentAndCanComeBack() throws IOException {
        store.put("key", bytes("one"));

        assertThat(store.remove("key")).isTrue();
        assertThat(store.withDurability(Durability.FORCED).remove("key")).isFalse();
        assertThat(store.get("key")).isNull();
        store.put("key", bytes("two"));
        assertThat(store.get("key")).isEqualTo(bytes("two"));
    }

    @Test
    void putIfAbsentStoresOnceOnly() throws IOException {
        ByteBuffer second = ByteBuffer.wrap(bytes("second"));

        assertThat(store.putIfAbsent("key", bytes("first"))).isTrue();
        assertThat(store.putIfAbsent("key", bytes("second"))).isFalse();
        assertThat(store.putIfAbsent("key", second)).isFalse();
        assertThat(second.position()).isZero();
        assertThat(store.get("key")).isEqualTo(bytes("first"));
        store.remove("key");
        assertThat(store.putIfAbsent("key", second)).isTrue();
        assertThat(second.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4055, 4096, 65_000, 65_503, 65_504, 65_536, 131_072, 131_073, 1_000_000})
    void blobsAroundBufferAndPieceSizesComeBack(int length) throws IOException {
        byte[] blob = TestStores.blob(length, 1);
        for (Durability durability : Durability.values()) {
            String key = "k" + durability;
            store.withDurability(durability).put(key, blob);
            assertThat(store.get(key)).isEqualTo(blob);
            ByteBuffer direct = ByteBuffer.allocateDirect(length + 3);
            assertThat(store.get(key, direct)).hasValue(length);
            assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(blob));
        }
        assertThat(store.verify().isIntact()).isTrue();
    }

    @Test
    void argumentsAreTheCallersAgain() throws IOException {
        byte[] blob = bytes("before");
        store.withDurability(Durability.BUFFERED).put("key", blob);
        blob[0] = 'x';
        byte[] read = store.get("key");
        read[1] = 'y';

        assertThat(store.get("key")).isEqualTo(bytes("before"));
    }

    // ---- keys

    @ParameterizedTest
    @ValueSource(ints = {511, 480, 481, 65_504, 65_505, 65_535})
    void longKeysWorkEverywhere(int length) throws IOException {
        String key = "k".repeat(length);
        store.put(key, bytes("of a long key"));
        store.put("other", bytes("x"));

        assertThat(store.get(key)).isEqualTo(bytes("of a long key"));
        assertThat(store.get(key, ByteBuffer.allocate(13))).hasValue(13);
        try (Stream<String> keys = store.keys()) {
            assertThat(keys).containsExactlyInAnyOrder(key, "other");
        }
        assertThat(TestStores.content(store)).containsOnlyKeys(key, "other");
        assertThat(store.verify().isIntact()).isTrue();
        reopen();
        assertThat(store.get(key)).isEqualTo(bytes("of a long key"));
        assertThat(store.remove(key)).isTrue();
        assertThat(store.contains(key)).isFalse();
    }

    @Test
    void keyOverTheLimitIsRefusedAndNothingIsWritten() throws IOException {
        String key = "k".repeat(65_536);
        StoreStats before = store.stats();

        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> store.put(key, new byte[1]), () -> store.putIfAbsent(key, new byte[1]), () -> store.remove(key)
        }) {
            assertThatThrownBy(call)
                    .isInstanceOf(BlobTooLargeException.class)
                    .hasMessageContaining("65536")
                    .hasMessageContaining("65535");
        }
        assertThat(store.get(key)).isNull();
        assertThat(store.contains(key)).isFalse();
        assertThat(store.stats()).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    void blobAtTheLimitIsStoredAndOneByteMoreRefused() throws IOException {
        try (BlobStore<String> small = TestStores.onHeap().open(directory.resolve("small"))) {
            int limit = (int) Limits.payloadBytesMax(TestStores.SMALL_FILE_BYTES, 3, false);
            small.put("abc", TestStores.blob(limit, 1));
            StoreStats before = small.stats();

            ByteBuffer tooLarge = ByteBuffer.allocate(limit + 1);
            assertThatThrownBy(() -> small.put("abc", tooLarge))
                    .isInstanceOf(BlobTooLargeException.class)
                    .hasMessageContaining("at most " + limit);
            assertThatThrownBy(() -> small.putIfAbsent("abd", new byte[limit + 1]))
                    .isInstanceOf(BlobTooLargeException.class);
            assertThat(tooLarge.position()).isZero();
            assertThat(small.stats()).usingRecursiveComparison().isEqualTo(before);
            assertThat(small.get("abc")).isEqualTo(TestStores.blob(limit, 1));

            small.put("abc", TestStores.blob(limit, 2));
            assertThat(small.get("abc")).isEqualTo(TestStores.blob(limit, 2));
            for (Path file : TestStores.arenas(directory.resolve("small"))) {
                assertThat(file.toFile().length()).isLessThanOrEqualTo(TestStores.SMALL_FILE_BYTES);
            }
        }
    }

    @Test
    void keyThatLeavesNoRoomInAFileIsRefusedWithTheReason() throws IOException {
        try (BlobStore<String> small = TestStores.onHeap().open(directory.resolve("small"))) {
            assertThatThrownBy(() -> small.put("k".repeat(65_535), new byte[0]))
                    .isInstanceOf(BlobTooLargeException.class)
                    .hasMessageContaining("65536")
                    .hasMessageNotContaining("-");
        }
    }

    @Test
    void keyThatFitsNoFileSinceTheLimitWasLoweredIsRemovedAllTheSame() throws IOException {
        String key = "k".repeat(65_535);
        store.put(key, bytes("large"));
        store.close();
        try (BlobStore<String> small = TestStores.onHeap().open(directory.resolve("store"))) {
            assertThat(small.remove(key)).isTrue();
            assertThat(small.get(key)).isNull();
            small.put("next", bytes("next"));
        }
        open();
        assertThat(TestStores.content(store)).containsOnlyKeys("next");
    }

    @Test
    void unpairedSurrogateIsRefused() {
        for (String key : new String[] {"\ud800", "a\udc00b", "\udc00\ud800"}) {
            assertThatThrownBy(() -> store.put(key, new byte[1])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.get(key)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(store.size()).isZero();
    }

    @Test
    void supplementaryCharactersAreKeys() throws IOException {
        store.put("\ud83d\ude00é", bytes("smile"));

        assertThat(store.get("\ud83d\ude00é")).isEqualTo(bytes("smile"));
        assertThat(TestStores.content(store)).containsOnlyKeys("\ud83d\ude00é");
    }

    @Test
    void codecsGiveBackWhatTheyEncode() {
        UUID id = new UUID(0x0123456789abcdefL, -1);
        for (long number : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(KeyCodec.longs().decode(KeyCodec.longs().encode(number))).isEqualTo(number);
        }
        assertThat(KeyCodec.longs().encode(1L)).containsExactly(0, 0, 0, 0, 0, 0, 0, 1);
        assertThat(KeyCodec.uuids().decode(KeyCodec.uuids().encode(id))).isEqualTo(id);
        assertThat(KeyCodec.uuids().encode(id)).hasSize(16).startsWith(1, 0x23, 0x45);
        assertThat(KeyCodec.utf8().decode(KeyCodec.utf8().encode("täst"))).isEqualTo("täst");
        assertThat(KeyCodec.bytes().decode(KeyCodec.bytes().encode(new byte[] {1, 2})))
                .containsExactly(1, 2);
    }

    @Test
    void codecsRefuseBytesOfNoKey() {
        for (int length : new int[] {0, 7, 9, 15, 17}) {
            byte[] bytes = new byte[length];
            assertThatThrownBy(() -> KeyCodec.longs().decode(bytes)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> KeyCodec.uuids().decode(bytes)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> KeyCodec.utf8().decode(new byte[] {(byte) 0xc0, (byte) 0x80}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytesKeyMayChangeAfterwards() throws IOException {
        try (BlobStore<byte[]> byBytes = StoreAccess.environment(
                        BlobStore.builder(KeyCodec.bytes()),
                        new StoreEnvironment(
                                StoreOpener::openDirectory, org.blobarena.index.HeapLocationIndexFactory.forgetting()))
                .open(directory.resolve("bytes"))) {
            byte[] key = {1, 2, 3};
            byBytes.withDurability(Durability.BUFFERED).put(key, bytes("x"));
            key[0] = 9;

            assertThat(byBytes.get(new byte[] {1, 2, 3})).isEqualTo(bytes("x"));
            assertThat(byBytes.get(key)).isNull();
        }
    }

    // ---- buffers

    @Test
    void buffersOfEveryKindAreReadFromPositionToLimit() throws IOException {
        byte[] content = bytes("..blob..");
        ByteBuffer direct =
                ByteBuffer.allocateDirect(8).put(content).position(2).limit(6);
        ByteBuffer sliced = ByteBuffer.wrap(content).slice(1, 6).position(1).limit(5);
        ByteBuffer heap = ByteBuffer.wrap(content, 2, 4);
        for (ByteBuffer blob : List.of(heap, direct, sliced, heap.asReadOnlyBuffer(), direct.asReadOnlyBuffer())) {
            int limit = blob.limit();
            store.put("key", blob.duplicate().clear());
            store.put("key", blob);

            assertThat(store.get("key")).isEqualTo(bytes("blob"));
            assertThat(blob.position()).isEqualTo(limit);
            assertThat(blob.limit()).isEqualTo(limit);
        }
    }

    @Test
    void getFillsABufferOfEveryKindFromItsPosition() throws IOException {
        store.put("key", bytes("blob"));
        for (ByteBuffer target : List.of(
                ByteBuffer.allocate(10),
                ByteBuffer.allocateDirect(10),
                ByteBuffer.allocate(20).position(5).slice())) {
            target.position(3).limit(9);
            assertThat(store.get("key", target)).hasValue(4);
            assertThat(target.position()).isEqualTo(7);
            assertThat(target.limit()).isEqualTo(9);
            assertThat(target.slice(3, 4)).isEqualTo(ByteBuffer.wrap(bytes("blob")));
        }
    }

    @Test
    void bufferThatIsTooSmallIsUnchanged() throws IOException {
        store.put("key", bytes("blob"));
        ByteBuffer target = ByteBuffer.wrap(bytes("123456")).position(3);

        assertThatThrownBy(() -> store.get("key", target)).isInstanceOf(BufferOverflowException.class);

        assertThat(target.position()).isEqualTo(3);
        assertThat(target.array()).isEqualTo(bytes("123456"));
    }

    @Test
    void readOnlyTargetIsRefusedAndItsPositionStays() throws IOException {
        store.put("key", bytes("blob"));
        ByteBuffer target = ByteBuffer.allocate(9).asReadOnlyBuffer();

        assertThatThrownBy(() -> store.get("key", target)).isInstanceOf(ReadOnlyBufferException.class);
        assertThat(target.position()).isZero();
    }

    // ---- null, use after close

    @Test
    void nullIsRefusedBeforeAnythingHappens() throws IOException {
        store.put("key", bytes("blob"));
        StoreStats before = store.stats();
        List<ThrowingCallable> calls = List.of(
                () -> store.put(null, new byte[1]),
                () -> store.put("key", (byte[]) null),
                () -> store.put("key", (ByteBuffer) null),
                () -> store.withDurability(null),
                () -> store.withCompression(null),
                () -> store.putIfAbsent(null, new byte[1]),
                () -> store.putIfAbsent("key", (byte[]) null),
                () -> store.putIfAbsent("absent", (ByteBuffer) null),
                () -> store.remove(null),
                () -> store.get(null),
                () -> store.get("key", (ByteBuffer) null),
                () -> store.get("absent", (ByteBuffer) null),
                () -> store.contains(null),
                () -> store.sizeOf(null),
                () -> store.describe(null),
                () -> store.forEach(null),
                () -> BlobStore.builder(null),
                () -> BlobStore.builder(KeyCodec.utf8()).durability(null),
                () -> BlobStore.builder(KeyCodec.utf8()).descriptors(null),
                () -> BlobStore.builder(KeyCodec.utf8()).forceEvery(null),
                () -> BlobStore.open(null, KeyCodec.utf8()));
        for (int i = 0; i < calls.size(); i++) {
            assertThat(catchThrowable(calls.get(i))).as("call %d", i).isInstanceOf(NullPointerException.class);
        }
        assertThat(store.stats()).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    void everyMethodOfAClosedStoreSaysSo() throws IOException {
        store.put("key", bytes("blob"));
        Stream<String> keys = store.keys();
        store.close();
        store.close();
        List<ThrowingCallable> calls = List.of(
                () -> store.put("key", new byte[1]),
                () -> store.withDurability(Durability.FORCED).put("key", new byte[1]),
                () -> store.put("key", ByteBuffer.allocate(1)),
                () -> store.withDurability(Durability.BUFFERED).put("key", ByteBuffer.allocate(1)),
                () -> store.putIfAbsent("key", new byte[1]),
                () -> store.putIfAbsent("key", ByteBuffer.allocate(1)),
                () -> store.remove("key"),
                () -> store.withDurability(Durability.WRITTEN).remove("key"),
                () -> store.force(),
                () -> store.get("key"),
                () -> store.get("key", ByteBuffer.allocate(9)),
                () -> store.contains("key"),
                () -> store.sizeOf("key"),
                () -> store.describe("key"),
                () -> store.size(),
                () -> store.forEach((key, blob) -> {}),
                () -> store.keys(),
                () -> keys.toList(),
                () -> store.stats(),
                () -> store.verify());
        for (int i = 0; i < calls.size(); i++) {
            assertThat(catchThrowable(calls.get(i)))
                    .as("call %d", i)
                    .isInstanceOf(StoreClosedException.class)
                    .hasMessageContaining(directory.toString());
        }
        keys.close();
    }

    // ---- iteration

    @Test
    void forEachVisitsEveryKeyOnceWhileItsActionUsesTheStore() throws IOException {
        Map<String, ByteBuffer> model = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            byte[] blob = TestStores.blob(i % 50, i);
            store.put("key" + i, blob);
            model.put("key" + i, ByteBuffer.wrap(blob));
        }
        Map<String, ByteBuffer> seen = new HashMap<>();
        store.forEach((key, blob) -> {
            assertThat(seen.put(key, ByteBuffer.wrap(blob))).isNull();
            try {
                assertThat(store.get(key)).isEqualTo(blob);
                store.put(key, blob);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });

        assertThat(seen).isEqualTo(model);
        assertThat(store.size()).isEqualTo(1000);
    }

    @Test
    void forEachPassesOverKeysThatItsActionRemoves() throws IOException {
        for (int i = 0; i < 300; i++) {
            store.put("key" + i, bytes("x"));
        }
        Set<String> removed = new HashSet<>();
        Set<String> seen = new HashSet<>();
        store.forEach((key, blob) -> {
            assertThat(removed).doesNotContain(key);
            seen.add(key);
            String other = "key" + (Integer.parseInt(key.substring(3)) ^ 1);
            if (!seen.contains(other)) {
                try {
                    assertThat(store.remove(other)).isTrue();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
                removed.add(other);
            }
        });

        assertThat(seen).hasSize(150);
        assertThat(store.size()).isEqualTo(150);
    }

    @Test
    void exceptionOfTheActionEndsTheVisitAndLeavesTheStoreUsable() throws IOException {
        store.put("a", bytes("x"));
        store.put("b", bytes("x"));
        List<String> seen = new ArrayList<>();

        assertThatThrownBy(() -> store.forEach((key, blob) -> {
                    seen.add(key);
                    throw new IllegalStateException("enough");
                }))
                .hasMessage("enough");

        assertThat(seen).hasSize(1);
        assertThat(TestStores.content(store)).hasSize(2);
    }

    @Test
    void keysStreamClosedEarlyLeavesTheStoreUsable() throws IOException {
        for (int i = 0; i < 500; i++) {
            store.put("key" + i, bytes("x"));
        }
        try (Stream<String> keys = store.keys()) {
            assertThat(keys.limit(3)).hasSize(3).doesNotHaveDuplicates();
        }
        try (Stream<String> keys = store.keys()) {
            assertThat(keys).hasSize(500).doesNotHaveDuplicates();
        }
        store.put("more", bytes("x"));
        assertThat(store.size()).isEqualTo(501);
    }

    @Test
    void closeInsideForEachEndsTheVisit() throws IOException {
        store.put("a", bytes("x"));
        store.put("b", bytes("x"));

        assertThatThrownBy(() -> store.forEach((key, blob) -> {
                    try {
                        store.close();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }))
                .isInstanceOf(StoreClosedException.class);
    }

    // ---- stats, force, options

    @Test
    void statsCountLiveAndDeadBytes() throws IOException {
        assertThat(store.stats().keys()).isZero();
        assertThat(store.stats().opening().clean()).isTrue();

        store.put("key", new byte[100]);
        store.put("two", new byte[10]);
        assertThat(store.stats().liveBytes()).isEqualTo((32 + 3 + 100) + (32 + 3 + 10));
        assertThat(store.stats().deadBytes()).isZero();

        store.put("key", new byte[50]);
        assertThat(store.stats().liveBytes()).isEqualTo((32 + 3 + 50) + (32 + 3 + 10));
        assertThat(store.stats().deadBytes()).isEqualTo(32 + 3 + 100);

        store.remove("two");
        StoreStats stats = store.stats();
        assertThat(stats.liveBytes()).isEqualTo((32 + 3 + 50) + (32 + 3));
        assertThat(stats.deadBytes()).isEqualTo((32 + 3 + 100) + (32 + 3 + 10));
        assertThat(stats.keys()).isEqualTo(1);
        assertThat(stats.arenaFiles()).isEqualTo(1);
        assertThat(stats.arenaBytes()).isEqualTo(64 + stats.liveBytes() + stats.deadBytes());
        assertThat(stats.formatVersion()).isEqualTo(1);

        reopen();
        assertThat(store.stats().liveBytes()).isEqualTo(stats.liveBytes());
        assertThat(store.stats().deadBytes()).isEqualTo(stats.deadBytes());
    }

    @Test
    void forceTwiceAndOfNothingSucceeds() throws IOException {
        store.force();
        store.withDurability(Durability.BUFFERED).put("key", bytes("x"));
        store.force();
        store.force();

        assertThat(store.get("key")).isEqualTo(bytes("x"));
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        BlobStoreBuilder<String> builder = BlobStore.builder(KeyCodec.utf8());
        List<ThrowingCallable> calls = List.of(
                () -> builder.arenaBytesMax(65_535),
                () -> builder.arenaBytesMax(1L << 32),
                () -> builder.bufferBytes(511),
                () -> builder.bufferBytes(-1),
                () -> builder.expectedKeys(-1),
                () -> builder.forceEveryBytes(0),
                () -> builder.forceEvery(Duration.ZERO),
                () -> builder.forceEvery(Duration.ofSeconds(-1)));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(builder.arenaBytesMax(65_536)
                        .arenaBytesMax((1L << 32) - 1)
                        .bufferBytes(512)
                        .expectedKeys(0)
                        .forceEveryBytes(1)
                        .forceEvery(Duration.ofDays(1_000_000))
                        .descriptors(DescriptorBudget.shared()))
                .isSameAs(builder);
    }

    @Test
    void storeOfAllUsualOptionsKeepsItsBlobs() throws IOException {
        Path path = directory.resolve("made/on/the/way");
        try (BlobStore<Long> numbers = BlobStore.open(path, KeyCodec.longs())) {
            numbers.put(7L, bytes("seven"));
        }
        try (BlobStore<Long> numbers = BlobStore.open(path, KeyCodec.longs())) {
            assertThat(numbers.get(7L)).isEqualTo(bytes("seven"));
            assertThat(numbers.stats().opening().clean()).isTrue();
            assertThat(numbers.stats().indexBytes()).isPositive();
        }
    }

    @Test
    void streamOpenOverCloseOfAStoreOnTheUsualIndexEndsWithAnException() throws IOException {
        BlobStore<Long> numbers = BlobStore.open(directory.resolve("usual"), KeyCodec.longs());
        for (long i = 0; i < 3000; i++) {
            numbers.withDurability(Durability.BUFFERED).put(i, new byte[0]);
        }
        try (Stream<Long> keys = numbers.keys()) {
            var iterator = keys.iterator();
            iterator.next();
            numbers.close();
            assertThatThrownBy(() -> {
                        while (iterator.hasNext()) {
                            iterator.next();
                        }
                    })
                    .isInstanceOf(StoreClosedException.class);
        }
        try (BlobStore<Long> again = BlobStore.open(directory.resolve("usual"), KeyCodec.longs())) {
            assertThat(again.size()).isEqualTo(3000);
            assertThat(again.stats().opening().clean()).isTrue();
        }
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
