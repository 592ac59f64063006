package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.DurabilityTest;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.upkeep.Pace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every public method of a store against its close: each completes, or says that the store is closed. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CloseRaceTest {

    private static final int KEYS = 40;
    private static final int BLOB_BYTES = 700;

    /** So that streamed blobs go to files of their own. */
    private static final int STREAM_MEMORY = 200;

    private static final int CALLS_BEFORE_CLOSE = 12;

    @TempDir
    Path directory;

    /** One call of a method with a key of the caller's choice. */
    @FunctionalInterface
    private interface Invocation {

        void run(BlobStore<String> store, String key) throws IOException;
    }

    /** A reading as text; whether there was something. */
    @FunctionalInterface
    private interface TextReading {

        boolean run() throws IOException;
    }

    /** How each method is called. One that is missing here fails {@link #everyPublicMethodIsCalled}. */
    private static final Map<String, Invocation> INVOCATIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("put(Object, byte[])", (store, key) -> store.put(key, blob(key))),
            Map.entry(
                    "put(Object, byte[], Expiry)",
                    (store, key) -> store.put(key, blob(key), Expiry.after(Duration.ofHours(1)))),
            Map.entry("put(Object, ByteBuffer)", (store, key) -> store.put(key, ByteBuffer.wrap(blob(key)))),
            Map.entry("putIfAbsent(Object, byte[])", (store, key) -> store.putIfAbsent(key, blob(key))),
            Map.entry(
                    "putIfAbsent(Object, ByteBuffer)",
                    (store, key) -> store.putIfAbsent(key, ByteBuffer.wrap(blob(key)))),
            Map.entry("put(Object, InputStream)", (store, key) -> store.put(key, new ByteArrayInputStream(blob(key)))),
            Map.entry("put(Object, Path)", (store, key) -> withFile(key, file -> store.put(key, file))),
            Map.entry("put(Object, BlobWriter)", (store, key) -> store.put(key, out -> writeInPieces(key, out))),
            Map.entry("newOutputStream(Object)", (store, key) -> writeInPieces(key, store.newOutputStream(key))),
            Map.entry("replace(Object, byte[])", (store, key) -> store.replace(key, blob(key))),
            Map.entry(
                    "replaceIfEqual(Object, byte[], byte[])",
                    (store, key) -> store.replaceIfEqual(key, blob(key), blob(key))),
            Map.entry("putAll(Map)", (store, key) -> store.putAll(blobs())),
            Map.entry("remove(Object)", BlobStore::remove),
            Map.entry("removeIfEqual(Object, byte[])", (store, key) -> store.removeIfEqual(key, blob(key))),
            Map.entry("removeAll(Iterable)", (store, key) -> store.removeAll(List.of(key, key(1)))),
            Map.entry("force()", (store, key) -> store.force()),
            Map.entry("get(Object)", (store, key) -> requireWhole(key, store.get(key))),
            Map.entry("get(Object, ByteBuffer)", CloseRaceTest::getIntoBuffer),
            Map.entry("get(Object, Path)", CloseRaceTest::getIntoFile),
            Map.entry("read(Object, long, ByteBuffer)", CloseRaceTest::readPart),
            Map.entry("openStream(Object)", CloseRaceTest::readStream),
            Map.entry("transferTo(Object, WritableByteChannel)", CloseRaceTest::transfer),
            Map.entry("get(Object, ByteBuffer, IntFunction)", CloseRaceTest::getIntoReusedBuffer),
            Map.entry("read(Object, BlobFunction)", CloseRaceTest::readInPlace),
            Map.entry("getString(Object)", (store, key) -> requireNoText(() -> store.getString(key) != null)),
            Map.entry(
                    "appendTo(Object, StringBuilder)",
                    (store, key) -> requireNoText(() -> store.appendTo(key, new StringBuilder()))),
            Map.entry(
                    "getAll(Iterable)",
                    (store, key) -> store.getAll(blobs().keySet()).forEach(CloseRaceTest::requireWhole)),
            Map.entry(
                    "getAll(Iterable, BiConsumer)",
                    (store, key) -> store.getAll(blobs().keySet(), CloseRaceTest::requireWhole)),
            Map.entry("asMap()", (store, key) -> requireWhole(key, store.asMap().get(key))),
            Map.entry(
                    "asMap(ValueCodec)",
                    (store, key) -> store.asMap(ValueCodec.bytes()).merge(key, blob(key), (before, blob) -> blob)),
            Map.entry("contains(Object)", BlobStore::contains),
            Map.entry(
                    "sizeOf(Object)",
                    (store, key) ->
                            assertThat(store.sizeOf(key).orElse(BLOB_BYTES)).isEqualTo(BLOB_BYTES)),
            Map.entry("describe(Object)", CloseRaceTest::describe),
            Map.entry("size()", (store, key) -> assertThat(store.size()).isNotNegative()),
            Map.entry("forEach(BiConsumer)", (store, key) -> store.forEach(CloseRaceTest::requireWhole)),
            Map.entry("keys()", (store, key) -> visitKeys(store)),
            Map.entry(
                    "stats()",
                    (store, key) -> assertThat(store.stats().arenaFiles()).isNotNegative()),
            Map.entry(
                    "verify()",
                    (store, key) -> assertThat(store.verify().damage()).isEmpty()),
            Map.entry(
                    "fileStats()", (store, key) -> assertThat(store.fileStats()).isNotNull()),
            Map.entry("keyIds()", (store, key) -> assertThat(store.keyIds()).isEmpty()),
            Map.entry("compact()", (store, key) -> store.compact()),
            Map.entry("compact(CompactionProgress)", (store, key) -> store.compact((done, total) -> {})),
            Map.entry("pauseCompaction()", (store, key) -> store.pauseCompaction()),
            Map.entry("resumeCompaction()", (store, key) -> store.resumeCompaction()),
            Map.entry("snapshot(Path)", (store, key) -> inDirectory(store::snapshot)),
            Map.entry(
                    "snapshot(Path, Pace)",
                    (store, key) -> inDirectory(target -> store.snapshot(target, Pace.unlimited()))),
            Map.entry(
                    "updateSnapshot(Path, Pace)",
                    (store, key) -> inDirectory(target -> store.updateSnapshot(target, Pace.unlimited()))),
            Map.entry(
                    "verify(Pace)",
                    (store, key) ->
                            assertThat(store.verify(Pace.unlimited()).damage()).isEmpty()),
            Map.entry("withDurability(Durability)", CloseRaceTest::writeWithEachDurability),
            Map.entry(
                    "withCompression(Compression)",
                    (store, key) -> store.withCompression(Compression.ZSTD).put(key, blob(key))),
            Map.entry(
                    "withExpiry(Expiry)",
                    (store, key) ->
                            store.withExpiry(Expiry.after(Duration.ofHours(1))).put(key, blob(key))),
            Map.entry("close()", (store, key) -> store.close())));

    private static void describe(BlobStore<String> store, String key) throws IOException {
        RecordInfo record = store.describe(key);
        assertThat(record == null ? BLOB_BYTES : record.blobBytes()).isEqualTo(BLOB_BYTES);
    }

    static Stream<String> methods() {
        return INVOCATIONS.keySet().stream();
    }

    @Test
    void everyPublicMethodIsCalled() {
        assertThat(INVOCATIONS.keySet())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(BlobStore.class.getMethods())
                        .filter(method -> method.getDeclaringClass() != Object.class)
                        .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
                        .map(CloseRaceTest::signature)
                        .toList());
    }

    /** Two threads do nothing but this, one calls everything, and two close. */
    @ParameterizedTest
    @MethodSource("methods")
    void methodRacingWithCloseCompletesOrSaysThatTheStoreIsClosed(String method) throws Exception {
        BlobStore<String> store = open();
        for (int i = 0; i < KEYS; i++) {
            store.withDurability(Durability.BUFFERED).put(key(i), blob(key(i)));
        }
        CountDownLatch called = new CountDownLatch(3 * CALLS_BEFORE_CLOSE);
        List<Callable<Void>> tasks = new ArrayList<>();
        tasks.add(() -> callUntilClosed(store, List.of(INVOCATIONS.get(method)), called));
        tasks.add(() -> callUntilClosed(store, List.of(INVOCATIONS.get(method)), called));
        tasks.add(() -> callUntilClosed(store, allButClose(), called));
        for (int closers = 0; closers < 2; closers++) {
            tasks.add(() -> {
                if (!method.equals("close()")) {
                    called.await();
                }
                store.close();
                return null;
            });
        }
        DurabilityTest.inParallel(tasks);
        requireIntact();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void methodOfAClosedStoreSaysSo(String method) throws Exception {
        BlobStore<String> store = open();
        store.close();
        if (method.equals("close()")) {
            INVOCATIONS.get(method).run(store, key(0)); // Does nothing.
        } else {
            assertThatThrownBy(() -> INVOCATIONS.get(method).run(store, key(0)))
                    .isInstanceOf(StoreClosedException.class)
                    .hasMessageContaining("closed");
        }
        requireIntact();
    }

    private BlobStore<String> open() throws IOException {
        return StoreAccess.streamMemoryBytes(
                        BlobStore.builder(KeyCodec.utf8())
                                .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                                .bufferBytes(4096),
                        STREAM_MEMORY)
                .open(directory.resolve("store"));
    }

    private void requireIntact() throws IOException {
        try (BlobStore<String> again = open()) {
            assertThat(again.stats().opening().clean()).isTrue();
            assertThat(again.stats().opening().damageCount()).isZero();
            assertThat(again.verify().damage()).isEmpty();
            again.forEach(CloseRaceTest::requireWhole);
        }
    }

    private static Void callUntilClosed(BlobStore<String> store, List<Invocation> invocations, CountDownLatch called)
            throws IOException {
        try {
            for (int i = 0; ; i++) {
                invocations.get(i % invocations.size()).run(store, key(i));
                called.countDown();
                store.size(); // Which ends the loop of a method that says nothing, as close.
            }
        } catch (StoreClosedException e) {
            assertThat(e).hasMessageContaining("closed");
            return null;
        }
    }

    private static List<Invocation> allButClose() {
        Map<String, Invocation> invocations = new HashMap<>(INVOCATIONS);
        invocations.remove("close()");
        return List.copyOf(invocations.values());
    }

    private static String signature(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    private static void writeWithEachDurability(BlobStore<String> store, String key) throws IOException {
        for (Durability durability : Durability.values()) {
            BlobStore<String> view = store.withDurability(durability);
            view.put(key, blob(key));
            view.put(key, new ByteArrayInputStream(blob(key)));
            view.put(key, out -> writeInPieces(key, out));
            writeInPieces(key, view.newOutputStream(key));
            view.putAll(blobs());
            view.remove(key);
            view.removeAll(List.of(key, key(1)));
        }
    }

    private static void inDirectory(FileUse use) throws IOException {
        Path target = Files.createTempDirectory("blobarena-snapshot-");
        try {
            use.accept(target);
        } finally {
            FileUtils.deleteDirectory(target.toFile());
        }
    }

    private static void getIntoBuffer(BlobStore<String> store, String key) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(BLOB_BYTES);
        if (store.get(key, target).isPresent()) {
            byte[] found = new byte[BLOB_BYTES];
            target.flip().get(found);
            requireWhole(key, found);
        }
    }

    @FunctionalInterface
    private interface FileUse {

        void accept(Path file) throws IOException;
    }

    private static void withFile(String key, FileUse use) throws IOException {
        Path file = Files.createTempFile("blobarena-", ".blob");
        try {
            Files.write(file, blob(key));
            use.accept(file);
        } finally {
            Files.delete(file);
        }
    }

    private static void writeInPieces(String key, BlobOutputStream out) throws IOException {
        try (out) {
            writeInPieces(key, (OutputStream) out);
            out.commit();
        } catch (IOException e) {
            throw Failures.unwrap(e);
        }
    }

    private static void writeInPieces(String key, OutputStream out) throws IOException {
        byte[] blob = blob(key);
        out.write(blob, 0, 10);
        out.write(blob, 10, blob.length - 10);
    }

    private static void getIntoFile(BlobStore<String> store, String key) throws IOException {
        Path directory = Files.createTempDirectory("blobarena-");
        try {
            Path file = directory.resolve("blob");
            if (store.get(key, file).isPresent()) {
                requireWhole(key, Files.readAllBytes(file));
            }
        } finally {
            FileUtils.deleteDirectory(directory.toFile());
        }
    }

    private static void readPart(BlobStore<String> store, String key) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(100);
        if (store.read(key, 50, target).isPresent()) {
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(blob(key), 50, 100));
        }
    }

    private static void readStream(BlobStore<String> store, String key) throws IOException {
        try (BlobInputStream in = store.openStream(key)) {
            if (in != null) {
                requireWhole(key, in.readAllBytes());
            }
        } catch (IOException e) {
            throw Failures.unwrap(e);
        }
    }

    private static void transfer(BlobStore<String> store, String key) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (store.transferTo(key, Channels.newChannel(out)).isPresent()) {
            requireWhole(key, out.toByteArray());
        }
    }

    private static void getIntoReusedBuffer(BlobStore<String> store, String key) throws IOException {
        ByteBuffer found = store.get(key, ByteBuffer.allocate(1), ByteBuffer::allocate);
        requireWhole(key, found == null ? null : found.array());
    }

    private static void readInPlace(BlobStore<String> store, String key) throws IOException {
        store.read(key, found -> {
            assertThat(found).isEqualTo(ByteBuffer.wrap(blob(key)));
            return null;
        });
    }

    /** Reads a blob as text, if there is one. None of them is, which is found out when the blob is there. */
    private static void requireNoText(TextReading reading) throws IOException {
        try {
            assertThat(reading.run()).as("text was found").isFalse();
        } catch (CharacterCodingException e) {
            assertThat(e).isInstanceOf(MalformedInputException.class);
        }
    }

    private static Map<String, byte[]> blobs() {
        Map<String, byte[]> blobs = new HashMap<>();
        for (int i = 0; i < KEYS; i += 3) {
            blobs.put(key(i), blob(key(i)));
        }
        return blobs;
    }

    private static void visitKeys(BlobStore<String> store) {
        try (Stream<String> keys = store.keys()) {
            keys.forEach(key -> assertThat(key).startsWith("key "));
        }
    }

    private static void requireWhole(String key, byte[] found) {
        if (found != null) {
            assertThat(found).isEqualTo(blob(key));
        }
    }

    private static String key(int number) {
        return "key " + number % KEYS;
    }

    private static byte[] blob(String key) {
        return TestStores.blob(BLOB_BYTES, key.hashCode());
    }
}
