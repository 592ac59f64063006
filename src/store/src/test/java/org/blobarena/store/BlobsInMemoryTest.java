package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import org.apache.commons.io.output.NullOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much memory a blob gets is bounded, however little of the disk it takes. */
class BlobsInMemoryTest {

    private static final int LIMIT = 300_000;
    private static final int BOMB = 8 << 20;

    @TempDir
    Path directory;

    private BlobStore<String> store;

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private void open() throws IOException {
        store = TestStores.onHeap()
                .arenaBytesMax(1L << 30)
                .maxBlobBytes(LIMIT)
                .compression(Compression.ZSTD)
                .open(directory.resolve("store"));
    }

    @Test
    void blobThatIsLongerThanAllowedIsRefusedByWhateverReadsItWhole() throws IOException {
        open();
        store.put("bomb", zeros(BOMB));
        store.put("plain", out -> out.write(TestStores.blob(LIMIT + 1, 1)));
        store.withCompression(Compression.NONE).put("fits", zeros(LIMIT));
        assertThat(store.stats().arenaBytes()).isLessThan(2 * LIMIT + 50_000);

        for (String key : List.of("bomb", "plain")) {
            wholeReads(key)
                    .forEach((what, call) -> assertThatThrownBy(call)
                            .as("%s of %s", what, key)
                            .isInstanceOf(BlobTooLargeException.class)
                            .hasMessageContaining(String.valueOf(LIMIT))
                            .hasMessageContaining("maxBlobBytes"));
        }
        assertThat(store.get("fits")).isEqualTo(zeros(LIMIT));
        assertThat(store.getAll(List.of("fits"))).hasSize(1);
    }

    private Map<String, ThrowingCallable> wholeReads(String key) {
        ConcurrentMap<String, byte[]> map = store.asMap();
        Map<String, ThrowingCallable> reads = new LinkedHashMap<>();
        reads.put("get", () -> store.get(key));
        reads.put(
                "get with an allocator",
                () -> store.get(key, ByteBuffer.allocate(0), bytes -> {
                    throw new AssertionError("asked for " + bytes);
                }));
        reads.put("getAll", () -> store.getAll(List.of("fits", key)));
        reads.put("visiting getAll", () -> store.getAll(List.of(key), (any, blob) -> {}));
        reads.put("forEach", () -> store.forEach((any, blob) -> {}));
        reads.put("read", () -> store.read(key, blob -> null));
        reads.put("getString", () -> store.getString(key));
        reads.put("appendTo", () -> store.appendTo(key, new StringBuilder()));
        reads.put("replaceIfEqual", () -> store.replaceIfEqual(key, new byte[1], new byte[1]));
        reads.put("removeIfEqual", () -> store.removeIfEqual(key, new byte[1]));
        reads.put("get of the map", () -> map.get(key));
        reads.put("put of the map", () -> map.put(key, new byte[1]));
        reads.put("merge of the map", () -> map.merge(key, new byte[1], (a, b) -> b));
        reads.put("values of the map", () -> map.containsValue(new byte[1]));
        return reads;
    }

    @Test
    void blobThatIsLongerThanAllowedIsReadInPartsAndKeptAndRemoved() throws IOException {
        open();
        store.put("bomb", zeros(BOMB));

        assertThat(store.sizeOf("bomb")).hasValue(BOMB);
        assertThat(store.transferTo("bomb", Channels.newChannel(NullOutputStream.INSTANCE)))
                .hasValue(BOMB);
        assertThat(store.get("bomb", directory.resolve("file"))).hasValue(BOMB);
        assertThat(Files.size(directory.resolve("file"))).isEqualTo(BOMB);
        assertThat(store.read("bomb", BOMB - 10, ByteBuffer.allocate(100))).hasValue(10);
        assertThat(store.get("bomb", ByteBuffer.allocate(BOMB))).hasValue(BOMB);
        ByteBuffer roomy = ByteBuffer.allocate(BOMB);
        assertThat(store.get("bomb", roomy, ByteBuffer::allocate)).isSameAs(roomy);
        try (BlobInputStream in = store.openStream("bomb")) {
            assertThat(in.transferTo(NullOutputStream.INSTANCE)).isEqualTo(BOMB);
        }
        store.compact();
        assertThat(store.verify().damage()).isEmpty();
        assertThat(store.asMap().keySet().remove("bomb")).isTrue();
    }

    /** Each is as long as may be, and what is read ahead of the visit would be as much as all. */
    @Test
    void batchOfBlobsThatGetLongWhenTheyAreDecompressedIsReadWithoutAll() throws IOException {
        open();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            keys.add("key" + i);
            store.put("key" + i, filled(i % 3 == 0 ? LIMIT : i % 3 == 1 ? 200_000 : 100, i));
        }
        List<String> visited = new ArrayList<>();

        store.getAll(keys, (key, blob) -> {
            int i = Integer.parseInt(key.substring(3));
            assertThat(blob).isEqualTo(filled(i % 3 == 0 ? LIMIT : i % 3 == 1 ? 200_000 : 100, i));
            visited.add(key);
        });

        assertThat(visited).containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void limitIsAQuarterOfTheHeapWhenNotSetAndNotMoreThan256Mebibytes() throws IOException {
        assertThat(BlobStoreBuilder.defaultMaxBlobBytes(64L << 20)).isEqualTo(16 << 20);
        assertThat(BlobStoreBuilder.defaultMaxBlobBytes(Long.MAX_VALUE)).isEqualTo(256 << 20);
        store = TestStores.onHeap()
                .arenaBytesMax(1L << 30)
                .compression(Compression.ZSTD)
                .open(directory.resolve("store"));
        byte[] mebibyte = zeros(1 << 20);
        store.put("bomb", out -> {
            for (int i = 0; i < 256; i++) {
                out.write(mebibyte);
            }
            out.write(0);
        });
        assertThat(store.stats().arenaBytes()).isLessThan(300_000);

        assertThatThrownBy(() -> store.get("bomb")).isInstanceOf(BlobTooLargeException.class);
        for (int bytes : new int[] {0, -1, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> BlobStore.builder(KeyCodec.utf8()).maxBlobBytes(bytes))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static byte[] zeros(int length) {
        return new byte[length];
    }

    private static byte[] filled(int length, int with) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }
}
