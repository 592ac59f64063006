package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.internal.engine.BatchWriter;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@link StoreMapContractTest} does not know of. */
class StoreMapTest {

    @TempDir
    Path directory;

    private BlobStore<String> store;
    private ConcurrentMap<String, byte[]> blobs;
    private ConcurrentMap<String, String> texts;

    @BeforeEach
    void open() throws IOException {
        store = TestStores.onHeap().open(directory.resolve("store"));
        blobs = store.asMap();
        texts = store.asMap(ValueCodec.utf8());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void mapAndStoreSeeEachOther() throws IOException {
        store.put("key", bytes("one"));
        assertThat(blobs.get("key")).isEqualTo(bytes("one"));
        assertThat(texts).containsExactly(Map.entry("key", "one"));

        assertThat(texts.put("key", "two")).isEqualTo("one");
        assertThat(store.get("key")).isEqualTo(bytes("two"));
        assertThat(blobs.remove("key")).isEqualTo(bytes("two"));
        assertThat(store.contains("key")).isFalse();
    }

    @Test
    void arraysAreEqualByContent() {
        blobs.put("key", bytes("one"));

        assertThat(blobs.containsValue(bytes("one"))).isTrue();
        assertThat(blobs.values().contains(bytes("one"))).isTrue();
        assertThat(blobs.entrySet().contains(Map.entry("key", bytes("one")))).isTrue();
        assertThat(blobs.entrySet().contains(Map.entry("key", bytes("two")))).isFalse();
        assertThat(blobs.equals(Map.of("key", bytes("one")))).isTrue();
        assertThat(blobs.equals(Map.of("key", bytes("two")))).isFalse();
        assertThat(blobs.equals(Map.of("other", bytes("one")))).isFalse();
        assertThat(blobs.hashCode()).isEqualTo(store.asMap().hashCode());
        assertThat(blobs.replace("key", bytes("two"), bytes("three"))).isFalse();
        assertThat(blobs.replace("key", bytes("one"), bytes("two"))).isTrue();
        assertThat(blobs.remove("key", bytes("one"))).isFalse();
        assertThat(blobs.remove("key", bytes("two"))).isTrue();
        assertThat(blobs.isEmpty()).isTrue();
    }

    @Test
    @SuppressWarnings("CollectionIncompatibleType") // which is what is asked for
    void foreignObjectsAreAbsentWhereTheyAreLookedUp() throws IOException {
        try (BlobStore<Long> numbers = StoreAccess.environment(
                        BlobStore.builder(KeyCodec.longs()),
                        new StoreEnvironment(
                                StoreOpener::openDirectory, org.blobarena.index.HeapLocationIndexFactory.forgetting()))
                .open(directory.resolve("numbers"))) {
            numbers.put(7L, bytes("seven"));
            ConcurrentMap<Long, String> map = numbers.asMap(ValueCodec.utf8());

            assertThat(map.get("7")).isNull();
            assertThat(map.containsKey(7)).isFalse();
            assertThat(map.remove("7")).isNull();
            assertThat(map.remove(7L, 7)).isFalse();
            assertThat(map.containsValue(7)).isFalse();
            assertThat(map.keySet().contains("7")).isFalse();
            assertThat(map.keySet().remove("7")).isFalse();
            assertThat(map.entrySet().contains("7")).isFalse();
            assertThat(map.entrySet().remove(new SimpleEntry<>("7", null))).isFalse();
            assertThat(map).containsOnly(Map.entry(7L, "seven"));
        }
    }

    @Test
    void keysThatCannotBeInTheStoreAreAbsentAndRefusedByPut() {
        String tooLong = "k".repeat(65_536);

        assertThat(texts.get(tooLong)).isNull();
        assertThat(texts.remove(tooLong)).isNull();
        assertThat(texts.containsKey("\ud800")).isFalse();
        assertThatThrownBy(() -> texts.put(tooLong, "")).isInstanceOf(BlobTooLargeException.class);
        assertThatThrownBy(() -> texts.put("\ud800", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> texts.put("key", "\ud800")).isInstanceOf(IllegalArgumentException.class);
        assertThat(store.size()).isZero();
    }

    @Test
    void nullIsRefusedEverywhere() {
        texts.put("key", "value");
        Map<String, String> withNull = new HashMap<>();
        withNull.put("other", null);
        List<ThrowingCallable> calls = List.of(
                () -> store.asMap(null),
                () -> texts.get(null),
                () -> texts.put(null, "x"),
                () -> texts.put("other", null),
                () -> texts.putAll(withNull),
                () -> texts.putIfAbsent("key", null),
                () -> texts.replace("key", null),
                () -> texts.replace("key", null, "x"),
                () -> texts.replace("key", "value", null),
                () -> texts.remove(null),
                () -> texts.remove("key", null),
                () -> texts.containsKey(null),
                () -> texts.containsValue(null),
                () -> texts.values().remove(null),
                () -> texts.merge("key", null, String::concat));
        for (int i = 0; i < calls.size(); i++) {
            assertThat(catchThrowable(calls.get(i))).as("call %d", i).isInstanceOf(NullPointerException.class);
        }
        assertThat(texts).containsOnly(Map.entry("key", "value"));
        assertThat(texts.equals(withNull)).isFalse();
    }

    @Test
    void valueThatDoesNotDecodeIsRefusedForItsKeyAlone() throws IOException {
        store.put("bad", new byte[] {(byte) 0xff});
        store.put("good", bytes("x"));

        assertThatThrownBy(() -> texts.get("bad")).isInstanceOf(IllegalArgumentException.class);
        assertThat(texts.get("good")).isEqualTo("x");
        assertThat(texts.keySet()).containsExactlyInAnyOrder("bad", "good");
    }

    @Test
    void damageIsAnUncheckedException() throws IOException {
        texts.put("key", "value");
        store.force();
        Path file = TestStores.arenas(directory.resolve("store")).get(0);
        byte[] content = Files.readAllBytes(file);
        content[content.length - 1] ^= 1;
        Files.write(file, content);

        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> texts.get("key"),
                () -> texts.put("key", "x"),
                () -> texts.remove("key"),
                () -> texts.entrySet().iterator().next())) {
            assertThatThrownBy(call)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(CorruptBlobException.class);
        }
        assertThat(texts.keySet().remove("key")).isTrue();
        assertThat(texts).isEmpty();
    }

    @Test
    void entryWritesThroughAlsoAfterItsKeyWasRemoved() throws IOException {
        texts.put("key", "one");
        Map.Entry<String, String> entry = texts.entrySet().iterator().next();

        assertThat(entry.setValue("two")).isEqualTo("one");
        assertThat(entry).isEqualTo(Map.entry("key", "two")).hasSameHashCodeAs(Map.entry("key", "two"));
        assertThat(store.getString("key")).isEqualTo("two");
        store.remove("key");
        entry.setValue("three");
        assertThat(store.getString("key")).isEqualTo("three");
        assertThatThrownBy(() -> entry.setValue(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void iteratorsRemoveOnceWhatTheyGaveLast() {
        for (int i = 0; i < 300; i++) {
            texts.put("key" + i, String.valueOf(i % 3));
        }
        Iterator<String> keys = texts.keySet().iterator();
        assertThatThrownBy(keys::remove).isInstanceOf(IllegalStateException.class);
        String first = keys.next();
        keys.remove();
        assertThatThrownBy(keys::remove).isInstanceOf(IllegalStateException.class);

        assertThat(texts).doesNotContainKey(first).hasSize(299);
        assertThat(texts.values().removeIf("1"::equals)).isTrue();
        assertThat(texts.entrySet().removeIf(entry -> entry.getValue().equals("2")))
                .isTrue();
        assertThat(texts.values()).containsOnly("0").hasSizeBetween(99, 100);
    }

    @Test
    void clearAndPutAllWorkByBatches() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= BatchWriter.CHUNK_KEYS_MAX; i++) {
            many.put("key" + i, "v" + i);
        }
        texts.putAll(many);
        assertThat(texts.equals(many)).isTrue();
        assertThat(texts.hashCode()).isEqualTo(many.hashCode());

        texts.clear();
        assertThat(texts).isEmpty();
        assertThat(store.size()).isZero();
    }

    @Test
    void streamOfViewThatShrinksMeanwhileEnds() {
        for (int i = 0; i < 300; i++) {
            texts.put("key" + i, "x");
        }
        List<String> seen = texts.keySet().stream()
                .peek(key -> texts.keySet().removeIf(other -> !other.equals(key)))
                .toList();

        assertThat(seen).hasSizeLessThan(300).doesNotHaveDuplicates();
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mergesOfManyThreadsLoseNothing() throws Exception {
        int threads = 4;
        int rounds = 500;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                tasks.add(() -> {
                    for (int round = 0; round < rounds; round++) {
                        texts.merge("key" + round % 3, "1", (a, b) -> String.valueOf(Long.parseLong(a) + 1));
                        if (round % 7 == 0) {
                            texts.compute("counted", (key, value) -> value == null ? "x" : value + "x");
                        }
                    }
                    return null;
                });
            }
            for (Future<Void> future : executor.invokeAll(tasks)) {
                future.get();
            }
        } finally {
            executor.shutdownNow();
        }
        long sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += Long.parseLong(texts.get("key" + i));
        }
        assertThat(sum).isEqualTo((long) threads * rounds);
        assertThat(texts.get("counted")).hasSize(threads * ((rounds + 6) / 7));
    }

    @Test
    void mapOfAClosedStoreSaysSo() throws IOException {
        texts.put("key", "value");
        Iterator<String> keys = texts.keySet().iterator();
        store.close();

        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> texts.get("key"),
                () -> texts.put("key", "x"),
                () -> texts.size(),
                () -> texts.putAll(Map.of("a", "b")),
                () -> texts.clear(),
                keys::next,
                () -> texts.values().iterator())) {
            assertThatThrownBy(call).isInstanceOf(StoreClosedException.class);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
