package org.blobarena.store.expiry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.blobarena.format.Limits;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.testing.TestClock;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiryTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final byte[] OLD = bytes("old");
    private static final byte[] NEW = bytes("new blob");

    @TempDir
    private Path temporary;

    private final TestClock clock = new TestClock();
    private BlobStore<String> store;

    @BeforeEach
    void openStore() throws IOException {
        store = open(builder -> builder);
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    private BlobStore<String> open(UnaryOperator<BlobStoreBuilder<String>> options) throws IOException {
        return options.apply(
                        StoreAccess.streamMemoryBytes(TestStores.onHeap(), 1000).clock(clock))
                .open(temporary.resolve("store"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What every way to ask for a key says about it. */
    private void requireAbsent(String key) throws IOException {
        assertThat(store.get(key)).isNull();
        assertThat(store.get(key, ByteBuffer.allocate(9))).isEmpty();
        assertThat(store.get(key, ByteBuffer.allocate(0))).isEmpty();
        assertThat(store.get(key, ByteBuffer.allocate(1), ByteBuffer::allocate)).isNull();
        assertThat(store.get(key, temporary.resolve("target"))).isEmpty();
        assertThat(Files.exists(temporary.resolve("target"))).isFalse();
        assertThat(store.getString(key)).isNull();
        assertThat(store.appendTo(key, new StringBuilder())).isFalse();
        assertThat(store.<Integer>read(key, ByteBuffer::remaining)).isNull();
        assertThat(store.read(key, 0, ByteBuffer.allocate(9))).isEmpty();
        assertThat(store.openStream(key)).isNull();
        assertThat(store.transferTo(key, Channels.newChannel(new ByteArrayOutputStream())))
                .isEmpty();
        assertThat(store.contains(key)).isFalse();
        assertThat(store.sizeOf(key)).isEmpty();
        assertThat(store.describe(key)).isNull();
        assertThat(store.getAll(List.of(key, "other"))).doesNotContainKey(key);
        assertThat(TestStores.content(store)).doesNotContainKey(key);
        try (Stream<String> keys = store.keys()) {
            assertThat(keys).doesNotContain(key);
        }
        assertThat(store.asMap()).doesNotContainKey(key);
        assertThat(store.asMap().get(key)).isNull();
        assertThat(store.asMap().keySet().stream().toList()).doesNotContain(key);
        assertThat(store.asMap().entrySet().stream().map(Map.Entry::getKey)).doesNotContain(key);
        assertThat(store.replace(key, NEW)).isFalse();
        assertThat(store.replaceIfEqual(key, OLD, NEW)).isFalse();
        assertThat(store.removeIfEqual(key, OLD)).isFalse();
        assertThat(store.asMap().replace(key, NEW)).isNull();
        assertThat(store.asMap().computeIfPresent(key, (same, blob) -> NEW)).isNull();
    }

    @Test
    void blobIsThereUntilItsMomentAndForNoMethodFromThenOn() throws IOException {
        store.put("other", OLD);
        store.put("key", OLD, Expiry.after(HOUR));
        clock.advance(HOUR.toMillis() - 1);
        assertThat(store.get("key")).isEqualTo(OLD);
        assertThat(store.contains("key")).isTrue();
        assertThat(store.sizeOf("key")).hasValue(3);
        assertThat(store.asMap()).containsOnlyKeys("key", "other");

        clock.advance(1);

        requireAbsent("key");
        assertThat(store.get("other")).isEqualTo(OLD);
        assertThat(store.remove("key")).isFalse();
        requireAbsent("key");
    }

    @Test
    void momentThatHasPassedMakesAKeyAbsentFromTheStart() throws IOException {
        store.put("key", OLD);
        store.put("key", NEW, Expiry.at(clock.instant()));

        requireAbsent("key");
        store.put("key", NEW, Expiry.at(Instant.MIN));
        requireAbsent("key");
        store.put("key", NEW, Expiry.at(Instant.MAX));
        assertThat(store.get("key")).isEqualTo(NEW);
    }

    @Test
    void writesOfAViewExpireWhicheverTheyAre() throws IOException {
        BlobStore<String> view = store.withExpiry(Expiry.after(HOUR));
        byte[] large = TestStores.blob(5_000, 1);
        store.put("replaced", OLD);
        store.put("replaced if equal", OLD);
        Path file = Files.write(temporary.resolve("file"), large);

        view.put("array", OLD);
        view.put("buffer", ByteBuffer.wrap(OLD));
        view.put("stream", new ByteArrayInputStream(large));
        view.put("file", file);
        view.put("writer", out -> out.write(OLD));
        try (BlobOutputStream out = view.newOutputStream("output")) {
            out.write(large);
            out.commit();
        }
        assertThat(view.putIfAbsent("absent", OLD)).isTrue();
        assertThat(view.replace("replaced", OLD)).isTrue();
        assertThat(view.replaceIfEqual("replaced if equal", OLD, NEW)).isTrue();
        view.putAll(Map.of("batch 1", OLD, "batch 2", large));
        view.asMap().put("map", OLD);
        view.asMap().putAll(Map.of("map batch", OLD));
        view.asMap().merge("merged", OLD, (before, blob) -> blob);
        view.withCompression(Compression.ZSTD).put("compressed", new byte[2000]);
        store.put("stays", OLD);

        assertThat(TestStores.content(store)).hasSize(16);
        assertThat(store.get("stream")).isEqualTo(large);
        assertThat(store.get("compressed")).isEqualTo(new byte[2000]);
        assertThat(store.sizeOf("compressed")).hasValue(2000);
        clock.advance(HOUR);
        assertThat(TestStores.content(store)).containsOnlyKeys("stays");
    }

    @Test
    void viewsNestAndLeaveTheOtherOptions() throws IOException {
        BlobStore<String> view = store.withExpiry(Expiry.after(HOUR)).withCompression(Compression.ZSTD);
        view.put("expires", new byte[2000]);
        view.withExpiry(Expiry.never()).put("stays", new byte[2000]);

        assertThat(store.describe("stays").compressed()).isTrue();
        assertThat(store.describe("stays").expiry()).isEqualTo(Expiry.never());
        assertThat(store.describe("expires").compressed()).isTrue();
        assertThat(store.describe("expires").expiry())
                .isEqualTo(Expiry.at(clock.instant().plus(HOUR)));
    }

    @Test
    void builderSetsWhatWritesHaveByDefault() throws IOException {
        store.close();
        store = open(builder -> builder.expiry(Expiry.after(HOUR)));
        store.put("key", OLD);
        store.put("stays", OLD, Expiry.never());
        clock.advance(HOUR);

        assertThat(TestStores.content(store)).containsOnlyKeys("stays");
    }

    @Test
    void streamExpiresByTheMomentAtWhichItEnds() throws IOException {
        for (int length : new int[] {100, 50_000}) {
            try (BlobOutputStream out = store.withExpiry(Expiry.after(HOUR)).newOutputStream("key")) {
                out.write(TestStores.blob(length, 1));
                clock.advance(HOUR);
                out.commit();
            }
            clock.advance(HOUR.toMillis() - 1);
            assertThat(store.get("key")).isEqualTo(TestStores.blob(length, 1));
            clock.advance(1);
            assertThat(store.get("key")).isNull();
        }
    }

    @Test
    void expiredKeyCanBePutAgainByEveryConditionalWrite() throws IOException {
        for (int way = 0; way < 5; way++) {
            store.put("key", OLD, Expiry.after(HOUR));
            assertThat(store.putIfAbsent("key", NEW)).isFalse();
            clock.advance(HOUR);
            switch (way) {
                case 0 -> assertThat(store.putIfAbsent("key", NEW)).isTrue();
                case 1 -> assertThat(store.asMap().putIfAbsent("key", NEW)).isNull();
                case 2 -> assertThat(store.asMap().put("key", NEW)).isNull();
                case 3 ->
                    assertThat(store.asMap().computeIfAbsent("key", key -> NEW)).isEqualTo(NEW);
                default ->
                    assertThat(store.asMap().merge("key", NEW, (before, blob) -> before))
                            .isEqualTo(NEW);
            }
            assertThat(store.get("key")).isEqualTo(NEW);
            clock.advance(HOUR);
            assertThat(store.get("key")).isEqualTo(NEW);
        }
    }

    @Test
    void replacedBlobTakesItsExpiryWithIt() throws IOException {
        store.put("key", OLD, Expiry.after(HOUR));
        store.put("key", NEW);
        store.put("longer", OLD, Expiry.after(HOUR));
        store.put("longer", NEW, Expiry.after(HOUR.multipliedBy(2)));
        clock.advance(HOUR);

        assertThat(store.get("key")).isEqualTo(NEW);
        assertThat(store.get("longer")).isEqualTo(NEW);
    }

    @Test
    void removalsCountOnlyKeysThatAreThere() throws IOException {
        store.withExpiry(Expiry.after(HOUR)).putAll(Map.of("a", OLD, "b", OLD));
        store.put("c", OLD);
        clock.advance(HOUR);

        assertThat(store.removeAll(List.of("a", "b", "c", "d"))).isEqualTo(1);
        assertThat(store.size()).isZero();
    }

    @Test
    void removedBlobStaysAwayWhenTheClockIsSetBack() throws IOException {
        store.put("key", OLD, Expiry.after(HOUR));
        store.put("batch", OLD, Expiry.after(HOUR));
        clock.advance(HOUR);
        assertThat(store.remove("key")).isFalse();
        assertThat(store.removeAll(List.of("batch"))).isZero();

        clock.advance(-HOUR.toMillis());

        assertThat(TestStores.content(store)).isEmpty();
        StoreAccess.crash(store);
        store = open(builder -> builder);
        assertThat(TestStores.content(store)).isEmpty();
    }

    @Test
    void openStreamGoesOnWhenItsBlobExpires() throws IOException {
        byte[] blob = TestStores.blob(50_000, 3);
        store.withExpiry(Expiry.after(HOUR)).put("key", new ByteArrayInputStream(blob));
        try (BlobInputStream stream = store.openStream("key")) {
            assertThat(stream.readNBytes(10)).hasSize(10);
            clock.advance(HOUR);
            store.compact();
            assertThat(stream.readAllBytes()).hasSize(50_000 - 10);
        }
        assertThat(store.get("key")).isNull();
    }

    @Test
    void clockIsNotAskedWhereNothingExpires() throws IOException {
        store.put("key", OLD);
        store.get("key");
        store.compact();
        store.stats();

        assertThat(clock.askedCount()).isZero();
    }

    @Test
    void longestBlobThatExpiresLeavesRoomForItsMoment() throws IOException {
        int limit = (int) Limits.payloadBytesMax(TestStores.SMALL_FILE_BYTES, 3, true);
        BlobStore<String> view = store.withExpiry(Expiry.after(HOUR));
        view.put("key", TestStores.blob(limit, 1));

        assertThatThrownBy(() -> view.put("key", TestStores.blob(limit + 1, 1)))
                .isInstanceOf(BlobTooLargeException.class)
                .hasMessageContaining("at most " + limit);
        assertThatThrownBy(() -> view.put("key", new ByteArrayInputStream(TestStores.blob(limit + 1, 1))))
                .isInstanceOf(BlobTooLargeException.class);
        store.close();
        assertThat(temporary.resolve("store").toFile().listFiles())
                .allSatisfy(file -> assertThat(file.length()).isLessThanOrEqualTo(TestStores.SMALL_FILE_BYTES));
        store = open(builder -> builder);
        assertThat(store.get("key")).isEqualTo(TestStores.blob(limit, 1));
    }

    @Test
    void timeToLiveOfLessThanAMillisecondIsRefused() {
        for (Duration duration : new Duration[] {Duration.ZERO, Duration.ofNanos(999_999), Duration.ofSeconds(-1)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Expiry.after(duration))
                    .withMessageContaining(duration.toString());
        }
    }

    @Test
    void momentsBeyondTheRangeAreTheLastOrTheFirst() {
        assertThat(Expiry.after(Duration.ofSeconds(Long.MAX_VALUE)).millisFrom(clock))
                .isEqualTo(Long.MAX_VALUE - 1);
        assertThat(Expiry.at(Instant.MAX).millisFrom(clock)).isEqualTo(Long.MAX_VALUE - 1);
        assertThat(Expiry.at(Instant.MIN).millisFrom(clock)).isEqualTo(Long.MIN_VALUE);
        assertThat(Expiry.never().millisFrom(clock)).isEqualTo(Long.MAX_VALUE);
        assertThat(Expiry.after(HOUR).millisFrom(clock)).isEqualTo(clock.millis() + 3_600_000);
    }

    @Test
    void equalExpiriesAreEqual() {
        assertThat(Expiry.after(HOUR))
                .isEqualTo(Expiry.after(Duration.ofMinutes(60)))
                .hasSameHashCodeAs(Expiry.after(HOUR))
                .isNotEqualTo(Expiry.at(Instant.ofEpochMilli(HOUR.toMillis())))
                .isNotEqualTo(Expiry.never())
                .hasToString("after PT1H");
        assertThat(Expiry.never()).hasToString("never");
        assertThat(Expiry.at(Instant.EPOCH)).hasToString("at 1970-01-01T00:00:00Z");
    }
}
