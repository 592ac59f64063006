package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.cache.Cache;
import javax.cache.configuration.MutableConfiguration;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How keys and values become bytes, and what happens if they do not become objects again. */
class CodecTest {

    @TempDir
    private Path directory;

    /** A class of a user's, as of Spring for calls of several arguments. */
    private record Arguments(List<Object> all) implements Serializable {}

    private record NotSerializable(String name) {}

    @Test
    void keysOfAllKindsAreFoundAndIteratedOver() {
        Map<Object, Object> entries = new HashMap<>();
        entries.put("text", "of text");
        entries.put("", "of no text");
        entries.put(7, "of an int");
        entries.put(7L, "of a long");
        entries.put(new UUID(1, 2), "of a UUID");
        entries.put(new BigDecimal("1.50"), List.of(1, "two"));
        entries.put(LocalDate.of(2026, 11, 28), Map.of(1, 2));
        try (TestManager manager = new TestManager(directory)) {
            Cache<Object, Object> cache = manager.create("any", new MutableConfiguration<>());
            cache.putAll(entries);
            entries.forEach((key, value) -> assertThat(cache.get(key)).isEqualTo(value));
            Map<Object, Object> iterated = new HashMap<>();
            cache.forEach(entry -> iterated.put(entry.getKey(), entry.getValue()));
            assertThat(iterated).isEqualTo(entries);
            cache.put(new byte[] {1}, "of bytes");
            assertThat(cache.get(new byte[] {1})).isEqualTo("of bytes");
        }
    }

    @Test
    @SuppressWarnings("StringCopy") // Equal, and another object.
    void equalKeysAreTheSameWhicheverOfTheirTextsAndNumbersAreOneObject() {
        String text = "text";
        Integer number = 1_000_000;
        Object shared = new Arguments(new ArrayList<>(List.of(text, text, number, number)));
        Object apart = new Arguments(
                new ArrayList<>(List.of(new String(text), new String(text), number + 0, Integer.valueOf("1000000"))));
        try (TestManager manager = new TestManager(directory)) {
            Cache<Object, Object> cache = manager.create("any", new MutableConfiguration<>());
            cache.put(shared, "found");
            assertThat(cache.get(apart)).isEqualTo("found");
        }
    }

    @Test
    void codecsOfAConfigurationAreUsed() {
        try (TestManager manager = new TestManager(directory)) {
            Cache<String, byte[]> cache = manager.create(
                    "any",
                    new BlobCacheConfiguration<String, byte[]>()
                            .setKeyCodec(KeyCodec::utf8)
                            .setValueCodec(ValueCodec::bytes));
            byte[] value = {1, 2};
            cache.put("a", value);
            value[0] = 9;
            assertThat(cache.get("a")).containsExactly(1, 2);
            assertThat(cache.replace("a", new byte[] {1, 2}, new byte[] {3})).isTrue();
            assertThat(cache.remove("a", new byte[] {3})).isTrue();
            assertThatThrownBy(() -> cache.put("\ud800", value)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatCannotBeSerializedIsRefusedAndChangesNothing() {
        try (TestManager manager = new TestManager(directory)) {
            Cache<Object, Object> cache = manager.create("any", new MutableConfiguration<>());
            cache.put("a", "before");
            assertThatThrownBy(() -> cache.put("a", new NotSerializable("b")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NotSerializable")
                    .hasMessageContaining("Serializable");
            assertThat(cache.get("a")).isEqualTo("before");
        }
    }

    @Test
    void whatAFilterRefusesIsAbsentUntilItIsPutAnew() {
        try (TestManager manager = new TestManager(directory)) {
            Cache<Object, Object> cache = manager.create("any", new MutableConfiguration<>());
            cache.put("refused", new Arguments(List.of()));
            cache.put("taken", LocalDate.of(2026, 1, 1));
        }
        try (TestManager manager = new TestManager(directory)) {
            BlobCacheConfiguration<Object, Object> configuration =
                    new BlobCacheConfiguration<>().setSerialFilter("java.base/*;!*");
            Cache<Object, Object> cache = manager.create("any", configuration);
            assertThat(cache.get("taken")).isEqualTo(LocalDate.of(2026, 1, 1));
            assertThat(cache.get("refused")).isNull();
            assertThat(cache.containsKey("refused")).isFalse();
            assertThat(cache).hasSize(1);
            assertThat(cache.putIfAbsent("refused", "now text")).isTrue();
            assertThat(cache.get("refused")).isEqualTo("now text");
        }
    }

    @Test
    void configurationIsCopiedSerializedAndCompared() throws Exception {
        BlobCacheConfiguration<String, byte[]> configuration = new BlobCacheConfiguration<String, byte[]>()
                .setMaximumBytes(9L << 20)
                .setDirectory(directory)
                .setKeyCodec(KeyCodec::utf8)
                .setSerialFilter("java.base/*;!*")
                .setOptions(builder -> builder.expectedKeys(10));
        configuration.setTypes(String.class, byte[].class);
        BlobCacheConfiguration<String, byte[]> copy = new BlobCacheConfiguration<>(configuration);
        assertThat(copy).isEqualTo(configuration).hasSameHashCodeAs(configuration);
        assertThat(copy.setMaximumBytes(8L << 20)).isNotEqualTo(configuration);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(configuration);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            BlobCacheConfiguration<?, ?> read = (BlobCacheConfiguration<?, ?>) in.readObject();
            assertThat(read.getMaximumBytes()).isEqualTo(9L << 20);
            assertThat(read.getDirectory()).isEqualTo(directory);
            assertThat(read.getKeyType()).isEqualTo(String.class);
            assertThat(read.keyCodec()).isSameAs(KeyCodec.utf8());
        }
    }
}
