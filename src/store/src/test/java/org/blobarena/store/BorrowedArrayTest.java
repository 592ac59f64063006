package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays of keys are the caller's, who changes them after a call, and the codec's, which gives them again. */
class BorrowedArrayTest {

    private static final int KEYS = 12;

    @TempDir
    Path directory;

    /** Texts of four characters, all in one array for each thread. */
    private static final class OneArray implements KeyCodec<String>, ValueCodec<String> {

        private final ThreadLocal<byte[]> array = ThreadLocal.withInitial(() -> new byte[4]);

        @Override
        public byte[] encode(String text) {
            byte[] shared = array.get();
            System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, shared, 0, shared.length);
            return shared;
        }

        @Override
        public String decode(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.US_ASCII);
            Arrays.fill(bytes, (byte) '#'); // They are its own.
            return text;
        }
    }

    @Test
    void batchesOfACodecThatGivesOneArrayReachTheKeysMeant() throws IOException {
        try (BlobStore<String> store = open(new OneArray())) {
            Map<String, byte[]> blobs = new TreeMap<>();
            keys().forEach(key -> blobs.put(key, bytes(key)));
            store.putAll(blobs);

            assertThat(contentOf(store)).isEqualTo(expected(keys()));
            store.getAll(keys().toList(), (key, blob) -> assertThat(blob).isEqualTo(bytes(key)));
            assertThat(store.getAll(keys().toList())).hasSize(KEYS);
            assertThat(store.removeAll(keys().limit(KEYS - 1).toList())).isEqualTo(KEYS - 1);
            assertThat(contentOf(store)).isEqualTo(expected(keys().skip(KEYS - 1)));
        }
        requireAfterRebuild(expected(keys().skip(KEYS - 1)));
    }

    @Test
    void mapOfCodecsThatGiveOneArrayReachesTheKeysMeant() throws IOException {
        OneArray codec = new OneArray();
        try (BlobStore<String> store = open(codec)) {
            ConcurrentMap<String, String> map = store.asMap(codec);
            Map<String, String> model = new TreeMap<>();
            keys().forEach(key -> model.put(key, key));
            map.putAll(model);
            assertThat(map).isEqualTo(model);

            map.compute("k000", (key, value) -> {
                assertThat(map.put("k001", "else")).isEqualTo("k001");
                return "k000".equals(value) ? "done" : "fail";
            });
            assertThat(map.replace("k002", "k002", "more")).isTrue();
            map.keySet().retainAll(List.of("k000", "k001", "k002", "k003"));
            map.values().removeAll(List.of("k003"));
            assertThat(map).isEqualTo(Map.of("k000", "done", "k001", "else", "k002", "more"));
            map.entrySet().removeIf(entry -> entry.getKey().equals("k001"));
            map.clear();
            assertThat(map).isEmpty();
        }
        requireAfterRebuild(Map.of());
    }

    @Test
    void callerWhoChangesHisKeyAfterACallChangesNothing() throws IOException {
        byte[] key = bytes("k000");
        try (BlobStore<byte[]> store = open(KeyCodec.bytes())) {
            BlobOutputStream shortBlob = store.newOutputStream(key);
            key[3] = '1';
            BlobOutputStream longBlob = store.newOutputStream(key);
            key[3] = '2';
            store.put(key, out -> {
                key[3] = '9';
                out.write(bytes("k002"));
            });
            key[3] = '3';
            store.put(key, new ByteArrayInputStream(bytes("k003")) {
                @Override
                public synchronized int read(byte[] target, int from, int length) {
                    key[3] = '9';
                    return super.read(target, from, length);
                }
            });
            shortBlob.write(bytes("k000"));
            shortBlob.commit();
            longBlob.write(new byte[5000]);
            longBlob.commit();
            store.put(bytes("k001"), bytes("k001"));

            assertThat(contentOf(store)).isEqualTo(expected(keys().limit(4)));
            assertThat(store.verify().damage()).isEmpty();
        }
        requireAfterRebuild(expected(keys().limit(4)));
    }

    @Test
    void batchOfKeysThatComeInOneArrayReachesAllOfThem() throws IOException {
        try (BlobStore<byte[]> store = open(KeyCodec.bytes())) {
            keys().forEach(key -> put(store, key));

            List<String> found = new ArrayList<>();
            store.getAll(inOneArray(), (key, blob) -> found.add(text(blob)));
            assertThat(found).containsExactlyInAnyOrderElementsOf(keys().toList());
            assertThat(store.removeAll(inOneArray())).isEqualTo(KEYS);
            assertThat(store.size()).isZero();
        }
        requireAfterRebuild(Map.of());
    }

    @Test
    void whatAnIteratorGaveMayBeChangedBeforeItIsRemovedOrSet() throws IOException {
        try (BlobStore<byte[]> store = open(KeyCodec.bytes())) {
            ConcurrentMap<byte[], byte[]> map = store.asMap();
            keys().forEach(key -> put(store, key));

            Iterator<byte[]> keys = map.keySet().iterator();
            String first = text(keys.next());
            keys = map.keySet().iterator();
            Arrays.fill(keys.next(), (byte) '#');
            keys.remove();
            assertThat(store.contains(bytes(first))).isFalse();
            assertThat(map).hasSize(KEYS - 1);

            Map.Entry<byte[], byte[]> entry = map.entrySet().iterator().next();
            String second = text(entry.getKey());
            Arrays.fill(entry.getKey(), (byte) '#');
            entry.setValue(bytes("else"));
            assertThat(store.get(bytes(second))).isEqualTo(bytes("else"));
            assertThat(map).hasSize(KEYS - 1);
        }
    }

    /** The value that a function gets and changes is compared with nothing. */
    @Test
    void functionThatChangesTheArrayOfAValueAndGivesItBackIsDone() throws IOException {
        try (BlobStore<byte[]> store = open(KeyCodec.bytes())) {
            ConcurrentMap<byte[], byte[]> map = store.asMap();
            put(store, "k000");

            map.computeIfPresent(bytes("k000"), (key, value) -> changed(value, 0));
            map.compute(bytes("k000"), (key, value) -> changed(value, 1));
            map.merge(bytes("k000"), bytes("else"), (value, other) -> changed(value, 2));
            map.replaceAll((key, value) -> changed(value, 3));

            assertThat(text(map.get(bytes("k000")))).isEqualTo("!!!!");
            assertThat(map.computeIfPresent(bytes("k001"), (key, value) -> value))
                    .isNull();
            assertThat(map.compute(bytes("k001"), (key, value) -> value)).isNull();
            assertThat(map.compute(bytes("k000"), (key, value) -> null)).isNull();
            assertThat(map).isEmpty();
        }
    }

    private static byte[] changed(byte[] value, int at) {
        value[at] = '!';
        return value;
    }

    /** Each key is overwritten by the next. */
    private static Iterable<byte[]> inOneArray() {
        byte[] array = new byte[4];
        return () -> keys().map(key -> {
                    System.arraycopy(bytes(key), 0, array, 0, array.length);
                    return array;
                })
                .iterator();
    }

    private <K> BlobStore<K> open(KeyCodec<K> codec) throws IOException {
        return StoreAccess.environment(
                        StoreAccess.streamMemoryBytes(BlobStore.builder(codec), 1000),
                        new StoreEnvironment(
                                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                                HeapLocationIndexFactory.forgetting()))
                .open(directory.resolve("store"));
    }

    /** The index is made anew from the keys that the records have. */
    private void requireAfterRebuild(Map<String, String> expected) throws IOException {
        try (BlobStore<byte[]> store = open(KeyCodec.bytes())) {
            assertThat(contentOf(store)).isEqualTo(expected);
            assertThat(store.verify().damage()).isEmpty();
        }
    }

    private static <K> Map<String, String> contentOf(BlobStore<K> store) throws IOException {
        Map<String, String> content = new TreeMap<>();
        store.forEach((key, blob) -> content.put(key instanceof byte[] bytes ? text(bytes) : (String) key, text(blob)));
        return content;
    }

    private static Map<String, String> expected(Stream<String> keys) {
        Map<String, String> expected = new TreeMap<>();
        keys.forEach(key -> expected.put(key, key));
        return Collections.unmodifiableMap(expected);
    }

    private static void put(BlobStore<byte[]> store, String key) {
        store.asMap().put(bytes(key), ByteBuffer.wrap(bytes(key)).array());
    }

    private static Stream<String> keys() {
        return IntStream.range(0, KEYS).mapToObj(i -> "k%03d".formatted(i));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
