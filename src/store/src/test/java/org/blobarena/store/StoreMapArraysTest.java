package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.IntStream;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Views of a map of arrays beside collections that know arrays as objects only, smaller and larger than the map. */
@SuppressWarnings("ArrayAsKeyOfSetOrMap") // which is what is tried
class StoreMapArraysTest {

    private static final int ENTRIES = 5;

    @TempDir
    Path directory;

    private BlobStore<byte[]> store;
    private ConcurrentMap<byte[], byte[]> map;

    @BeforeEach
    void open() throws IOException {
        store = StoreAccess.environment(
                        BlobStore.builder(KeyCodec.bytes()),
                        new StoreEnvironment(
                                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                                HeapLocationIndexFactory.forgetting()))
                .open(directory.resolve("store"));
        map = store.asMap();
        fill();
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private void fill() {
        map.clear();
        for (int i = 0; i < ENTRIES; i++) {
            map.put(bytes("k" + i), bytes("v" + i));
        }
    }

    /** As many as the map has, fewer and more decide which way a set of java.util goes. */
    @Test
    void keysAreRemovedAndRetainedByContent() {
        for (int count = 0; count <= 2 * ENTRIES; count++) {
            for (Collection<byte[]> some : List.of(list("k", count), set("k", count))) {
                fill();
                assertThat(map.keySet().removeAll(some)).isEqualTo(count > 0);
                assertThat(content()).isEqualTo(model(count, ENTRIES));

                fill();
                assertThat(map.keySet().retainAll(some)).isEqualTo(count < ENTRIES);
                assertThat(content()).isEqualTo(model(0, Math.min(count, ENTRIES)));
            }
        }
    }

    @Test
    void valuesAreRemovedAndRetainedByContentAllOfThem() {
        for (int count = 0; count <= 2 * ENTRIES; count++) {
            for (Collection<byte[]> some : List.of(list("v", count), set("v", count))) {
                fill();
                map.put(bytes("again"), bytes("v0"));
                assertThat(map.values().removeAll(some)).isEqualTo(count > 0);
                assertThat(map.size()).isEqualTo(count == 0 ? ENTRIES + 1 : Math.max(0, ENTRIES - count));

                fill();
                map.put(bytes("again"), bytes("v0"));
                assertThat(map.values().retainAll(some)).isEqualTo(count < ENTRIES);
                assertThat(map.size()).isEqualTo(count == 0 ? 0 : Math.min(count, ENTRIES) + 1);
            }
        }
    }

    @Test
    void entriesAreRemovedAndRetainedByContent() {
        for (int count = 0; count <= 2 * ENTRIES; count++) {
            List<Map.Entry<byte[], byte[]>> some = entries(count);
            some.add(Map.entry(bytes("k0"), bytes("other")));
            for (Collection<Map.Entry<byte[], byte[]>> others : List.of(some, new HashSet<>(some))) {
                fill();
                assertThat(map.entrySet().removeAll(others)).isEqualTo(count > 0);
                assertThat(content()).isEqualTo(model(count, ENTRIES));

                fill();
                assertThat(map.entrySet().retainAll(others)).isEqualTo(count < ENTRIES);
                assertThat(content()).isEqualTo(model(0, Math.min(count, ENTRIES)));
            }
        }
    }

    @Test
    void singleElementsAreFoundAndRemovedByContent() {
        assertThat(map.keySet().contains(bytes("k1"))).isTrue();
        assertThat(map.keySet().containsAll(set("k", ENTRIES))).isTrue();
        assertThat(map.keySet().containsAll(set("k", ENTRIES + 1))).isFalse();
        assertThat(map.values().contains(bytes("v1"))).isTrue();
        assertThat(map.values().containsAll(set("v", ENTRIES))).isTrue();
        assertThat(map.entrySet().containsAll(entries(ENTRIES))).isTrue();
        assertThat(map.keySet().remove(bytes("k0"))).isTrue();
        assertThat(map.values().remove(bytes("v1"))).isTrue();
        assertThat(map.entrySet().remove(Map.entry(bytes("k2"), bytes("v2")))).isTrue();
        assertThat(map.entrySet().remove(Map.entry(bytes("k3"), bytes("v2")))).isFalse();
        assertThat(map.keySet().removeIf(key -> Arrays.equals(key, bytes("k3"))))
                .isTrue();
        assertThat(content()).isEqualTo(model(4, ENTRIES));
        assertThat(map.values().removeIf(value -> Arrays.equals(value, bytes("v4"))))
                .isTrue();
        assertThat(map).isEmpty();
    }

    @Test
    void functionThatChangesItsKeyStoresUnderTheKeyThatWasGiven() {
        map.clear();
        byte[] absent = bytes("k0");
        assertThat(map.computeIfAbsent(absent, key -> spoiled(key, "v0"))).isEqualTo(bytes("v0"));
        byte[] computed = bytes("k1");
        map.compute(computed, (key, before) -> spoiled(key, "v1"));
        byte[] merged = bytes("k2");
        map.put(merged, bytes("other"));
        map.merge(merged, bytes("more"), (before, more) -> spoiled(merged, "v2"));
        byte[] present = bytes("k0");
        map.computeIfPresent(present, (key, before) -> spoiled(key, "v0"));

        assertThat(content()).isEqualTo(model(0, 3));
        assertThat(map.computeIfAbsent(bytes("k0"), key -> spoiled(key, "late")))
                .isEqualTo(bytes("v0"));
        assertThat(map.computeIfAbsent(bytes("k9"), key -> null)).isNull();
        assertThat(content()).isEqualTo(model(0, 3));
    }

    private static byte[] spoiled(byte[] key, String value) {
        Arrays.fill(key, (byte) '?');
        return bytes(value);
    }

    @Test
    void viewsAreEqualAndHashedByContent() {
        assertThat(map.keySet().equals(set("k", ENTRIES))).isTrue();
        assertThat(map.keySet().equals(set("k", ENTRIES - 1))).isFalse();
        assertThat(map.entrySet().equals(new HashSet<>(entries(ENTRIES)))).isTrue();
        assertThat(map.entrySet().equals(new HashSet<>(entries(ENTRIES - 1)))).isFalse();
        assertThat(map.keySet()).hasSameHashCodeAs(map.keySet());
        assertThat(map.keySet().hashCode())
                .isEqualTo(
                        list("k", ENTRIES).stream().mapToInt(Arrays::hashCode).sum());
        assertThat(map.entrySet()).hasSameHashCodeAs(map.entrySet());
        assertThat(map.hashCode()).isEqualTo(map.entrySet().hashCode());
    }

    /** Two arrays of the same content are two elements of a set of java.util, and one here. */
    @Test
    void setThatHasAKeyTwiceIsNotEqualThoughItIsAsLargeAndAllOfItIsContained() {
        Set<byte[]> keys = set("k", ENTRIES - 1);
        keys.add(bytes("k0"));
        Set<Map.Entry<byte[], byte[]>> entries = new HashSet<>(entries(ENTRIES - 1));
        entries.add(Map.entry(bytes("k0"), bytes("v0")));
        IdentityHashMap<byte[], byte[]> other = new IdentityHashMap<>();
        entries.forEach(entry -> other.put(entry.getKey(), entry.getValue()));

        assertThat(map.keySet().equals(keys)).isFalse();
        assertThat(map.entrySet().equals(entries)).isFalse();
        assertThat(map.equals(other)).isFalse();
        other.remove(entries.iterator().next().getKey());
        assertThat(map.equals(other)).isFalse();
    }

    @Test
    void filterIsAskedAgainAboutAValueThatIsChangedBeforeItIsRemoved() {
        List<String> asked = new ArrayList<>();
        assertThat(map.values().removeIf(value -> {
                    if (asked.isEmpty()) {
                        for (int i = 0; i < ENTRIES; i++) {
                            map.put(bytes("k" + i), bytes("new"));
                        }
                    }
                    asked.add(text(value));
                    return !Arrays.equals(value, bytes("new"));
                }))
                .isFalse();

        assertThat(asked).contains("new");
        assertThat(map).hasSize(ENTRIES);
    }

    private static List<byte[]> list(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> bytes(prefix + i)).toList();
    }

    private static Set<byte[]> set(String prefix, int count) {
        return new HashSet<>(list(prefix, count));
    }

    private static List<Map.Entry<byte[], byte[]>> entries(int count) {
        List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(Map.entry(bytes("k" + i), bytes("v" + i)));
        }
        return entries;
    }

    private static Map<String, String> model(int from, int to) {
        Map<String, String> model = new TreeMap<>();
        for (int i = from; i < to; i++) {
            model.put("k" + i, "v" + i);
        }
        return model;
    }

    private Map<String, String> content() {
        Map<String, String> content = new TreeMap<>();
        map.forEach((key, value) -> content.put(text(key), text(value)));
        return content;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
