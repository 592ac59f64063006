package org.blobarena.store.expiry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.upkeep.Pace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every public method of a store does with a key whose blob has expired, and clocks and moments at their limits. */
class ExpiredKeyTest {

    private static final String KEY = "key";
    private static final byte[] OLD = {1, 2, 3};
    private static final byte[] NEW = {4};
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();

    /** Calls a method and looks at what it says. */
    @FunctionalInterface
    private interface Call {

        void run(BlobStore<String> store, Path directory) throws IOException;
    }

    /** What may be found under the key afterwards. */
    private enum After {
        ABSENT,
        PUT
    }

    private record Expected(After after, Call call) {}

    private static Expected absent(Call call) {
        return new Expected(After.ABSENT, call);
    }

    private static Expected puts(Call call) {
        return new Expected(After.PUT, call);
    }

    /** One that is missing here fails {@link #everyPublicMethodIsCalled}. */
    private static final Map<String, Expected> CALLS = new TreeMap<>(Map.ofEntries(
            Map.entry("put(Object, byte[])", puts((store, dir) -> store.put(KEY, NEW))),
            Map.entry("put(Object, byte[], Expiry)", puts((store, dir) -> store.put(KEY, NEW, Expiry.after(HOUR)))),
            Map.entry("put(Object, ByteBuffer)", puts((store, dir) -> store.put(KEY, ByteBuffer.wrap(NEW)))),
            Map.entry("put(Object, InputStream)", puts((store, dir) -> store.put(KEY, new ByteArrayInputStream(NEW)))),
            Map.entry(
                    "put(Object, Path)",
                    puts((store, dir) -> store.put(KEY, Files.write(dir.resolveSibling("file"), NEW)))),
            Map.entry("put(Object, BlobWriter)", puts((store, dir) -> store.put(KEY, out -> out.write(NEW)))),
            Map.entry("newOutputStream(Object)", puts(ExpiredKeyTest::stream)),
            Map.entry("putAll(Map)", puts((store, dir) -> store.putAll(Map.of(KEY, NEW)))),
            Map.entry(
                    "putIfAbsent(Object, byte[])",
                    puts((store, dir) -> assertThat(store.putIfAbsent(KEY, NEW)).isTrue())),
            Map.entry(
                    "putIfAbsent(Object, ByteBuffer)",
                    puts((store, dir) -> assertThat(store.putIfAbsent(KEY, ByteBuffer.wrap(NEW)))
                            .isTrue())),
            Map.entry(
                    "replace(Object, byte[])",
                    absent((store, dir) -> assertThat(store.replace(KEY, NEW)).isFalse())),
            Map.entry(
                    "replaceIfEqual(Object, byte[], byte[])",
                    absent((store, dir) ->
                            assertThat(store.replaceIfEqual(KEY, OLD, NEW)).isFalse())),
            Map.entry(
                    "remove(Object)",
                    absent((store, dir) -> assertThat(store.remove(KEY)).isFalse())),
            Map.entry(
                    "removeIfEqual(Object, byte[])",
                    absent((store, dir) ->
                            assertThat(store.removeIfEqual(KEY, OLD)).isFalse())),
            Map.entry(
                    "removeAll(Iterable)",
                    absent((store, dir) ->
                            assertThat(store.removeAll(List.of(KEY))).isZero())),
            Map.entry("force()", absent((store, dir) -> store.force())),
            Map.entry(
                    "get(Object)",
                    absent((store, dir) -> assertThat(store.get(KEY)).isNull())),
            Map.entry(
                    "get(Object, ByteBuffer)",
                    absent((store, dir) ->
                            assertThat(store.get(KEY, ByteBuffer.allocate(9))).isEmpty())),
            Map.entry(
                    "get(Object, ByteBuffer, IntFunction)",
                    absent((store, dir) -> assertThat(store.get(KEY, ByteBuffer.allocate(9), ByteBuffer::allocate))
                            .isNull())),
            Map.entry(
                    "get(Object, Path)",
                    absent((store, dir) -> assertThat(store.get(KEY, dir.resolveSibling("none")))
                            .isEmpty())),
            Map.entry(
                    "getString(Object)",
                    absent((store, dir) -> assertThat(store.getString(KEY)).isNull())),
            Map.entry(
                    "appendTo(Object, StringBuilder)",
                    absent((store, dir) ->
                            assertThat(store.appendTo(KEY, new StringBuilder())).isFalse())),
            Map.entry(
                    "read(Object, BlobFunction)",
                    absent((store, dir) -> assertThat(store.<Integer>read(KEY, ByteBuffer::remaining))
                            .isNull())),
            Map.entry(
                    "read(Object, long, ByteBuffer)",
                    absent((store, dir) -> assertThat(store.read(KEY, 0, ByteBuffer.allocate(9)))
                            .isEmpty())),
            Map.entry(
                    "openStream(Object)",
                    absent((store, dir) -> assertThat(store.openStream(KEY)).isNull())),
            Map.entry(
                    "transferTo(Object, WritableByteChannel)",
                    absent((store, dir) -> assertThat(
                                    store.transferTo(KEY, Channels.newChannel(new ByteArrayOutputStream())))
                            .isEmpty())),
            Map.entry(
                    "contains(Object)",
                    absent((store, dir) -> assertThat(store.contains(KEY)).isFalse())),
            Map.entry(
                    "sizeOf(Object)",
                    absent((store, dir) -> assertThat(store.sizeOf(KEY)).isEmpty())),
            Map.entry(
                    "describe(Object)",
                    absent((store, dir) -> assertThat(store.describe(KEY)).isNull())),
            Map.entry(
                    "getAll(Iterable)",
                    absent((store, dir) ->
                            assertThat(store.getAll(List.of(KEY, "other"))).containsOnlyKeys("other"))),
            Map.entry("getAll(Iterable, BiConsumer)", absent(ExpiredKeyTest::getAll)),
            Map.entry(
                    "forEach(BiConsumer)",
                    absent((store, dir) -> assertThat(TestStores.content(store)).containsOnlyKeys("other"))),
            Map.entry("keys()", absent(ExpiredKeyTest::listKeys)),
            Map.entry("size()", absent((store, dir) -> assertThat(store.size()).isBetween(1L, 2L))),
            Map.entry("asMap()", absent((store, dir) -> requireAbsent(store.asMap()))),
            Map.entry("asMap(ValueCodec)", absent((store, dir) -> requireAbsent(store.asMap(ValueCodec.bytes())))),
            Map.entry(
                    "stats()",
                    absent((store, dir) -> assertThat(store.stats().keys()).isEqualTo(1))),
            Map.entry(
                    "fileStats()",
                    absent((store, dir) -> assertThat(store.fileStats()).hasSize(1))),
            Map.entry(
                    "keyIds()",
                    absent((store, dir) -> assertThat(store.keyIds()).isEmpty())),
            Map.entry(
                    "verify()",
                    absent((store, dir) -> assertThat(store.verify().damage()).isEmpty())),
            Map.entry(
                    "verify(Pace)",
                    absent((store, dir) ->
                            assertThat(store.verify(Pace.unlimited()).damage()).isEmpty())),
            Map.entry("compact()", absent((store, dir) -> store.compact())),
            Map.entry("compact(CompactionProgress)", absent((store, dir) -> store.compact((done, total) -> {}))),
            Map.entry("pauseCompaction()", absent((store, dir) -> store.pauseCompaction())),
            Map.entry("resumeCompaction()", absent((store, dir) -> store.resumeCompaction())),
            Map.entry("snapshot(Path)", absent((store, dir) -> store.snapshot(target(dir)))),
            Map.entry("snapshot(Path, Pace)", absent((store, dir) -> store.snapshot(target(dir), Pace.unlimited()))),
            Map.entry(
                    "updateSnapshot(Path, Pace)",
                    absent((store, dir) -> store.updateSnapshot(target(dir), Pace.unlimited()))),
            Map.entry(
                    "withDurability(Durability)",
                    absent((store, dir) -> assertThat(
                                    store.withDurability(Durability.FORCED).get(KEY))
                            .isNull())),
            Map.entry(
                    "withCompression(Compression)",
                    absent((store, dir) -> assertThat(
                                    store.withCompression(Compression.ZSTD).get(KEY))
                            .isNull())),
            Map.entry(
                    "withExpiry(Expiry)",
                    absent((store, dir) -> assertThat(
                                    store.withExpiry(Expiry.never()).get(KEY))
                            .isNull())),
            Map.entry("close()", absent((store, dir) -> store.close()))));

    private static void stream(BlobStore<String> store, Path directory) throws IOException {
        try (BlobOutputStream out = store.newOutputStream(KEY)) {
            out.write(NEW);
            out.commit();
        }
    }

    private static void getAll(BlobStore<String> store, Path directory) throws IOException {
        Map<String, byte[]> found = new HashMap<>();
        store.getAll(List.of(KEY, "other"), found::put);
        assertThat(found).containsOnlyKeys("other");
    }

    private static void listKeys(BlobStore<String> store, Path directory) {
        try (Stream<String> keys = store.keys()) {
            assertThat(keys).containsExactly("other");
        }
    }

    private static void requireAbsent(Map<String, byte[]> map) {
        assertThat(map.get(KEY)).isNull();
        assertThat(map.getOrDefault(KEY, NEW)).isEqualTo(NEW);
        assertThat(map.containsKey(KEY)).isFalse();
        assertThat(map.keySet()).containsExactly("other");
        assertThat(map.remove(KEY, OLD)).isFalse();
        assertThat(map.replace(KEY, OLD, NEW)).isFalse();
        assertThat(map.remove(KEY)).isNull();
    }

    private static Path target(Path directory) {
        return directory.resolveSibling("snapshot");
    }

    private BlobStore<String> open(Path directory, InstantSource time) throws IOException {
        return TestStores.onHeap().clock(time).open(directory);
    }

    static Stream<String> methods() {
        return CALLS.keySet().stream();
    }

    @Test
    void everyPublicMethodIsCalled() {
        assertThat(CALLS.keySet())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(BlobStore.class.getMethods())
                        .filter(method -> method.getDeclaringClass() != Object.class)
                        .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
                        .map(ExpiredKeyTest::signature)
                        .toList());
    }

    private static String signature(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void methodTakesAnExpiredKeyForAbsent(String method) throws IOException {
        Path directory = temporary.resolve("store");
        Expected expected = CALLS.get(method);
        try (BlobStore<String> store = open(directory, clock)) {
            store.put("other", OLD);
            store.put(KEY, OLD, Expiry.never());
            store.put(KEY, OLD, Expiry.after(HOUR));
            clock.advance(HOUR);
            expected.call.run(store, directory);
        }
        for (long back : new long[] {0, HOUR.toMillis()}) {
            clock.advance(-back);
            try (BlobStore<String> again = open(directory, clock)) {
                byte[] found = again.get(KEY);
                if (expected.after == After.PUT) {
                    assertThat(found).isEqualTo(NEW);
                } else if (back == 0) {
                    assertThat(found).isNull();
                }
                assertThat(again.get("other")).isEqualTo(OLD);
            }
        }
    }

    @Test
    void snapshotOfAnExpiredBlobIsWithoutItToo() throws IOException {
        Path snapshot = temporary.resolve("snapshot");
        try (BlobStore<String> store = open(temporary.resolve("store"), clock)) {
            store.put(KEY, OLD, Expiry.after(HOUR));
            store.snapshot(snapshot);
        }
        clock.advance(HOUR);
        try (BlobStore<String> copy = open(snapshot, clock)) {
            assertThat(copy.get(KEY)).isNull();
            assertThat(copy.verify().damage()).isEmpty();
        }
    }

    @Test
    void momentsAtTheLimitsAreKeptOverAnOpening() throws IOException {
        Path directory = temporary.resolve("store");
        Map<String, Expiry> expiries = Map.of(
                "max", Expiry.at(Instant.MAX),
                "long", Expiry.after(Duration.ofSeconds(Long.MAX_VALUE)),
                "last", Expiry.at(Instant.ofEpochMilli(Long.MAX_VALUE - 1)),
                "never", Expiry.never(),
                "min", Expiry.at(Instant.MIN),
                "before 1970", Expiry.at(Instant.ofEpochMilli(-1)));
        try (BlobStore<String> store = open(directory, clock)) {
            for (Map.Entry<String, Expiry> entry : expiries.entrySet()) {
                store.put(entry.getKey(), OLD, entry.getValue());
            }
        }
        try (BlobStore<String> store = open(directory, clock)) {
            assertThat(TestStores.content(store)).containsOnlyKeys("max", "long", "last", "never");
            for (String key : List.of("max", "long", "last")) {
                assertThat(store.describe(key).expiry()).isEqualTo(Expiry.at(Instant.ofEpochMilli(Long.MAX_VALUE - 1)));
            }
            store.compact();
            assertThat(store.verify().damage()).isEmpty();
        }
        try (BlobStore<String> store = open(directory, () -> Instant.ofEpochMilli(Long.MAX_VALUE))) {
            assertThat(TestStores.content(store)).containsOnlyKeys("never");
        }
        try (BlobStore<String> store = open(directory, () -> Instant.ofEpochMilli(Long.MIN_VALUE))) {
            store.put("ttl", OLD, Expiry.after(Duration.ofSeconds(Long.MAX_VALUE)));
            assertThat(store.get("ttl")).isEqualTo(OLD);
        }
    }

    @Test
    void clockThatThrowsFailsTheCallAndNothingElse() throws IOException {
        Path directory = temporary.resolve("store");
        boolean[] broken = {false};
        InstantSource time = () -> {
            if (broken[0]) {
                throw new ArithmeticException("the clock is broken");
            }
            return clock.instant();
        };
        try (BlobStore<String> store = open(directory, time)) {
            store.put("stays", OLD);
            store.put(KEY, OLD, Expiry.after(HOUR));
            broken[0] = true;
            List<Call> calls = List.of(
                    (used, dir) -> used.get(KEY),
                    (used, dir) -> used.contains(KEY),
                    (used, dir) -> used.remove(KEY),
                    (used, dir) -> used.putIfAbsent(KEY, NEW),
                    (used, dir) -> used.put(KEY, NEW, Expiry.after(HOUR)),
                    (used, dir) -> TestStores.content(used),
                    (used, dir) -> used.compact());
            for (Call call : calls) {
                assertThatThrownBy(() -> call.run(store, directory)).hasStackTraceContaining("the clock is broken");
            }
            store.put("free", NEW); // No clock is needed.
            broken[0] = false;
            assertThat(store.get(KEY)).isEqualTo(OLD);
            assertThat(store.get("free")).isEqualTo(NEW);
            store.compact();
            assertThat(store.verify().damage()).isEmpty();
        }
        try (BlobStore<String> store = open(directory, clock)) {
            assertThat(TestStores.content(store)).containsOnlyKeys("stays", KEY, "free");
        }
    }
}
