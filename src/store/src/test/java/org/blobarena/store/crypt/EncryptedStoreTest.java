package org.blobarena.store.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.testing.TestKeys;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an encrypted store does, what it refuses, and how its keys are replaced. Shows invariant 20 of store-format.md. */
class EncryptedStoreTest {

    private static final String SECRET_KEY = "a key that nobody may see";
    private static final String SECRET_BLOB = "a blob that nobody may see";

    @TempDir
    Path directory;

    private static BlobStoreBuilder<String> builder() {
        return BlobStore.builder(KeyCodec.utf8()).automaticCompaction(false);
    }

    private BlobStore<String> open(KeySource keys) throws IOException {
        return builder().keySource(keys).open(directory);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 65_535, 65_536, 65_537, 131_072, 200_000, 5_000_000})
    void blobsOfAllLengthsAreReadInAllWays(int length) throws IOException {
        byte[] blob = TestStores.blob(length, 1);
        try (BlobStore<String> store = open(TestKeys.first())) {
            for (Compression compression : Compression.values()) {
                String array = "array " + compression;
                String stream = "stream " + compression;
                store.withCompression(compression).put(array, blob);
                store.withCompression(compression).put(stream, new ByteArrayInputStream(blob));
                for (String key : new String[] {array, stream}) {
                    assertThat(store.get(key)).isEqualTo(blob);
                    assertThat(store.sizeOf(key)).hasValue(length);
                    ByteBuffer part = ByteBuffer.allocate(1000);
                    int from = length / 2;
                    int count = store.read(key, from, part).getAsInt();
                    assertThat(Arrays.copyOf(part.array(), count))
                            .isEqualTo(Arrays.copyOfRange(blob, from, from + Math.min(1000, length - from)));
                    try (var in = store.openStream(key)) {
                        assertThat(in.readAllBytes()).isEqualTo(blob);
                    }
                }
            }
            assertThat(store.verify().isIntact()).isTrue();
        }
        try (BlobStore<String> store = open(TestKeys.first())) {
            assertThat(store.get("array NONE")).isEqualTo(blob);
            assertThat(store.get("stream ZSTD")).isEqualTo(blob);
            assertThat(store.stats().opening().clean()).isTrue();
            assertThat(store.stats().formatVersion()).isEqualTo(2);
        }
    }

    @Test
    void blobThatGetsShorterIsCompressedBeforeItIsEncrypted() throws IOException {
        byte[] blob = new byte[300_000];
        try (BlobStore<String> store = builder()
                .keySource(TestKeys.first())
                .compression(Compression.ZSTD)
                .open(directory)) {
            store.put("array", blob);
            store.put("stream", new ByteArrayInputStream(blob));
            assertThat(store.get("array")).isEqualTo(blob);
            assertThat(store.get("stream")).isEqualTo(blob);
            assertThat(store.describe("array").compressed()).isTrue();
            assertThat(store.stats().arenaBytes()).isLessThan(5000);
        }
    }

    @Test
    void limitsOfKeysAndBlobsAreWhatFits() throws IOException {
        try (BlobStore<String> store =
                builder().keySource(TestKeys.first()).arenaBytesMax(256 * 1024).open(directory)) {
            assertThatThrownBy(() -> store.put("k".repeat(65_508), new byte[1]))
                    .isInstanceOf(BlobTooLargeException.class)
                    .hasMessageContaining("65507");
            store.put("k".repeat(65_507), new byte[1]);
            int max = 256 * 1024 - 288 - 3 - 3 * 28 - 4 * 28;
            assertThatThrownBy(() -> store.put("key", new byte[max + 1])).isInstanceOf(BlobTooLargeException.class);
            store.put("key", new byte[max]);
            assertThat(store.get("key")).hasSize(max);
        }
    }

    // ---- keys that are missing or wrong

    @Test
    void wrongOrMissingKeyIsRefusedBeforeAnythingIsServed() throws IOException {
        open(TestKeys.first()).close();
        Map<String, byte[]> before = TestStores.files(directory);

        assertThatThrownBy(() -> open(KeySource.of(1, TestKeys.key(2))))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("key 1")
                .hasMessageContaining("wrong");
        assertThatThrownBy(() -> open(TestKeys.second()))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("key 1")
                .hasMessageContaining("missing");
        assertThatThrownBy(() -> builder().open(directory))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("is encrypted");
        assertThatThrownBy(() -> BlobStore.openReadOnly(directory, KeyCodec.utf8()))
                .isInstanceOf(StoreKeyException.class);
        assertThatThrownBy(() -> BlobStore.repair(directory)).isInstanceOf(StoreKeyException.class);
        assertThatThrownBy(() -> BlobStore.repair(directory, TestKeys.second())).isInstanceOf(StoreKeyException.class);
        Map<String, byte[]> after = TestStores.files(directory);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.remove("LOCK");
        before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
    }

    @Test
    void keyOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> KeySource.of(1, new byte[16])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeySource.of(0, new byte[32])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeySource.of(Map.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> open(new KeySource() {
                    @Override
                    public int currentKeyId() {
                        return 1;
                    }

                    @Override
                    public byte[] key(int keyId) {
                        return new byte[31];
                    }
                }))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("31 bytes");
    }

    @Test
    void storeThatIsNotEncryptedTakesNoKeys() throws IOException {
        builder().open(directory).close();

        assertThatThrownBy(() -> open(TestKeys.first()))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("is not encrypted");
    }

    @Test
    void fileThatIsNotEncryptedIsForeign(@TempDir Path other) throws IOException {
        try (BlobStore<String> store = builder().open(other)) {
            store.put("key", bytes("blob"));
        }
        open(TestKeys.first()).close();
        Files.copy(other.resolve("00000001.arena"), directory.resolve("00000001.arena"));

        assertThatThrownBy(() -> open(TestKeys.first())).isInstanceOf(ForeignFileException.class);
    }

    @Test
    void storeWithoutItsFileOfKeysIsNotOpened() throws IOException {
        open(TestKeys.first()).close();
        byte[] keys = Files.readAllBytes(directory.resolve("KEYS"));
        Files.delete(directory.resolve("KEYS"));

        assertThatThrownBy(() -> open(TestKeys.first()))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("KEYS");
        keys[20] ^= 1;
        Files.write(directory.resolve("KEYS"), keys);
        try (BlobStore<String> store = open(TestKeys.first())) {
            assertThat(store.stats().opening().damageCount()).isEqualTo(1);
        }
        assertThat(BlobStore.repair(directory, TestKeys.first()).identityRewritten())
                .isTrue();
        try (BlobStore<String> store = open(TestKeys.first())) {
            assertThat(store.stats().opening().damageCount()).isZero();
        }
    }

    @Test
    void keysOfAnotherStoreAreNotTaken(@TempDir Path other) throws IOException {
        open(TestKeys.first()).close();
        builder().keySource(TestKeys.first()).open(other).close();
        Files.write(directory.resolve("KEYS"), Files.readAllBytes(other.resolve("KEYS")));

        assertThatThrownBy(() -> open(TestKeys.first()))
                .isInstanceOf(CorruptBlobException.class)
                .hasMessageContaining("KEYS");
    }

    /** A process may die between the two. */
    @Test
    void keysWithoutAStoreAreReplaced(@TempDir Path other) throws IOException {
        builder().keySource(TestKeys.second()).open(other).close();
        Files.copy(other.resolve("KEYS"), directory.resolve("KEYS"));

        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("key", bytes("blob"));
        }
        try (BlobStore<String> store = open(TestKeys.first())) {
            assertThat(store.get("key")).isEqualTo(bytes("blob"));
        }
    }

    // ---- keys are replaced

    @Test
    void compactionMovesWhatIsEncryptedWithAFormerKey() throws IOException {
        byte[] blob = TestStores.blob(100_000, 1);
        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("before", blob);
            store.put("removed", blob);
            store.remove("removed");
            assertThat(store.keyIds()).containsExactly(1);
        }
        try (BlobStore<String> store = open(TestKeys.both())) {
            assertThat(store.get("before")).isEqualTo(blob);
            store.compact();
            store.put("after", blob);
            assertThat(store.keyIds()).containsExactly(2);
            assertThat(store.verify().isIntact()).isTrue();
        }
        try (BlobStore<String> store = open(TestKeys.second())) {
            assertThat(store.get("before")).isEqualTo(blob);
            assertThat(store.get("after")).isEqualTo(blob);
            assertThat(store.contains("removed")).isFalse();
        }
        assertThatThrownBy(() -> open(TestKeys.first()))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("key 2");
    }

    @Test
    void compactionMovesAFileOfAFormerKeyInWhichNothingIsDead() throws IOException {
        byte[] blob = TestStores.blob(1000, 1);
        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("before", blob);
        }
        try (BlobStore<String> store = open(TestKeys.both())) {
            store.compact();
            assertThat(store.keyIds()).containsExactly(2);
            assertThat(store.get("before")).isEqualTo(blob);
        }
    }

    @Test
    void compactionMovesTheKeyOfAnEmptyStoreToo() throws IOException {
        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("key", bytes("blob"));
            store.remove("key");
        }
        try (BlobStore<String> store = open(TestKeys.both())) {
            store.compact();
            assertThat(store.keyIds()).doesNotContain(1);
        }
        open(TestKeys.second()).close();
    }

    @Test
    void formerKeyIsNeededAsLongAsAFileIs() throws IOException {
        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("before", bytes("blob"));
        }
        try (BlobStore<String> store = open(TestKeys.both())) {
            store.put("after", bytes("blob"));
        }

        assertThatThrownBy(() -> open(TestKeys.second()))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("key 1");
        assertThatThrownBy(() -> open(KeySource.of(Map.of(1, TestKeys.key(3), 2, TestKeys.key(2)))))
                .isInstanceOf(StoreKeyException.class)
                .hasMessageContaining("key 1");
    }

    @Test
    void readerBesideAWriterThatHasANewKeyAsksForIt() throws IOException {
        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("before", bytes("blob"));
        }
        try (ReadOnlyBlobStore<String> reader =
                BlobStore.reader(KeyCodec.utf8()).keySource(TestKeys.both()).open(directory)) {
            assertThat(reader.get("before")).isEqualTo(bytes("blob"));
            try (BlobStore<String> store = open(TestKeys.both())) {
                store.compact();
                store.put("after", bytes("new"));
                reader.refresh();
                assertThat(reader.get("after")).isEqualTo(bytes("new"));
                assertThat(reader.get("before")).isEqualTo(bytes("blob"));
            }
            assertThat(reader.verify().isIntact()).isTrue();
        }
    }

    // ---- the rest of a store

    @Test
    void snapshotIsReadWithTheSameKeys(@TempDir Path target) throws IOException {
        Path snapshot = target.resolve("snapshot");
        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("key", bytes("blob"));
            store.snapshot(snapshot);
            store.put("key", bytes("new"));
        }
        try (BlobStore<String> store = builder().keySource(TestKeys.first()).open(snapshot)) {
            assertThat(store.get("key")).isEqualTo(bytes("blob"));
            store.put("other", bytes("blob"));
        }
        assertThatThrownBy(() -> builder().open(snapshot)).isInstanceOf(StoreKeyException.class);
        try (BlobStore<String> store = open(TestKeys.first())) {
            assertThat(store.get("key")).isEqualTo(bytes("new"));
        }
    }

    @Test
    void repairKeepsWhatCanBeReadEncrypted() throws IOException {
        byte[] blob = TestStores.blob(70_000, 1);
        try (BlobStore<String> store = open(TestKeys.first())) {
            store.put("lost", blob);
            store.put("kept", blob);
            store.force();
        }
        Path file = directory.resolve("00000001.arena");
        byte[] bytes = Files.readAllBytes(file);
        bytes[1000] ^= 1;
        Files.write(file, bytes);
        try (BlobStore<String> store = open(TestKeys.first())) {
            assertThatThrownBy(() -> store.get("lost")).isInstanceOf(CorruptBlobException.class);
            assertThat(store.get("kept")).isEqualTo(blob);
            assertThat(store.verify().damageCount()).isEqualTo(1);
        }

        assertThat(BlobStore.repair(directory, TestKeys.first()).losses()).hasSize(1);

        try (BlobStore<String> store = open(TestKeys.first())) {
            assertThat(store.get("lost")).isNull();
            assertThat(store.get("kept")).isEqualTo(blob);
            assertThat(store.verify().isIntact()).isTrue();
        }
    }

    @Test
    void temporaryStoreCanBeEncrypted() throws IOException {
        try (BlobStore<String> store = builder().keySource(TestKeys.first()).temporary(directory)) {
            store.put("key", bytes("blob"));
            assertThat(store.get("key")).isEqualTo(bytes("blob"));
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void cacheIsEncryptedThroughEvictions() throws IOException {
        Map<Integer, byte[]> blobs = new java.util.HashMap<>();
        try (BlobCache<String> cache = BlobCache.builder(KeyCodec.utf8())
                .maximumBytes(8 << 20)
                .keySource(TestKeys.first())
                .open(directory)) {
            for (int i = 0; i < 3000; i++) {
                byte[] blob = TestStores.blob(1000 + i % 7 * 1000, i);
                blobs.put(i, blob);
                cache.put(SECRET_KEY + i, blob);
                byte[] hot = cache.getIfPresent(SECRET_KEY + i / 2 % 50);
                if (hot != null) {
                    assertThat(hot).isEqualTo(blobs.get(i / 2 % 50));
                }
            }
            assertThat(cache.stats().evictions()).isPositive();
        }
        assertNothingIsPlain(directory);
        try (BlobCache<String> cache = BlobCache.builder(KeyCodec.utf8())
                .maximumBytes(8 << 20)
                .keySource(TestKeys.first())
                .open(directory)) {
            assertThat(cache.getIfPresent(SECRET_KEY + 2999)).isEqualTo(blobs.get(2999));
        }
        assertThatThrownBy(() ->
                        BlobCache.builder(KeyCodec.utf8()).maximumBytes(8 << 20).open(directory))
                .isInstanceOf(StoreKeyException.class);
        assertThatThrownBy(() -> open(TestKeys.first())).isInstanceOf(NotAStoreException.class);
    }

    // ---- nothing is plain

    @ParameterizedTest
    @EnumSource(Durability.class)
    void nothingOfKeysAndBlobsStandsInTheDirectoryInClear(Durability durability, @TempDir Path target)
            throws IOException {
        byte[] blob = bytes(SECRET_BLOB.repeat(5000));
        Path snapshot = target.resolve("snapshot");
        BlobStoreBuilder<String> builder = StoreAccess.streamMemoryBytes(
                builder().keySource(TestKeys.first()).durability(durability), 1000);
        try (BlobStore<String> store = builder.open(directory)) {
            for (int i = 0; i < 20; i++) {
                store.put(SECRET_KEY + i, bytes(SECRET_BLOB + i));
                store.put(SECRET_KEY + "-long" + i, blob);
                store.put(SECRET_KEY + "-stream" + i, new ByteArrayInputStream(blob));
                store.put(SECRET_KEY + "-expiring" + i, bytes(SECRET_BLOB), Expiry.after(Duration.ofDays(1)));
                store.withCompression(Compression.ZSTD).put(SECRET_KEY + "-compressed" + i, bytes(SECRET_BLOB + i));
            }
            store.putAll(Map.of(SECRET_KEY, bytes(SECRET_BLOB), SECRET_KEY + "2", blob));
            var given = store.newOutputStream(SECRET_KEY + "-given-up");
            given.write(blob);
            given.flush();
            assertNothingIsPlain(directory);
            given.close();
            store.remove(SECRET_KEY + 3);
            store.compact();
            store.snapshot(snapshot);
            assertNothingIsPlain(directory);
            StoreAccess.crash(store);
        }
        assertNothingIsPlain(directory);
        builder.open(directory).close();
        assertNothingIsPlain(directory);
        Path file = TestStores.arenas(directory).get(0);
        byte[] damaged = Files.readAllBytes(file);
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        BlobStore.repair(directory, TestKeys.first());
        assertNothingIsPlain(directory);
        assertNothingIsPlain(snapshot);
    }

    private static void assertNothingIsPlain(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : TestStores.files(directory).entrySet()) {
            String text = new String(file.getValue(), StandardCharsets.ISO_8859_1);
            assertThat(text.contains("nobody may see"))
                    .as("%s shows what is secret", file.getKey())
                    .isFalse();
            assertThat(text.contains(new String(TestKeys.key(1), StandardCharsets.ISO_8859_1)))
                    .as("%s shows the key", file.getKey())
                    .isFalse();
        }
    }
}
