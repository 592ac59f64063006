package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import org.apache.commons.io.FileUtils;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.arena.ReadMode;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.testing.TestKeys;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;

/**
 * Sequences of operations against a map on the heap, with clean closes, after which the index is taken as it is, and
 * crashes. Shows invariants 3, 8 and 9 of store-format.md.
 */
class BlobStoreModelTest {

    private static final int KEYS = 12;

    /** Of a stream; four times as much is the most that is written among others. */
    private static final int STREAM_MEMORY = 1500;

    @Property(tries = 500, shrinking = ShrinkingMode.BOUNDED)
    void storeOnTheHeapIndexDoesWhatAMapDoes(@ForAll("sequences") List<Step> steps) throws IOException {
        run(
                steps,
                StoreAccess.streamMemoryBytes(
                        TestStores.onHeap(HeapLocationIndexFactory.remembering())
                                .automaticCompaction(true),
                        STREAM_MEMORY));
    }

    @Property(tries = 15, shrinking = ShrinkingMode.OFF)
    void storeOnTheUsualIndexDoesWhatAMapDoes(@ForAll("sequences") List<Step> steps) throws IOException {
        run(
                steps,
                StoreAccess.streamMemoryBytes(
                        BlobStore.builder(KeyCodec.utf8())
                                .arenaBytesMax(64 * 1024)
                                .bufferBytes(4096),
                        STREAM_MEMORY));
    }

    /** More files than it may map at once, so that mappings are given up and made again. */
    @Property(tries = 100, shrinking = ShrinkingMode.BOUNDED)
    void storeOfMappedFilesDoesWhatAMapDoes(@ForAll("sequences") List<Step> steps) throws IOException {
        run(
                steps,
                StoreAccess.streamMemoryBytes(
                        TestStores.onHeap(HeapLocationIndexFactory.remembering())
                                .automaticCompaction(true)
                                .descriptors(DescriptorBudget.of(2))
                                .readMode(ReadMode.MAPPED),
                        STREAM_MEMORY));
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void storeOfBlobsInBlocksDoesWhatAMapDoes(@ForAll("longSequences") List<Step> steps) throws IOException {
        run(
                steps,
                StoreAccess.streamMemoryBytes(
                        TestStores.onHeap(HeapLocationIndexFactory.remembering())
                                .arenaBytesMax(512 * 1024),
                        STREAM_MEMORY));
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void encryptedStoreDoesWhatAMapDoes(@ForAll("sequences") List<Step> steps) throws IOException {
        run(
                steps,
                StoreAccess.streamMemoryBytes(
                        TestStores.onHeap(HeapLocationIndexFactory.remembering())
                                .automaticCompaction(true)
                                .keySource(TestKeys.first()),
                        STREAM_MEMORY));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void encryptedStoreOfBlobsInBlocksDoesWhatAMapDoes(@ForAll("longSequences") List<Step> steps) throws IOException {
        run(
                steps,
                StoreAccess.streamMemoryBytes(
                        TestStores.onHeap(HeapLocationIndexFactory.remembering())
                                .arenaBytesMax(512 * 1024)
                                .keySource(TestKeys.first()),
                        STREAM_MEMORY));
    }

    /** So many small records that index blocks fill up between rolls. */
    @Property(tries = 6, shrinking = ShrinkingMode.OFF)
    void manySmallRecordsSurviveClosesAndCrashes(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 12_000; i++) {
            steps.add(new Step(random.nextInt(10) == 0 ? Kind.REMOVE : Kind.PUT, random.nextInt(500), 3, i));
            if (random.nextInt(4000) == 0) {
                steps.add(new Step(random.nextBoolean() ? Kind.CRASH : Kind.REOPEN, 0, 0, 0));
            }
            if (random.nextInt(2000) == 0) {
                steps.add(new Step(Kind.COMPACT, 0, 0, 0));
            }
        }
        run(steps, TestStores.onHeap().arenaBytesMax(600_000).automaticCompaction(true));
    }

    @Provide
    Arbitrary<List<Step>> longSequences() {
        return sequences(Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.integers().between(0, 200)),
                Tuple.of(3, Arbitraries.integers().between(65_530, 65_550)),
                Tuple.of(3, Arbitraries.integers().between(131_060, 131_090)),
                Tuple.of(2, Arbitraries.integers().between(20_000, 400_000))));
    }

    @Provide
    Arbitrary<List<Step>> sequences() {
        return sequences(Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(0, 200)),
                Tuple.of(3, Arbitraries.integers().between(3900, 4300)),
                Tuple.of(2, Arbitraries.integers().between(20_000, 65_000))));
    }

    private static Arbitrary<List<Step>> sequences(Arbitrary<Integer> lengths) {
        Arbitrary<Kind> kinds = Arbitraries.frequencyOf(
                Tuple.of(30, Arbitraries.of(Kind.PUT, Kind.PUT_FORCED, Kind.PUT_IF_ABSENT)),
                Tuple.of(10, Arbitraries.just(Kind.PUT_BUFFERED)),
                Tuple.of(12, Arbitraries.of(Kind.STREAM, Kind.STREAM_FORCED, Kind.ABORT)),
                Tuple.of(10, Arbitraries.of(Kind.PUT_COMPRESSED, Kind.STREAM_COMPRESSED)),
                Tuple.of(6, Arbitraries.of(Kind.OPEN_STREAM, Kind.END_STREAM)),
                Tuple.of(15, Arbitraries.of(Kind.REMOVE, Kind.REMOVE_BUFFERED)),
                Tuple.of(15, Arbitraries.of(Kind.REPLACE, Kind.REPLACE_IF_EQUAL, Kind.REMOVE_IF_EQUAL, Kind.MERGE)),
                Tuple.of(15, Arbitraries.of(Kind.PUT_ALL, Kind.REMOVE_ALL, Kind.GET_ALL)),
                Tuple.of(10, Arbitraries.of(Kind.GET, Kind.FORCE, Kind.ITERATE, Kind.STATS)),
                Tuple.of(6, Arbitraries.of(Kind.REOPEN, Kind.CRASH)),
                Tuple.of(3, Arbitraries.just(Kind.COMPACT)));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, KEYS - 1),
                        lengths,
                        Arbitraries.integers().greaterOrEqual(0))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    private static void run(List<Step> steps, BlobStoreBuilder<String> builder) throws IOException {
        Path directory = Files.createTempDirectory("blobarena-model-");
        Checked checked = new Checked(builder, directory);
        try {
            for (Step step : steps) {
                checked.apply(step);
            }
            checked.end();
        } finally {
            checked.store.close();
            FileUtils.deleteDirectory(directory.toFile());
        }
    }

    enum Kind {
        PUT,
        PUT_FORCED,
        PUT_BUFFERED,
        PUT_IF_ABSENT,
        PUT_COMPRESSED,
        STREAM_COMPRESSED,
        STREAM,
        STREAM_FORCED,
        ABORT,
        OPEN_STREAM,
        END_STREAM,
        PUT_ALL,
        REPLACE,
        REPLACE_IF_EQUAL,
        MERGE,
        REMOVE,
        REMOVE_BUFFERED,
        REMOVE_IF_EQUAL,
        REMOVE_ALL,
        GET,
        GET_ALL,
        FORCE,
        ITERATE,
        STATS,
        REOPEN,
        CRASH,
        COMPACT
    }

    record Step(Kind kind, int key, int length, int seed) {}

    private static final class Checked {

        private final BlobStoreBuilder<String> builder;
        private final Path directory;
        private final Map<String, ByteBuffer> model = new HashMap<>();

        /** What the model was before and after each buffered operation since the last that reached the system. */
        private final List<Map<String, ByteBuffer>> losable = new ArrayList<>();

        private final List<OpenStream> streams = new ArrayList<>();

        private ByteBuffer reused = ByteBuffer.allocate(0);
        private BlobStore<String> store;

        /** A stream that has not been given the last bytes of its blob. */
        @SuppressWarnings("ArrayRecordComponent") // the blob that the test has made, for itself
        private record OpenStream(String key, byte[] blob, BlobOutputStream out) {}

        Checked(BlobStoreBuilder<String> builder, Path directory) throws IOException {
            this.builder = builder;
            this.directory = directory;
            this.store = builder.open(directory);
        }

        void apply(Step step) throws IOException {
            String key = "key" + step.key;
            byte[] blob = TestStores.blob(step.length, step.seed);
            switch (step.kind) {
                case PUT -> put(key, blob, Durability.WRITTEN);
                case PUT_COMPRESSED -> {
                    store = store.withCompression(Compression.ZSTD);
                    put(key, compressible(blob), Durability.WRITTEN);
                    store = store.withCompression(Compression.NONE);
                }
                case STREAM_COMPRESSED -> {
                    store = store.withCompression(Compression.ZSTD);
                    stream(key, compressible(blob), Durability.WRITTEN);
                    store = store.withCompression(Compression.NONE);
                }
                case PUT_FORCED -> put(key, blob, Durability.FORCED);
                case PUT_BUFFERED -> put(key, blob, isAside(blob) ? Durability.WRITTEN : Durability.BUFFERED);
                case STREAM -> stream(key, blob, Durability.WRITTEN);
                case STREAM_FORCED -> stream(key, blob, Durability.FORCED);
                case ABORT -> {
                    BlobOutputStream out = store.newOutputStream(key);
                    out.write(blob);
                    out.close();
                    checkKey(key);
                }
                case OPEN_STREAM -> {
                    BlobOutputStream out = store.newOutputStream(key);
                    out.write(blob, 0, blob.length / 2);
                    streams.add(new OpenStream(key, blob, out));
                }
                case END_STREAM -> {
                    if (!streams.isEmpty()) {
                        endStream(streams.remove(0));
                    }
                }
                case PUT_IF_ABSENT -> {
                    willWriteAside(blob);
                    boolean absent = model.putIfAbsent(key, ByteBuffer.wrap(blob)) == null;
                    assertThat(store.putIfAbsent(key, blob)).isEqualTo(absent);
                    wrote(absent ? Durability.WRITTEN : null);
                }
                case PUT_ALL -> putAll(step);
                case REPLACE -> {
                    willWriteAside(blob);
                    boolean present = model.replace(key, ByteBuffer.wrap(blob)) != null;
                    assertThat(store.replace(key, blob)).isEqualTo(present);
                    wrote(present ? Durability.WRITTEN : null);
                }
                case REPLACE_IF_EQUAL -> {
                    willWriteAside(blob);
                    ByteBuffer expected = expected(step);
                    boolean equal = model.replace(key, expected, ByteBuffer.wrap(blob));
                    assertThat(store.replaceIfEqual(key, array(expected), blob)).isEqualTo(equal);
                    wrote(equal ? Durability.WRITTEN : null);
                }
                case MERGE -> {
                    willWriteAside(blob);
                    ByteBuffer merged = model.merge(key, ByteBuffer.wrap(blob), Checked::shorter);
                    byte[] result = store.asMap()
                            .merge(key, blob, (a, b) -> array(shorter(ByteBuffer.wrap(a), ByteBuffer.wrap(b))));
                    assertThat(result == null ? null : ByteBuffer.wrap(result)).isEqualTo(merged);
                    wrote(Durability.WRITTEN);
                }
                case REMOVE_IF_EQUAL -> {
                    ByteBuffer expected = expected(step);
                    boolean equal = model.remove(key, expected);
                    assertThat(store.removeIfEqual(key, array(expected))).isEqualTo(equal);
                    wrote(equal ? Durability.WRITTEN : null);
                }
                case REMOVE_ALL -> {
                    List<String> keys = keys(step);
                    int before = model.size();
                    model.keySet().removeAll(keys);
                    assertThat(store.removeAll(keys)).isEqualTo(before - model.size());
                    wrote(before == model.size() ? null : Durability.WRITTEN);
                }
                case GET_ALL -> {
                    Map<String, ByteBuffer> found = new HashMap<>();
                    store.getAll(keys(step)).forEach((each, payload) -> found.put(each, ByteBuffer.wrap(payload)));
                    Map<String, ByteBuffer> wanted = new HashMap<>(model);
                    wanted.keySet().retainAll(keys(step));
                    assertThat(found).isEqualTo(wanted);
                }
                case REMOVE -> remove(key, Durability.WRITTEN);
                case REMOVE_BUFFERED -> remove(key, Durability.BUFFERED);
                case GET -> checkKey(key);
                case FORCE -> {
                    store.force();
                    losable.clear();
                }
                case ITERATE -> assertThat(TestStores.content(store)).isEqualTo(model);
                case STATS -> checkStats();
                case REOPEN -> {
                    store.close();
                    streams.clear();
                    losable.clear();
                    open();
                    assertThat(TestStores.content(store)).isEqualTo(model);
                }
                case CRASH -> crash();
                case COMPACT -> {
                    store.compact();
                    losable.clear(); // It forces what it does not copy.
                    checkStats();
                }
            }
        }

        void end() throws IOException {
            assertThat(TestStores.content(store)).isEqualTo(model);
            for (int i = 0; i < KEYS; i++) {
                checkKey("key" + i);
            }
            checkStats();
            assertThat(store.verify().damage()).isEmpty();
            store.close();
            losable.clear();
            open();
            assertThat(store.stats().opening().damage()).isEmpty();
            assertThat(TestStores.content(store)).isEqualTo(model);
            checkStats();
            assertThat(store.verify().isIntact()).isTrue();
        }

        private void stream(String key, byte[] blob, Durability durability) throws IOException {
            store.force();
            losable.clear();
            model.put(key, ByteBuffer.wrap(blob));
            store.withDurability(durability).put(key, new ByteArrayInputStream(blob));
            checkKey(key);
        }

        private void endStream(OpenStream stream) throws IOException {
            store.force();
            losable.clear();
            stream.out.write(stream.blob, stream.blob.length / 2, stream.blob.length - stream.blob.length / 2);
            checkKey(stream.key);
            stream.out.commit();
            model.put(stream.key, ByteBuffer.wrap(stream.blob));
            checkKey(stream.key);
        }

        private static boolean isAside(byte[] blob) {
            return blob.length > 4 * STREAM_MEMORY;
        }

        /** What goes to another file can survive what was buffered before. */
        private void willWriteAside(byte[] blob) throws IOException {
            if (isAside(blob)) {
                store.force();
                losable.clear();
            }
        }

        private void put(String key, byte[] blob, Durability durability) throws IOException {
            willWriteAside(blob);
            willWrite(durability);
            model.put(key, ByteBuffer.wrap(blob));
            store.withDurability(durability).put(key, blob);
            wrote(durability);
            assertThat(store.get(key)).isEqualTo(blob);
        }

        private void putAll(Step step) throws IOException {
            Map<String, byte[]> blobs = new HashMap<>();
            for (String key : keys(step)) {
                blobs.put(key, TestStores.blob(step.length / 4, step.seed + key.hashCode()));
            }
            for (byte[] blob : blobs.values()) {
                willWriteAside(blob);
            }
            blobs.forEach((key, blob) -> model.put(key, ByteBuffer.wrap(blob)));
            Durability durability = step.seed % 2 == 0 ? Durability.WRITTEN : Durability.FORCED;
            store.withDurability(durability).putAll(blobs);
            wrote(durability);
        }

        /** Half of the keys from that of the step on. */
        private static List<String> keys(Step step) {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < KEYS / 2; i++) {
                keys.add("key" + (step.key + i) % KEYS);
            }
            return keys;
        }

        /** What the step's key has, or something else. */
        private ByteBuffer expected(Step step) {
            ByteBuffer present = model.get("key" + step.key);
            return present != null && step.seed % 3 != 0 ? present : ByteBuffer.wrap(new byte[step.seed % 3]);
        }

        private static @Nullable ByteBuffer shorter(ByteBuffer a, ByteBuffer b) {
            return a.remaining() == b.remaining() ? null : a.remaining() < b.remaining() ? a : b;
        }

        private static byte @Nullable [] array(@Nullable ByteBuffer buffer) {
            if (buffer == null) {
                return null;
            }
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }

        private void remove(String key, Durability durability) throws IOException {
            willWrite(durability);
            boolean present = model.remove(key) != null;
            assertThat(store.withDurability(durability).remove(key)).isEqualTo(present);
            wrote(present ? durability : null);
        }

        private void willWrite(Durability durability) {
            if (durability == Durability.BUFFERED && losable.isEmpty()) {
                losable.add(new HashMap<>(model));
            }
        }

        private void wrote(@Nullable Durability durability) {
            if (durability == Durability.BUFFERED) {
                losable.add(new HashMap<>(model));
            } else if (durability != null) {
                losable.clear();
            }
        }

        private void checkKey(String key) throws IOException {
            ByteBuffer expected = model.get(key);
            assertThat(store.contains(key)).isEqualTo(expected != null);
            byte[] found = store.get(key);
            if (expected == null) {
                assertThat(found).isNull();
                assertThat(store.sizeOf(key)).isEmpty();
                assertThat(store.describe(key)).isNull();
                assertThat(store.get(key, reused, ByteBuffer::allocate)).isNull();
            } else {
                assertThat(found).isNotNull();
                assertThat(ByteBuffer.wrap(found)).isEqualTo(expected);
                assertThat(store.sizeOf(key)).hasValue(expected.remaining());
                assertThat(store.describe(key).blobBytes()).isEqualTo(expected.remaining());
                checkRange(key, expected, expected.remaining() / 3);
                reused = store.get(key, reused, ByteBuffer::allocate);
                assertThat(reused).isEqualTo(expected);
                assertThat(store.<Boolean>read(key, expected::equals)).isTrue();
            }
        }

        private void checkRange(String key, ByteBuffer expected, int from) throws IOException {
            ByteBuffer part = ByteBuffer.allocate(from + 1);
            int count = Math.min(part.capacity(), expected.remaining() - from);
            assertThat(store.read(key, from, part)).hasValue(count);
            assertThat(part.flip()).isEqualTo(expected.slice(from, count));
        }

        private void checkStats() {
            StoreStats stats = store.stats();
            long values = 0;
            for (Map.Entry<String, ByteBuffer> entry : model.entrySet()) {
                values += 32 + entry.getKey().length();
                values +=
                        isCompressible(entry.getValue()) ? 0 : entry.getValue().remaining();
            }
            assertThat(stats.keys()).isEqualTo(model.size()).isEqualTo(store.size());
            assertThat(stats.liveBytes()).isGreaterThanOrEqualTo(values);
            assertThat(stats.liveBytes() + stats.deadBytes() + 64 * stats.arenaFiles())
                    .isLessThanOrEqualTo(stats.arenaBytes());
        }

        private static byte[] compressible(byte[] blob) {
            Arrays.fill(blob, 0, (blob.length + 1) / 2, (byte) 0);
            return blob;
        }

        /** True for some others too. */
        private static boolean isCompressible(ByteBuffer blob) {
            return blob.hasRemaining() && blob.get(0) == 0;
        }

        /** What was acknowledged as buffered may be gone, but only from some point of time on. */
        private void crash() throws IOException {
            StoreAccess.crash(store);
            streams.clear();
            open();
            assertThat(store.stats().opening().damage()).isEmpty();
            Map<String, ByteBuffer> found = TestStores.content(store);
            if (losable.isEmpty()) {
                assertThat(found).isEqualTo(model);
            } else {
                assertThat(losable).contains(found);
                model.clear();
                model.putAll(found);
            }
            losable.clear();
        }

        private void open() throws IOException {
            store = builder.open(directory);
        }
    }
}
