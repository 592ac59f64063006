package org.blobarena.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cache.Cache;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.cache.support.NullValue;

/** What the interface {@link Cache} says of each method, for one thread. */
class SpringCacheTest {

    @TempDir
    private Path directory;

    private BlobArenaCacheManager manager;
    private BlobArenaCache cache;

    /** Not serializable. */
    private record Plain(String name) {}

    @BeforeEach
    void open() {
        manager = TestCaches.open(directory);
        cache = TestCaches.cache(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private BlobArenaCache reopened(BlobArenaCacheSettings settings) {
        manager.close();
        manager = TestCaches.open(directory, settings.maximumBytes(TestCaches.MAXIMUM_BYTES));
        return TestCaches.cache(manager);
    }

    @Test
    void cacheHasItsNameAndItsBlobs() {
        assertThat(cache.getName()).isEqualTo(TestCaches.NAME);
        cache.put("a", "b");
        assertThat(cache.getNativeCache().size()).isEqualTo(1);
    }

    @Test
    void whatIsPutIsRead() {
        assertThat(cache.get("a")).isNull();
        assertThat(cache.get("a", String.class)).isNull();
        cache.put("a", "b");
        assertThat(cache.get("a").get()).isEqualTo("b");
        assertThat(cache.get("a", String.class)).isEqualTo("b");
        assertThat(cache.get("a", (Class<?>) null)).isEqualTo("b");
        assertThatThrownBy(() -> cache.get("a", Integer.class)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void valuesAreOfTheMomentOfThePut() {
        List<String> list = new ArrayList<>(List.of("a"));
        cache.put("list", list);
        list.add("b");
        assertThat(cache.get("list").get()).isEqualTo(List.of("a"));
        ((List<?>) cache.get("list").get()).clear();
        assertThat(cache.get("list").get()).isEqualTo(List.of("a"));
    }

    @Test
    void nullIsAValue() {
        cache.put("a", null);
        assertThat(cache.get("a")).isNotNull();
        assertThat(cache.get("a").get()).isNull();
        assertThat(cache.get("a", String.class)).isNull();
        cache.put("b", NullValue.INSTANCE);
        assertThat(cache.get("b").get()).isNull();
        String loaded = cache.get("a", () -> "loaded");
        assertThat(loaded).isNull();
        assertThat(cache.putIfAbsent("a", "other").get()).isNull();
    }

    @Test
    void nullIsRefusedWhereItIsNotAllowedAndWhatWasStoredOfItIsAbsent() {
        cache.put("a", null);
        BlobArenaCache without = reopened(new BlobArenaCacheSettings().allowNullValues(false));
        assertThatThrownBy(() -> without.put("b", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(TestCaches.NAME)
                .hasMessageContaining("null");
        assertThatThrownBy(() -> without.get("b", () -> null))
                .isInstanceOf(Cache.ValueRetrievalException.class)
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(without.get("a")).isNull();
        String loaded = without.get("a", () -> "loaded");
        assertThat(loaded).isEqualTo("loaded");
        assertThat(without.get("a").get()).isEqualTo("loaded");
    }

    @Test
    void putIfAbsentPutsOnceAndReturnsWhatThereIs() {
        assertThat(cache.putIfAbsent("a", "first")).isNull();
        assertThat(cache.putIfAbsent("a", "second").get()).isEqualTo("first");
        assertThat(cache.get("a").get()).isEqualTo("first");
    }

    @Test
    void whatIsEvictedIsAbsentAndItIsToldWhetherItWasThere() {
        cache.put("a", "b");
        assertThat(cache.evictIfPresent("a")).isTrue();
        assertThat(cache.evictIfPresent("a")).isFalse();
        cache.put("a", "c");
        cache.evict("a");
        assertThat(cache.get("a")).isNull();
        assertThat(cache.invalidate()).isFalse();
        cache.put("a", "d");
        cache.put("b", "e");
        assertThat(cache.invalidate()).isTrue();
        assertThat(cache.get("a")).isNull();
        cache.put("a", "f");
        cache.clear();
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void loaderIsCalledForWhatIsAbsentAlone() {
        String loaded = cache.get("a", () -> "loaded");
        assertThat(loaded).isEqualTo("loaded");
        String present = cache.get("a", () -> {
            throw new AssertionError("called for what is present");
        });
        assertThat(present).isEqualTo("loaded");
        assertThat(cache.getNativeCache().stats().loads()).isEqualTo(1);
    }

    @Test
    void failureOfALoaderIsTheCauseAndNothingIsCached() {
        Exception checked = new Exception("checked");
        assertThatThrownBy(() -> cache.get("a", () -> {
                    throw checked;
                }))
                .isInstanceOf(Cache.ValueRetrievalException.class)
                .hasCause(checked)
                .extracting(e -> ((Cache.ValueRetrievalException) e).getKey())
                .isEqualTo("a");
        Error error = new StackOverflowError();
        assertThatThrownBy(() -> cache.get("a", () -> {
                    throw error;
                }))
                .isInstanceOf(Cache.ValueRetrievalException.class)
                .hasCause(error);
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void loaderThatLoadsItsOwnKeyFailsInsteadOfWaitingForItself() {
        assertThatThrownBy(() -> cache.get("a", () -> cache.get("a", () -> "inner")))
                .isInstanceOf(Cache.ValueRetrievalException.class)
                .rootCause()
                .isInstanceOf(IllegalStateException.class);
        String value = cache.get("a", () -> cache.get("b", () -> "of another key"));
        assertThat(value).isEqualTo("of another key");
    }

    @Test
    void keysOfSpringAreFoundAfterARestart() {
        List<Object> keys = List.of(
                SimpleKey.EMPTY,
                new SimpleKey("a", 1),
                new SimpleKey("a", 1L),
                new SimpleKey("a", null),
                new SimpleKey((Object) new String[] {"a", "b"}),
                new UUID(1, 2),
                7,
                7L,
                "7",
                Locale.FRENCH,
                Map.of("a", 1));
        for (Object key : keys) {
            cache.put(key, key.toString());
        }
        BlobArenaCache again = reopened(new BlobArenaCacheSettings());
        assertThat(again.getNativeCache().size()).isEqualTo(keys.size());
        for (Object key : keys) {
            assertThat(again.get(key).get()).isEqualTo(key.toString());
        }
        assertThat(again.get(new SimpleKey(String.valueOf(new char[] {'a'}), 1)).get())
                .isEqualTo("SimpleKey [a, 1]");
        assertThat(again.get(new SimpleKey("b", 1))).isNull();
    }

    @Test
    void whatHasNoEncodingIsRefusedAndChangesNothing() {
        cache.put("a", "before");
        assertThatThrownBy(() -> cache.put("a", new Plain("b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("texts")
                .hasMessageContaining("Plain");
        assertThatThrownBy(() -> cache.put(new Plain("b"), "value")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cache.get(new SimpleKey(new Plain("b")))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cache.get("b", () -> new Plain("b")))
                .isInstanceOf(Cache.ValueRetrievalException.class)
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(cache.get("a").get()).isEqualTo("before");
        assertThat(cache.getNativeCache().size()).isEqualTo(1);
    }

    @Test
    void codecsOfSettingsAreUsedAndRefuseOtherClasses() {
        BlobArenaCache bytes =
                reopened(new BlobArenaCacheSettings().keyCodec(KeyCodec.utf8()).valueCodec(ValueCodec.bytes()));
        bytes.put("a", new byte[] {1, 2});
        assertThat(bytes.get("a", byte[].class)).containsExactly(1, 2);
        assertThat(bytes.getNativeCache().asMap()).containsKey(new byte[] {'a'});
        assertThatThrownBy(() -> bytes.put("a", "text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("String");
        assertThatThrownBy(() -> bytes.put(7, new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThat(bytes.get("a", byte[].class)).containsExactly(1, 2);
    }

    @Test
    void whatAFilterRefusesIsAbsentUntilItIsPutAnew() {
        cache.put("refused", new SimpleKey("any class of others"));
        cache.put("loaded", new SimpleKey("any class of others"));
        cache.put("taken", List.of(1));
        BlobArenaCache filtered = reopened(new BlobArenaCacheSettings().serialFilter("java.base/*;!*"));
        assertThat(filtered.get("taken").get()).isEqualTo(List.of(1));
        assertThat(filtered.get("refused")).isNull();
        assertThat(filtered.putIfAbsent("refused", "text")).isNull();
        assertThat(filtered.get("refused").get()).isEqualTo("text");
        String loaded = filtered.get("loaded", () -> "loaded");
        assertThat(loaded).isEqualTo("loaded");
        assertThat(filtered.get("loaded").get()).isEqualTo("loaded");
    }

    @Test
    void valueThatIsTooLongIsNotStoredAndWhatItReplacesGoes() {
        byte[] tooLong = new byte[(int) TestCaches.MAXIMUM_BYTES];
        cache.put("a", "before");
        cache.put("a", tooLong);
        assertThat(cache.get("a")).isNull();
        assertThat(cache.putIfAbsent("a", tooLong)).isNull();
        assertThat(cache.get("a")).isNull();
        byte[] loaded = cache.get("a", () -> tooLong);
        assertThat(loaded).isSameAs(tooLong);
        assertThat(cache.retrieve("a", () -> CompletableFuture.completedFuture(tooLong))
                        .join())
                .isSameAs(tooLong);
        assertThat(cache.get("a")).isNull();
    }
}
