package org.blobarena.store.internal.core.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.blobarena.cache.BlobCache;
import org.blobarena.content.ContentStore;
import org.blobarena.format.FileNames;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.testing.CapturedLog;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is dropped open is closed, and told of; what can still be used is not. */
class LeakTest {

    private static final int BLOB_BYTES = 10_000;

    @TempDir
    Path temporary;

    private CapturedLog log;
    private int others;

    @BeforeEach
    void capture() {
        System.setProperty(LeakWatch.PROPERTY, "true");
        log = new CapturedLog();
    }

    /** Also awaits the end of what is told of, which still writes its mark: the directory is about to be deleted. */
    @AfterEach
    void release() throws Exception {
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path identity :
                    files.filter(file -> file.endsWith(FileNames.IDENTITY)).toList()) {
                log.collectUntil(() -> Files.exists(identity.resolveSibling(FileNames.CLEAN)));
            }
        } finally {
            log.close();
            System.clearProperty(LeakWatch.PROPERTY);
        }
    }

    private BlobStoreBuilder<String> builder() {
        return BlobStore.builder(KeyCodec.utf8())
                .index(IndexKind.TABLE)
                .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                .bufferBytes(4096);
    }

    private BlobStore<String> open() throws IOException {
        return builder().open(temporary.resolve("store"));
    }

    private BlobStore<String> filled() throws IOException {
        BlobStore<String> store = open();
        for (int i = 0; i < 20; i++) {
            store.put("key " + i, TestStores.blob(BLOB_BYTES, i));
        }
        return store;
    }

    /** Opens the store again as soon as it is closed. */
    private BlobStore<String> reopened() throws Exception {
        BlobStore<?>[] opened = new BlobStore<?>[1];
        log.collectUntil(() -> {
            try {
                opened[0] = open();
                return true;
            } catch (StoreLockedException e) {
                return false;
            }
        });
        @SuppressWarnings("unchecked")
        BlobStore<String> again = (BlobStore<String>) opened[0];
        return again;
    }

    private static void assertHolds(BlobStore<String> store) throws IOException {
        assertThat(store.size()).isEqualTo(20);
        for (int i = 0; i < 20; i++) {
            assertThat(store.get("key " + i)).isEqualTo(TestStores.blob(BLOB_BYTES, i));
        }
    }

    /**
     * Drops another store and waits until that is noticed, twice: what was dropped before would have been noticed with the
     * first, in whatever order, and so before the second.
     */
    private void awaitAnotherLeak() throws Exception {
        for (int i = 0; i < 2; i++) {
            Path other = temporary.resolve("other " + others++);
            drop(other);
            log.collectUntil(() -> log.text().contains("the store at " + other));
        }
    }

    private static void drop(Path directory) throws IOException {
        BlobStore<String> dropped = BlobStore.builder(KeyCodec.utf8())
                .index(IndexKind.TABLE)
                .durability(Durability.BUFFERED)
                .open(directory);
        dropped.put("key", new byte[10]);
    }

    @Test
    void droppedStoreIsClosedCleanlyAndItsOpeningIsNamed() throws Exception {
        filled();
        try (BlobStore<String> again = reopened()) {
            assertThat(again.stats().opening().clean()).isTrue();
            assertHolds(again);
        }
        assertThat(log.text())
                .contains("the store at " + temporary.resolve("store") + " was never closed")
                .contains("LeakTest.droppedStoreIsClosedCleanlyAndItsOpeningIsNamed");
    }

    @Test
    void withoutTheFlagOneLineSaysHowToSetIt() throws Exception {
        System.clearProperty(LeakWatch.PROPERTY);
        filled();
        reopened().close();
        assertThat(log.text().lines())
                .filteredOn(line -> line.contains("never closed"))
                .singleElement()
                .satisfies(line ->
                        assertThat(line).contains(temporary.toString(), "leakTraces", "org.blobarena.leaks=true"));
        assertThat(log.text()).doesNotContain("LeakTest");
    }

    @Test
    void optionOfOneStoreNamesItsOpeningsAndThoseOfNoOther() throws Exception {
        System.clearProperty(LeakWatch.PROPERTY);
        Path traced = temporary.resolve("traced");
        dropTraced(traced);
        drop(temporary.resolve("plain"));
        log.collectUntil(() -> openings() == 4 && log.text().contains("the store at " + temporary.resolve("plain")));
        assertThat(log.text()).doesNotContain("LeakTest.drop(");
    }

    /** Of the store, a stream that reads, one that writes, and one of keys. */
    private long openings() {
        return log.text()
                .lines()
                .filter(line -> line.contains("LeakTest.dropTraced("))
                .count();
    }

    private void dropTraced(Path directory) throws IOException {
        BlobStore<String> store = builder().leakTraces(true).open(directory);
        store.put("key", new byte[10]);
        assertThat(store.openStream("key").read()).isZero();
        store.newOutputStream("unfinished").write(1);
        assertThat(store.keys().iterator().hasNext()).isTrue();
    }

    @Test
    void optionsOfReadersCachesAndStoresByContentNameTheirOpenings() throws Exception {
        filled().close();
        System.clearProperty(LeakWatch.PROPERTY);
        dropReader();
        dropTracedCache();
        dropContents();
        log.collectUntil(() -> log.text().contains("the reader of the store at " + temporary.resolve("store"))
                && log.text().contains("the store at " + temporary.resolve("cache"))
                && log.text()
                        .contains("the store at " + temporary.resolve("content").resolve("names"))
                && log.text()
                        .contains("the store at " + temporary.resolve("content").resolve("contents"))
                && Stream.of("LeakTest.dropReader", "LeakTest.dropTracedCache", "LeakTest.dropContents")
                        .allMatch(log.text()::contains)); // Which is printed after the first line.
        assertThat(log.text()).doesNotContain("leakTraces");
    }

    private void dropReader() throws IOException {
        assertThat(BlobStore.reader(KeyCodec.utf8())
                        .leakTraces(true)
                        .open(temporary.resolve("store"))
                        .size())
                .isEqualTo(20);
    }

    private void dropTracedCache() throws IOException {
        BlobCache.builder(KeyCodec.utf8())
                .leakTraces(true)
                .maximumBytes(8 << 20)
                .open(temporary.resolve("cache"))
                .put("key", new byte[10]);
    }

    private void dropContents() throws IOException {
        assertThat(ContentStore.builder()
                        .leakTraces(true)
                        .open(temporary.resolve("content"))
                        .nameCount())
                .isZero();
    }

    @Test
    void closedStoreIsNotToldOf() throws Exception {
        filled().close();
        awaitAnotherLeak();
        assertThat(log.text()).doesNotContain("the store at " + temporary.resolve("store"));
    }

    @Test
    void whoHasAViewAMapAnIteratorOrAStreamHasTheStore() throws Exception {
        filled();
        reopened().close();
        BlobStore<String> view = open().withDurability(Durability.BUFFERED);
        awaitAnotherLeak();
        view.put("key 0", TestStores.blob(BLOB_BYTES, 0));
        var map = view.asMap();
        Iterator<String> iterator = map.keySet().iterator();
        BlobInputStream stream = view.openStream("key 1");
        view = null;
        awaitAnotherLeak();
        assertThat(map).containsKey("key 1").hasSize(20);
        map = null;
        awaitAnotherLeak();
        int count = 0;
        while (iterator.hasNext()) {
            iterator.next();
            count++;
        }
        assertThat(count).isEqualTo(20);
        iterator = null;
        awaitAnotherLeak();
        assertThat(stream.readAllBytes()).isEqualTo(TestStores.blob(BLOB_BYTES, 1));
        assertThat(log.text().lines().filter(line -> line.contains("the store at " + temporary.resolve("store"))))
                .hasSize(1);
        stream.close();
        stream = null;
        reopened().close();
    }

    @Test
    void operationInProgressKeepsTheStoreThatNobodyElseHas() throws Exception {
        filled().close();
        CountDownLatch compacts = new CountDownLatch(1);
        CountDownLatch noticed = new CountDownLatch(1);
        FutureTask<Boolean> compaction = new FutureTask<>(() -> {
            open().compact((done, total) -> {
                compacts.countDown();
                try {
                    noticed.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            return true;
        });
        new Thread(compaction, "compaction").start();
        compacts.await();
        awaitAnotherLeak();
        assertThat(log.text()).doesNotContain("the store at " + temporary.resolve("store"));
        noticed.countDown();
        assertThat(compaction.get()).isTrue();
        try (BlobStore<String> again = reopened()) {
            assertHolds(again);
        }
    }

    @Test
    void storeThatIsDroppedWhileItCompactsLosesNothing() throws Exception {
        dropWhileItCompacts();
        try (BlobStore<String> again = reopened()) {
            assertThat(again.stats().opening().clean()).isTrue();
            assertHolds(again);
            assertThat(again.verify().damage()).isEmpty();
        }
    }

    /** So slow that it is not done for minutes. */
    private void dropWhileItCompacts() throws IOException {
        BlobStore<String> store = builder().compactionBytesPerSecond(1000).open(temporary.resolve("store"));
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 20; i++) {
                store.put("key " + i, TestStores.blob(BLOB_BYTES, i));
            }
        }
    }

    @Test
    void droppedTemporaryStoreIsDeleted() throws Exception {
        Path parent = Files.createDirectories(temporary.resolve("parent"));
        builder().temporary(parent).put("key", new byte[10]);
        log.collectUntil(() -> isEmpty(parent));
        assertThat(log.text()).contains("the store at " + parent, "LeakTest.droppedTemporaryStoreIsDeleted");
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    @Test
    void droppedReaderThatRefreshesIsClosed() throws Exception {
        filled().close();
        Path indexes = Files.createDirectories(temporary.resolve("indexes"));
        assertThat(BlobStore.reader(KeyCodec.utf8())
                        .temporaryDirectory(indexes)
                        .refreshEvery(Duration.ofMillis(1))
                        .open(temporary.resolve("store"))
                        .size())
                .isEqualTo(20);
        log.collectUntil(() -> isEmpty(indexes));
        assertThat(log.text())
                .contains("the reader of the store at " + temporary.resolve("store"))
                .contains("LeakTest.droppedReaderThatRefreshesIsClosed");
    }

    @Test
    void droppedCacheWhoseListenerHasItIsClosed() throws Exception {
        dropCache();
        log.collectUntil(() -> {
            try {
                BlobCache.builder(KeyCodec.utf8())
                        .maximumBytes(8 << 20)
                        .open(temporary.resolve("cache"))
                        .close();
                return true;
            } catch (StoreLockedException e) {
                return false;
            }
        });
        assertThat(log.text())
                .contains("the store at " + temporary.resolve("cache"))
                .contains("LeakTest.dropCache");
    }

    private void dropCache() throws IOException {
        BlobCache<?>[] known = new BlobCache<?>[1];
        long[] evicted = new long[1];
        BlobCache<String> cache = BlobCache.builder(KeyCodec.utf8())
                .index(IndexKind.TABLE)
                .maximumBytes(8 << 20)
                .evictionListener((key, bytes) -> evicted[0] += known[0].stats().evictions())
                .open(temporary.resolve("cache"));
        known[0] = cache;
        for (int i = 0; i < 200; i++) {
            cache.put("key " + i, new byte[100_000]);
        }
        assertThat(evicted[0]).isPositive();
    }

    @Test
    void droppedStreamsAreClosed() throws Exception {
        try (BlobStore<String> store = filled()) {
            assertThat(store.openStream("key 3").read()).isNotNegative();
            store.newOutputStream("unfinished").write(new byte[50_000]);
            assertThat(store.keys().iterator().hasNext()).isTrue();
            String path = temporary.resolve("store").toString();
            log.collectUntil(() -> log.text().contains("a stream of a blob in " + path)
                    && log.text().contains("a stream that writes to the store at " + path)
                    && log.text().contains("a stream of keys of the store at " + path));
            assertThat(log.text()).contains("LeakTest.droppedStreamsAreClosed");
            assertHolds(store);
        }
    }

    /** Its file could not be deleted as long as the stream reads it. */
    @Test
    void droppedStreamGivesTheSpaceOfItsBlobBack() throws Exception {
        try (BlobStore<String> store = filled()) {
            Path file = store.describe("key 3").file();
            assertThat(store.openStream("key 3").read()).isNotNegative();
            for (int i = 0; i < 20; i++) {
                store.put("key " + i, TestStores.blob(BLOB_BYTES, i));
            }
            store.compact();
            log.collectUntil(() -> !Files.exists(file));
            assertHolds(store);
        }
    }

    @Test
    void streamsThatAreAtTheirEndAreNotToldOf() throws Exception {
        try (BlobStore<String> store = filled()) {
            assertThat(store.keys().filter(key -> key.endsWith("3")).count()).isEqualTo(2);
            try (Stream<String> closed = store.keys();
                    BlobInputStream read = store.openStream("key 1")) {
                assertThat(closed.limit(3)).hasSize(3);
                assertThat(read.read()).isNotNegative();
            }
            BlobOutputStream out = store.newOutputStream("key 0");
            out.write(TestStores.blob(BLOB_BYTES, 0));
            out.commit();
            out = null;
            awaitAnotherLeak();
            assertThat(log.text()).doesNotContain("a stream");
            assertHolds(store);
        }
    }
}
