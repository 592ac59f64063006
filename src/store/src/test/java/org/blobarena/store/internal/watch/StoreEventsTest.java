package org.blobarena.store.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.SettingDescriptor;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.IndexKind;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.Recorded;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every event of a store, as a recording has it; that of a throttle is tested with the throttle. */
class StoreEventsTest {

    private static final int BLOB_BYTES = 10_000;

    @TempDir
    Path temporary;

    private BlobStoreBuilder<String> builder() {
        return BlobStore.builder(KeyCodec.utf8())
                .index(IndexKind.TABLE)
                .automaticCompaction(false)
                .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                .bufferBytes(4096);
    }

    private static void fill(BlobStore<String> store) throws Exception {
        for (int i = 0; i < 20; i++) {
            store.put("key " + i, TestStores.blob(BLOB_BYTES, i));
        }
    }

    @Test
    void openingTellsWhatItHasFound() throws Exception {
        List<RecordedEvent> events = Recorded.of(temporary, () -> {
            try (BlobStore<String> store = builder().open(temporary)) {
                fill(store);
            }
            BlobStore<String> killed = builder().open(temporary);
            killed.remove("key 3");
            StoreAccess.crash(killed);
            try (BlobStore<String> store = builder().open(temporary)) {
                assertThat(store.size()).isEqualTo(19);
            }
        });
        assertThat(Recorded.named("StoreOpen", events))
                .extracting(event -> event.getBoolean("clean"), event -> event.getLong("keys"))
                .containsExactly(tuple(true, 0L), tuple(true, 20L), tuple(false, 19L));
        assertThat(Recorded.named("StoreOpen", events)).allSatisfy(event -> {
            assertThat(event.getString("store")).isEqualTo(temporary.toString());
            assertThat(event.getString("index")).isEqualTo("table");
            assertThat(event.getBoolean("readOnly")).isFalse();
            assertThat(event.getLong("damageCount")).isZero();
            assertThat(event.getDuration()).isPositive();
        });
        assertThat(Recorded.named("Recovery", events)).singleElement().satisfies(event -> {
            assertThat(event.getLong("keys")).isEqualTo(19);
            assertThat(event.getInt("files")).isEqualTo(4);
            assertThat(event.getLong("tornBytes")).isZero();
        });
    }

    @Test
    void readerTellsThatItOnlyReads() throws Exception {
        try (BlobStore<String> store = builder().open(temporary)) {
            fill(store);
        }
        List<RecordedEvent> events = Recorded.of(
                temporary,
                () -> BlobStore.openReadOnly(temporary, KeyCodec.utf8()).close());
        assertThat(Recorded.named("StoreOpen", events))
                .filteredOn(event -> event.getBoolean("readOnly"))
                .singleElement()
                .satisfies(event -> assertThat(event.getLong("keys")).isEqualTo(20));
    }

    @Test
    void filesTellThatTheyAreBegunForcedSealedAndReplaced() throws Exception {
        List<RecordedEvent> events = Recorded.of(temporary, () -> {
            try (BlobStore<String> store = builder().open(temporary)) {
                fill(store);
                store.force();
                for (int i = 0; i < 20; i += 2) {
                    store.remove("key " + i);
                }
                store.compact();
            }
        });
        List<String> begun = Recorded.named("FileRoll", events).stream()
                .map(event -> event.getString("file"))
                .toList();
        assertThat(begun).hasSizeGreaterThan(4).doesNotHaveDuplicates().allMatch(name -> name.endsWith(".arena"));
        List<RecordedEvent> sealed = Recorded.named("FileSeal", events);
        assertThat(sealed).hasSizeGreaterThan(4).allSatisfy(event -> {
            assertThat(event.getString("file")).isIn(begun);
            assertThat(event.getLong("bytes")).isBetween(1L, (long) TestStores.SMALL_FILE_BYTES);
        });
        assertThat(Recorded.named("Force", events)).isNotEmpty().allSatisfy(event -> {
            assertThat(event.getString("file")).isIn(begun);
            assertThat(event.getLong("bytes")).isPositive();
        });
        List<RecordedEvent> rounds = Recorded.named("CompactionRound", events);
        assertThat(rounds).isNotEmpty().allSatisfy(event -> {
            assertThat(event.getInt("victims")).isPositive();
            assertThat(event.getLong("bytesFreed")).isPositive();
        });
        assertThat(rounds.stream()
                        .mapToLong(event -> event.getLong("bytesCopied"))
                        .sum())
                .isGreaterThanOrEqualTo(10L * BLOB_BYTES);
        assertThat(rounds.stream()
                        .mapToLong(event -> event.getLong("bytesWritten"))
                        .sum())
                .isGreaterThan(10L * BLOB_BYTES);
        assertThat(rounds.stream()
                        .mapToLong(event -> event.getLong("bytesRead"))
                        .sum())
                .isGreaterThanOrEqualTo(10L * BLOB_BYTES);
    }

    @Test
    void everyOperationIsTimed() throws Exception {
        List<RecordedEvent> events = Recorded.of(temporary, () -> {
            try (BlobStore<String> store = builder().open(temporary)) {
                store.put("a", new byte[10]);
                store.putIfAbsent("b", new byte[10]);
                store.putAll(Map.of("c", new byte[10]));
                store.get("a");
                store.get("a", ByteBuffer.allocate(100));
                store.read("a", ByteBuffer::remaining);
                store.remove("a");
            }
        });
        assertThat(Recorded.named("SlowOperation", events))
                .extracting(event -> event.getString("operation"))
                .containsExactly("put", "put", "batch", "get", "get", "get", "remove");
        assertThat(Recorded.named("SlowOperation", events)).allSatisfy(event -> {
            assertThat(event.getStackTrace().getFrames())
                    .anyMatch(frame -> frame.getMethod().getType().getName().endsWith("StoreEventsTest"));
        });
    }

    @Test
    void damageIsToldWhereItIsMet() throws Exception {
        try (BlobStore<String> store = builder().open(temporary)) {
            fill(store);
        }
        Path damaged = TestStores.arenas(temporary).get(0);
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[5000]++;
        Files.write(damaged, bytes);
        List<RecordedEvent> events = Recorded.of(temporary, () -> {
            try (BlobStore<String> store = builder().open(temporary)) {
                assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(() -> store.get("key 0"));
                assertThatExceptionOfType(CorruptBlobException.class)
                        .isThrownBy(() -> store.openStream("key 0").readAllBytes());
            }
            Files.delete(damaged);
            builder().open(temporary).close();
        });
        assertThat(Recorded.named("Damage", events)).hasSize(3).allSatisfy(event -> {
            assertThat(event.getString("store")).isEqualTo(temporary.toString());
            assertThat(event.getString("file")).isEqualTo(damaged.getFileName().toString());
        });
        assertThat(Recorded.named("Damage", events).get(0).getString("problem")).contains("expected");
        assertThat(Recorded.named("Damage", events).get(2).getString("problem")).contains("missing");
    }

    @Test
    void cacheTellsWhichFilesItEvicts() throws Exception {
        long[] figures = new long[2];
        List<RecordedEvent> events = Recorded.of(temporary, () -> {
            try (BlobCache<String> cache =
                    BlobCache.builder(KeyCodec.utf8()).maximumBytes(8 << 20).open(temporary)) {
                for (int i = 0; i < 200; i++) {
                    cache.put("key " + i, new byte[100_000]);
                }
                cache.invalidateAll();
                figures[0] = cache.stats().evictions();
                figures[1] = cache.stats().evictedBytes();
            }
        });
        List<RecordedEvent> evictions = Recorded.named("FileEviction", events);
        assertThat(evictions).isNotEmpty().allSatisfy(event -> {
            assertThat(event.getString("file")).endsWith(".arena");
            assertThat(event.getLong("bytes")).isPositive();
        });
        assertThat(evictions.stream()
                        .mapToLong(event -> event.getLong("evicted"))
                        .sum())
                .isEqualTo(figures[0]);
        assertThat(evictions.stream()
                        .mapToLong(event -> event.getLong("evictedBytes"))
                        .sum())
                .isEqualTo(figures[1]);
    }

    /** Also as a warning to who adds one: the page has to name it. */
    @Test
    void everyEventHasACategoryLabelsAndUnits() throws Exception {
        Recorded.of(temporary, () -> {
            try (BlobStore<String> store = builder().open(temporary)) {
                fill(store);
            }
        });
        List<EventType> types = FlightRecorder.getFlightRecorder().getEventTypes().stream()
                .filter(type -> type.getName().startsWith(Recorded.PREFIX))
                .toList();
        assertThat(types).hasSizeGreaterThan(4).allSatisfy(type -> {
            assertThat(type.getCategoryNames()).containsExactly("BlobArena");
            assertThat(type.getLabel()).isNotBlank();
            assertThat(type.getDescription()).isNotBlank();
            assertThat(type.getFields())
                    .allSatisfy(field -> assertThat(field.getLabel()).isNotBlank());
            assertThat(bytesWithoutUnit(type)).isEmpty();
        });
        assertThat(types)
                .filteredOn(type -> type.getName().endsWith("SlowOperation"))
                .flatExtracting(EventType::getSettingDescriptors)
                .filteredOn(setting -> setting.getName().equals("threshold"))
                .extracting(SettingDescriptor::getDefaultValue)
                .containsExactly("20 ms");
    }

    private static Set<String> bytesWithoutUnit(EventType type) {
        return type.getFields().stream()
                .filter(field -> field.getName().toLowerCase(Locale.ROOT).contains("bytes"))
                .filter(field -> !"jdk.jfr.DataAmount".equals(field.getContentType()))
                .map(ValueDescriptor::getName)
                .collect(Collectors.toSet());
    }

    @Test
    void closeWhileARecordingRunsAndReadingAfterItHasEndedWork() throws Exception {
        AtomicReference<BlobStore<String>> left = new AtomicReference<>();
        Recorded.of(temporary, () -> {
            left.set(builder().durability(Durability.FORCED).open(temporary));
            left.get().put("a", new byte[10]);
        });
        assertThat(left.get().get("a")).hasSize(10);
        List<RecordedEvent> events = Recorded.of(temporary, () -> left.get().close());
        assertThat(events)
                .allSatisfy(event -> assertThat(event.getString("store")).isEqualTo(temporary.toString()));
    }
}
