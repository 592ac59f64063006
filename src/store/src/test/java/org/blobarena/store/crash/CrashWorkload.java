package org.blobarena.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.TestKeys;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a store on a {@link FaultyDirectory} and remembers, for every write, at which change of the directory
 * it began, and from which one on it had been acknowledged as written and as forced. So it can say of any crash what
 * must be found after it.
 */
public final class CrashWorkload {

    static final int KEYS = 12;
    private static final int BATCH_KEYS = 4;
    private static final int COMPACTION_ONE_IN = 15;
    private static final int LOOK_ONE_IN = 4;
    private static final int READER_ONE_IN = 6;
    private static final int READERS_MAX = 3;
    private static final double DEAD_SHARE = 0.1;
    private static final List<Durability> DURABILITIES = List.of(Durability.values());

    private final FaultyDirectory directory;
    private final SplittableRandom random;
    private final StoreEnvironment environment;
    private final Background background;
    private final Deque<BlobInputStream> readers = new ArrayDeque<>();
    private boolean compacts;
    private boolean compactsByItself;
    private boolean reads;
    private final Map<String, List<Write>> history = new TreeMap<>();
    private final Sizes sizes;
    private @Nullable OpenStream openStream;
    private int writes;

    /**
     * How large things are.
     *
     * @param streamMemoryBytes what is kept in memory of a stream; four times as much is the most that is not written
     *     aside
     * @param streamBytesMax of blobs that are streamed; 0 to stream none
     * @param compression of all blobs, which it makes much shorter
     * @param encrypted whether the store is
     */
    public record Sizes(
            int arenaBytesMax,
            int bufferBytes,
            int streamMemoryBytes,
            int streamBytesMax,
            Compression compression,
            boolean encrypted) {

        public static final Sizes WHOLE = new Sizes(64 * 1024, 4096, 1 << 20, 0, Compression.NONE, false);
        public static final Sizes STREAMS = new Sizes(64 * 1024, 4096, 1000, 6000, Compression.NONE, false);

        /** So that streamed blobs have several blocks. */
        static final Sizes BLOCKS = new Sizes(512 * 1024, 64 * 1024, 1000, 200_000, Compression.NONE, false);

        public static final Sizes COMPRESSED = new Sizes(256 * 1024, 4096, 1000, 200_000, Compression.ZSTD, false);

        public static final Sizes ENCRYPTED = WHOLE.inEncryptedStore();

        public Sizes inEncryptedStore() {
            return new Sizes(arenaBytesMax, bufferBytes, streamMemoryBytes, streamBytesMax, compression, true);
        }
    }

    /** A stream that is written between other writes. */
    private record OpenStream(String key, String value, BlobOutputStream out, AtomicInteger written) {}

    /** One write of a key: null is a removal. Change numbers are MAX_VALUE for what has not happened. */
    private static final class Write {

        private final @Nullable String value;
        private final int begun;
        private int written = Integer.MAX_VALUE;
        private int forced = Integer.MAX_VALUE;

        Write(@Nullable String value, int begun) {
            this.value = value;
            this.begun = begun;
        }
    }

    public CrashWorkload(FaultyDirectory directory, long seed, Background background, Sizes sizes) {
        this.directory = directory;
        this.sizes = sizes;
        this.random = new SplittableRandom(seed);
        this.background = background;
        this.environment = environment(directory, background);
    }

    /** From here on everything is compacted now and then; needs a background that runs. */
    public CrashWorkload compacting() {
        compacts = true;
        return this;
    }

    /** From here on readers keep files that are no longer needed, each for a while. */
    CrashWorkload reading() {
        reads = true;
        return this;
    }

    /** From here on the store compacts by itself, between any two writes, whenever it is let look; see {@link Periodic}. */
    CrashWorkload compactingByItself() {
        compactsByItself = true;
        return this;
    }

    /** A simulated file system, an index that no crash spares, and a background without a thread. */
    public static StoreEnvironment environment(FaultyDirectory directory, Background background) {
        return new StoreEnvironment(
                (path, create) -> directory, HeapLocationIndexFactory.forgetting(), name -> background);
    }

    public static BlobStore<String> open(StoreEnvironment environment, Sizes sizes) throws IOException {
        return builder(environment, sizes).open(Path.of("simulated"));
    }

    private static BlobStoreBuilder<String> builder(StoreEnvironment environment, Sizes sizes) {
        BlobStoreBuilder<String> builder = plainBuilder(environment, sizes);
        return sizes.encrypted ? builder.keySource(TestKeys.first()) : builder;
    }

    private static BlobStoreBuilder<String> plainBuilder(StoreEnvironment environment, Sizes sizes) {
        return StoreAccess.environment(
                StoreAccess.streamMemoryBytes(
                                BlobStore.builder(KeyCodec.utf8())
                                        .arenaBytesMax(sizes.arenaBytesMax)
                                        .bufferBytes(sizes.bufferBytes),
                                sizes.streamMemoryBytes)
                        .compression(sizes.compression)
                        .automaticCompaction(false),
                environment);
    }

    private BlobStore<String> open() throws IOException {
        BlobStoreBuilder<String> builder = builder(environment, sizes);
        if (compactsByItself) {
            builder.automaticCompaction(true).maxDeadShare(DEAD_SHARE);
        }
        return builder.open(Path.of("simulated"));
    }

    /** Opens a store, writes and closes it, some times over. */
    public void run(int openings, int writesEach) throws IOException {
        for (int i = 0; i < openings; i++) {
            try (BlobStore<String> store = open()) {
                for (int j = 0; j < writesEach; j++) {
                    if (reads) {
                        goOnReading(store);
                    }
                    if (background instanceof Periodic periodic && random.nextInt(LOOK_ONE_IN) == 0) {
                        periodic.runAll();
                    }
                    if (sizes.streamBytesMax > 0) {
                        goOnWithOpenStream(store);
                    }
                    step(store);
                }
            }
            readers.clear();
            openStream = null;
            acknowledgeAll();
        }
    }

    private void step(BlobStore<String> store) throws IOException {
        if (compacts && random.nextInt(COMPACTION_ONE_IN) == 0) {
            store.compact();
            return;
        }
        String key = "key-" + random.nextInt(KEYS);
        Durability durability = DURABILITIES.get(random.nextInt(DURABILITIES.size()));
        switch (random.nextInt(sizes.streamBytesMax > 0 ? 14 : 11)) {
            case 0, 1 -> {
                if (store.contains(key)) {
                    write(
                            key,
                            null,
                            durability,
                            () -> store.withDurability(durability).remove(key));
                } else {
                    // The removal before may have asked for less.
                    assertThat(store.withDurability(durability).remove(key)).isFalse();
                    acknowledgeLast(key, durability);
                }
            }
            case 2 -> {
                String value = newValue(key);
                if (!store.contains(key)) {
                    write(
                            key,
                            value,
                            Durability.WRITTEN,
                            () -> assertThat(store.putIfAbsent(key, bytes(value)))
                                    .isTrue());
                } else {
                    assertThat(store.putIfAbsent(key, bytes(value))).isFalse();
                }
            }
            case 3 -> {
                store.force();
                acknowledgeAll();
            }
            case 10 -> putAll(store, durability);
            case 11, 12 -> {
                String value = newStreamValue(key);
                write(
                        key,
                        value,
                        durability,
                        () -> store.withDurability(durability)
                                .put(key, new ByteArrayInputStream(bytes(value).array())));
            }
            case 13 -> {
                BlobOutputStream out = store.withDurability(durability).newOutputStream(key);
                out.write(bytes(newStreamValue(key)).array());
                out.close();
            }
            default -> {
                String value = newValue(key);
                write(
                        key,
                        value,
                        durability,
                        () -> store.withDurability(durability).put(key, bytes(value)));
            }
        }
    }

    /** A store is closed in the middle of some. */
    private void goOnWithOpenStream(BlobStore<String> store) throws IOException {
        OpenStream stream = openStream;
        if (stream == null) {
            String key = "key-" + random.nextInt(KEYS);
            openStream = new OpenStream(
                    key,
                    newStreamValue(key),
                    store.withDurability(Durability.WRITTEN).newOutputStream(key),
                    new AtomicInteger());
            return;
        }
        int from = stream.written.get();
        int to = Math.min(stream.value.length(), from + sizes.streamBytesMax / 4);
        stream.out.write(bytes(stream.value).array(), from, to - from);
        stream.written.set(to);
        if (to == stream.value.length()) {
            openStream = null;
            write(stream.key, stream.value, Durability.WRITTEN, stream.out::commit);
        }
    }

    /** Begins to read a blob, or ends that of the oldest. */
    private void goOnReading(BlobStore<String> store) throws IOException {
        if (random.nextInt(READER_ONE_IN) != 0) {
            return;
        }
        if (readers.size() == READERS_MAX) {
            readers.removeFirst().close();
        }
        BlobInputStream reader = store.openStream("key-" + random.nextInt(KEYS));
        if (reader != null) {
            readers.addLast(reader);
        }
    }

    private String newStreamValue(String key) {
        return newValue(key, 500 + random.nextInt(sizes.streamBytesMax));
    }

    /** Each blob of a batch is found or not by itself, until the batch is acknowledged. */
    private void putAll(BlobStore<String> store, Durability durability) throws IOException {
        Map<String, String> values = new TreeMap<>();
        Map<String, byte[]> blobs = new TreeMap<>();
        for (int i = 0; i < BATCH_KEYS; i++) {
            String key = "key-" + random.nextInt(KEYS);
            values.put(key, newValue(key));
            blobs.put(key, bytes(values.get(key)).array());
        }
        write(values, durability, () -> store.withDurability(durability).putAll(blobs));
    }

    private void write(String key, @Nullable String value, Durability durability, Action action) throws IOException {
        write(Collections.singletonMap(key, value), durability, action);
    }

    private void write(Map<String, @Nullable String> values, Durability durability, Action action) throws IOException {
        List<Write> begun = new ArrayList<>();
        values.forEach((key, value) -> {
            Write write = new Write(value, directory.changes());
            history.computeIfAbsent(key, any -> new ArrayList<>()).add(write);
            begun.add(write);
        });
        action.run();
        begun.forEach(write -> acknowledge(write, durability));
    }

    private void acknowledgeLast(String key, Durability durability) {
        List<Write> list = history.getOrDefault(key, List.of());
        if (!list.isEmpty()) {
            acknowledge(list.get(list.size() - 1), durability);
        }
    }

    private void acknowledge(Write write, Durability durability) {
        if (durability != Durability.BUFFERED) {
            write.written = Math.min(write.written, directory.changes());
        }
        if (durability == Durability.FORCED) {
            write.forced = Math.min(write.forced, directory.changes());
        }
    }

    private void acknowledgeAll() {
        int now = directory.changes();
        history.values()
                .forEach(list -> list.forEach(write -> {
                    write.written = Math.min(write.written, now);
                    write.forced = Math.min(write.forced, now);
                }));
    }

    /** Mostly small values, some larger than the write buffer, so that files roll. */
    private String newValue(String key) {
        return newValue(key, random.nextInt(4) == 0 ? 4000 + random.nextInt(12_000) : random.nextInt(300));
    }

    private String newValue(String key, int bytes) {
        char[] filler = new char[bytes];
        Arrays.fill(filler, (char) ('a' + random.nextInt(26)));
        return key + " write " + writes++ + " " + new String(filler);
    }

    /** What a store holds, every key read in both ways. */
    static Map<String, String> content(BlobStore<String> store) throws IOException {
        Map<String, String> content = new HashMap<>();
        store.forEach((key, value) -> assertThat(content.put(key, new String(value, StandardCharsets.US_ASCII)))
                .as("a second visit of %s", key)
                .isNull());
        assertThat(store.size()).isEqualTo(content.size());
        for (int i = 0; i < KEYS; i++) {
            String key = "key-" + i;
            byte[] value = store.get(key);
            assertThat(value == null ? null : new String(value, StandardCharsets.US_ASCII))
                    .isEqualTo(content.get(key));
        }
        return content;
    }

    /** Whether a store may hold what was found when so many changes had been made. */
    boolean allows(Map<String, String> found, int changes) {
        return history.keySet().containsAll(found.keySet())
                && history.entrySet().stream()
                        .allMatch(entry ->
                                allowed(entry.getValue(), changes, false).contains(found.get(entry.getKey())));
    }

    /** Checks what was found after a crash that came when so many changes had been made. */
    void check(Map<String, String> found, int changes, boolean powerLost) {
        assertThat(history.keySet()).containsAll(found.keySet());
        history.forEach((key, list) -> {
            List<@Nullable String> allowed = allowed(list, changes, powerLost);
            String value = found.get(key);
            if (!allowed.contains(value)) {
                throw new AssertionError(key + " is " + shortened(value) + ", expected one of "
                        + allowed.stream().map(CrashWorkload::shortened).toList());
            }
        });
    }

    /** The last write whose acknowledgement the crash must respect, and every one begun after it. */
    private static List<@Nullable String> allowed(List<Write> list, int changes, boolean powerLost) {
        List<@Nullable String> allowed = new ArrayList<>();
        allowed.add(null);
        for (Write write : list) {
            if ((powerLost ? write.forced : write.written) <= changes) {
                allowed.clear();
            }
            if (write.begun <= changes) {
                allowed.add(write.value);
            }
        }
        return allowed;
    }

    private static String shortened(@Nullable String value) {
        return value == null ? "absent" : value.substring(0, Math.min(30, value.length()));
    }

    private static ByteBuffer bytes(String value) {
        return ByteBuffer.wrap(Objects.requireNonNull(value).getBytes(StandardCharsets.US_ASCII));
    }

    /** A write that may fail. */
    @FunctionalInterface
    private interface Action {

        void run() throws IOException;
    }

    /** Runs tasks at once, on the thread that asks for them. */
    public static final class Immediate implements Background {

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Turns executeEvery(long pauseNanos, Runnable task) {
            return Turns.UNRESTING;
        }

        @Override
        public void stop() {}
    }

    /** Runs tasks at once, and what is to be done again and again whenever it is told. */
    static final class Periodic implements Background {

        private final List<Runnable> periodic = new ArrayList<>();

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Turns executeEvery(long pauseNanos, Runnable task) {
            periodic.add(task);
            return Turns.UNRESTING;
        }

        @Override
        public void stop() {
            periodic.clear();
        }

        void runAll() {
            List.copyOf(periodic).forEach(Runnable::run);
        }
    }

    /** Runs no task ever, as a thread that is never scheduled. */
    public static final class Never implements Background {

        @Override
        public void execute(Runnable task) {}

        @Override
        public Turns executeEvery(long pauseNanos, Runnable task) {
            return Turns.UNRESTING;
        }

        @Override
        public void stop() {}
    }
}
