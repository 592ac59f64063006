package org.blobarena.store.internal.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.arena.ReadMode;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.DurabilityTest;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that compaction takes away between the look-up of a key and the read of its record, for every way to read. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompactionUnderReadersTest {

    private static final int KEYS = 300;
    private static final int STABLE_KEYS = 200;

    @TempDir
    Path temporary;

    /** What runs in the thread that looks a key up next, before it has the answer. */
    private final AtomicReference<Runnable> afterLookup = new AtomicReference<>();

    private BlobStore<String> store;

    /** A way to get the text of a key; null when it is absent. */
    @FunctionalInterface
    private interface Reading {

        String read(BlobStore<String> store, String key) throws IOException;
    }

    private static final Map<String, Reading> READINGS = new TreeMap<>(Map.ofEntries(
            Map.entry("get", (store, key) -> text(store.get(key))),
            Map.entry("get into a buffer", (store, key) -> {
                ByteBuffer target = ByteBuffer.allocate(10_000);
                return store.get(key, target).isPresent() ? text(target.flip()) : null;
            }),
            Map.entry(
                    "get into a buffer used again",
                    (store, key) -> text(store.get(key, ByteBuffer.allocate(1), ByteBuffer::allocateDirect))),
            Map.entry("read", (store, key) -> store.read(key, CompactionUnderReadersTest::text)),
            Map.entry("getString", BlobStore::getString),
            Map.entry("appendTo", (store, key) -> {
                StringBuilder target = new StringBuilder();
                return store.appendTo(key, target) ? target.toString() : null;
            }),
            Map.entry(
                    "getAll",
                    (store, key) -> text(store.getAll(List.of("absent", key)).get(key))),
            Map.entry("map", (store, key) -> store.asMap(ValueCodec.utf8()).get(key)),
            Map.entry("replaceIfEqual", (store, key) -> {
                byte[] blob = bytes(value(key, 0));
                return store.replaceIfEqual(key, blob, blob) ? value(key, 0) : null;
            }),
            Map.entry("removeIfEqual", (store, key) -> {
                byte[] blob = bytes(value(key, 0));
                boolean removed = store.removeIfEqual(key, blob);
                return removed && store.putIfAbsent(key, blob) ? value(key, 0) : null;
            }),
            Map.entry("map's remove", (store, key) -> {
                Map<String, String> map = store.asMap(ValueCodec.utf8());
                String removed = map.remove(key);
                map.put(key, removed);
                return removed;
            })));

    static Stream<String> readings() {
        return READINGS.keySet().stream();
    }

    @BeforeEach
    void open() throws IOException {
        open(ReadMode.POSITIONAL);
    }

    private void open(ReadMode mode) throws IOException {
        store = StoreAccess.environment(
                        TestStores.onHeap().readMode(mode),
                        new StoreEnvironment(
                                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                                hooked(HeapLocationIndexFactory.forgetting())))
                .open(temporary.resolve("store"));
        for (int i = 0; i < KEYS; i++) {
            store.put(key(i), bytes(value(key(i), 0)));
        }
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @ParameterizedTest
    @MethodSource("readings")
    void recordThatWasMovedAfterItsLookUpIsLookedUpAgain(String reading) throws IOException {
        String key = key(1);
        EncodedKey encoded = StoreAccess.engine(store).encoded(bytes(key));
        Location before =
                Objects.requireNonNull(StoreAccess.engine(store).reads().locate(encoded));
        afterLookup.set(() -> compactWithout(key(2)));

        assertThat(READINGS.get(reading).read(store, key)).isEqualTo(value(key, 0));
        assertThat(afterLookup.get()).as("not looked up").isNull();
        assertThat(StoreAccess.engine(store).reads().locate(encoded)).isNotEqualTo(before);
        assertThat(StoreAccess.engine(store).file(before.fileIndex())).isNull();
    }

    /** As when the file is closed when it has been found, before it is read; the index follows only later. */
    @ParameterizedTest
    @MethodSource("readings")
    void fileThatIsRetiredBetweenLookUpAndReadSendsTheReaderBackToTheIndex(String reading) throws IOException {
        String key = key(1);
        StoreFile file = Objects.requireNonNull(StoreAccess.engine(store)
                .file(Objects.requireNonNull(StoreAccess.engine(store)
                                .reads()
                                .locate(StoreAccess.engine(store).encoded(bytes(key))))
                        .fileIndex()));
        afterLookup.set(() -> {
            closeAndRetire(file);
            afterLookup.set(() -> putAgain(key));
        });

        assertThat(READINGS.get(reading).read(store, key)).isEqualTo(value(key, 0));
        assertThat(afterLookup.get()).as("not looked up again").isNull();
    }

    @ParameterizedTest
    @MethodSource("readings")
    void keyThatWasRemovedAfterItsLookUpIsAbsent(String reading) throws IOException {
        if (reading.equals("map's remove")) {
            return; // Which puts back what it has removed.
        }
        String key = key(1);
        afterLookup.set(() -> compactWithout(key));

        assertThat(READINGS.get(reading).read(store, key)).isNull();
    }

    /** The keys are looked up while they are taken; the last is asked for when all files are gone. */
    @Test
    void batchFindsKeysWhoseFilesAreGoneWhenItReadsThem() throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            keys.add(key(i));
        }
        Iterator<String> all = keys.iterator();
        store.getAll(
                () -> new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        if (!all.hasNext()) {
                            compactWithout(key(2));
                        }
                        return all.hasNext();
                    }

                    @Override
                    public String next() {
                        return all.next();
                    }
                },
                (key, blob) -> found.put(key, text(blob)));

        keys.remove(key(2));
        assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(keys);
        found.forEach((key, text) -> assertThat(text).isEqualTo(value(key, 0)));
    }

    @ParameterizedTest
    @EnumSource
    void readersOfEveryKindSeeEveryBlobWhileFilesComeAndGo(ReadMode mode) throws Exception {
        store.close();
        open(mode);
        AtomicBoolean done = new AtomicBoolean();
        List<Callable<Void>> tasks = new ArrayList<>();
        tasks.add(() -> {
            try {
                for (int round = 1; round <= 60; round++) {
                    Map<String, byte[]> blobs = new LinkedHashMap<>();
                    for (int i = STABLE_KEYS; i < KEYS; i++) {
                        blobs.put(key(i), bytes(value(key(i), round)));
                    }
                    store.putAll(blobs);
                    store.removeAll(new ArrayList<>(blobs.keySet()).subList(0, 10));
                    store.compact();
                }
            } finally {
                done.set(true);
            }
            return null;
        });
        for (int t = 0; t < 2; t++) {
            Random random = new Random(t);
            tasks.add(() -> {
                while (!done.get()) {
                    for (Map.Entry<String, Reading> reading : READINGS.entrySet()) {
                        if (!reading.getKey().contains("remove")) { // They would be seen by the other thread.
                            String key = key(random.nextInt(STABLE_KEYS));
                            assertThat(reading.getValue().read(store, key))
                                    .as(reading.getKey())
                                    .isEqualTo(value(key, 0));
                        }
                    }
                }
                return null;
            });
        }
        tasks.add(() -> {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                keys.add(key(i));
            }
            while (!done.get()) {
                Map<String, byte[]> found = store.getAll(keys);
                assertThat(found.keySet()).containsAll(keys.subList(0, STABLE_KEYS));
                found.forEach((key, blob) -> assertThat(text(blob)).startsWith("value of " + key + " "));
            }
            return null;
        });
        DurabilityTest.inParallel(tasks);

        assertThat(store.stats().compaction().filesReplaced()).isGreaterThan(60);
        assertThat(store.size()).isEqualTo(KEYS - 10);
        assertThat(store.verify().damage()).isEmpty();
    }

    /** Removes a key, so that there is something to compact. */
    private void compactWithout(String key) {
        try {
            store.remove(key);
            store.compact();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void closeAndRetire(StoreFile file) {
        try {
            file.arena().close();
            file.retire(() -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void putAgain(String key) {
        try {
            store.put(key, bytes(value(key, 0)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LocationIndexFactory hooked(LocationIndexFactory factory) {
        return proxy(LocationIndexFactory.class, factory);
    }

    private <T> T proxy(Class<T> type, T delegate) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            Object result;
            try {
                result = method.invoke(delegate, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            if (method.getName().equals("get") || method.getName().equals("find")) {
                Runnable hook = afterLookup.getAndSet(null);
                if (hook != null) {
                    hook.run();
                }
            }
            return result instanceof LocationIndex index ? proxy(LocationIndex.class, index) : result;
        }));
    }

    private static String key(int number) {
        return "key" + number;
    }

    /** Of some length, so that there are many files. */
    private static String value(String key, int version) {
        return "value of " + key + " " + version + " " + "x".repeat(1000 + Math.floorMod(key.hashCode(), 500));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] blob) {
        return blob == null ? null : new String(blob, StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer blob) {
        return blob == null ? null : StandardCharsets.UTF_8.decode(blob).toString();
    }
}
