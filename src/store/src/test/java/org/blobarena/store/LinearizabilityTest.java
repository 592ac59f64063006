package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.testing.UsualIndex;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What concurrent threads see could have happened one operation after the other: Lincheck runs short histories on a
 * few keys and looks for an order in which a map would have given the same answers.
 *
 * <p>Each history has keys of its own in a store that many of them share, while another thread puts further keys: so
 * arena files are rolled, sealed and compacted, descriptors closed and opened again, and the index moves to larger maps
 * meanwhile. Now and then that thread closes the store and opens it again, as well: an operation that comes too late has done
 * nothing, so its caller repeats it.
 */
class LinearizabilityTest {

    private static final int SCENARIOS = 8;
    private static final int HISTORIES_PER_SCENARIO = 200;
    private static final int HISTORIES_PER_STORE = 400;

    /** So that a store comes to more keys than its first index takes. */
    private static final int OTHER_KEYS_PER_HISTORY = 45;

    private static final int OTHER_KEYS_PER_OPENING = 4000;

    /** Which moves what the histories have written. */
    private static final int OTHER_KEYS_PER_COMPACTION = 500;

    /** Lengths of blobs, which tell them apart: some longer than the write buffer. */
    private static final int[] LENGTHS = {0, 7, 100, 511, 3000, 9000};

    /** Streams of more go to files of their own, and so do arrays of more than four times as much. */
    private static final int STREAM_MEMORY_BYTES = 1000;

    /** Where the next history runs: Lincheck makes the objects that it calls by itself. */
    private static Stores stores;

    @TempDir
    Path temporary;

    @Test
    void operationsOnTheHeapIndexAreAsIfOneAfterTheOther() throws Exception {
        try (Stores used = new Stores(temporary, HeapLocationIndexFactory.forgetting())) {
            options().check(Operations.class);
            assertThat(used.compacted).isGreaterThan(20);
            assertThat(used.filesSeen).isGreaterThan(100);
            assertThat(used.reopened).isGreaterThan(5);
        }
    }

    @Test
    void operationsOnAnIndexThatGrowsAreAsIfOneAfterTheOther() throws Exception {
        try (Stores used = new Stores(temporary, UsualIndex.factory())) {
            options().check(Operations.class);
            assertThat(used.compacted).isGreaterThan(20);
            assertThat(used.grown).isGreaterThan(2);
            assertThat(used.reopened).isGreaterThan(5);
        }
    }

    @Test
    void storeThatAnswersFromAStaleCopyIsRejected() throws Exception {
        try (Stores used = new Stores(temporary, HeapLocationIndexFactory.forgetting())) {
            assertThatThrownBy(() -> options().check(StaleOperations.class))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("Invalid execution results");
            assertThat(used.histories).isPositive();
        }
    }

    private static StressOptions options() {
        return new StressOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(HISTORIES_PER_SCENARIO)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(2)
                .minimizeFailedScenario(false)
                .sequentialSpecification(Specification.class);
    }

    /** One store after the other, and the thread that fills them. */
    private static final class Stores implements AutoCloseable {

        private final Path directory;
        private final LocationIndexFactory indexes;
        private final Semaphore wanted = new Semaphore(0);
        private volatile BlobStore<String> store;
        private Thread other;
        private volatile int reopened;
        private volatile int compacted;
        private volatile Throwable otherFailure;
        private volatile boolean ending;
        private long histories;
        private volatile long indexBytes;
        private long filesSeen;
        private volatile long grown;

        /** Opens the first store at once: classes load slower while Lincheck looks at them. */
        Stores(Path directory, LocationIndexFactory indexes) throws IOException {
            this.directory = directory;
            this.indexes = indexes;
            stores = this;
            begin();
        }

        /** Runs an operation on the store that is open, and on the next one if it was closed before it began. */
        <T> T onOpenStore(StoreOperation<T> operation) throws IOException {
            while (true) {
                BlobStore<String> current = store;
                try {
                    return operation.run(current);
                } catch (StoreClosedException e) {
                    while (store == current) {
                        assertThat(otherFailure).isNull();
                        Thread.onSpinWait();
                    }
                }
            }
        }

        void nextHistory() throws IOException {
            if (histories != 0 && histories % HISTORIES_PER_STORE == 0) {
                end();
                begin();
            }
            histories++;
            wanted.release(OTHER_KEYS_PER_HISTORY);
        }

        private void begin() throws IOException {
            Path path = directory.resolve("store" + histories);
            store = open(path);
            indexBytes = 0;
            ending = false;
            other = new Thread(() -> putOthers(path));
            other.start();
        }

        private BlobStore<String> open(Path path) throws IOException {
            return StoreAccess.environment(
                            StoreAccess.streamMemoryBytes(
                                            BlobStore.builder(KeyCodec.utf8())
                                                    .arenaBytesMax(TestStores.SMALL_FILE_BYTES)
                                                    .bufferBytes(512),
                                            STREAM_MEMORY_BYTES)
                                    .descriptors(DescriptorBudget.of(1)),
                            new StoreEnvironment(
                                    (from, create) -> new TestDirectory(StoreOpener.openDirectory(from, create)),
                                    indexes))
                    .open(path);
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // counted by this thread alone
        private void putOthers(Path path) {
            try {
                for (int i = 0; !ending || wanted.availablePermits() > 0; i++) {
                    wanted.acquireUninterruptibly();
                    store.withDurability(Durability.BUFFERED).put("other" + i, new byte[i % 50]);
                    if (i % OTHER_KEYS_PER_COMPACTION == OTHER_KEYS_PER_COMPACTION - 1) {
                        store.compact();
                        StoreStats stats = store.stats();
                        compacted += stats.compaction().filesReplaced() > 0 ? 1 : 0;
                        grown += indexBytes != 0 && stats.indexBytes() > indexBytes ? 1 : 0;
                        indexBytes = stats.indexBytes();
                    }
                    if (i % OTHER_KEYS_PER_OPENING == OTHER_KEYS_PER_OPENING - 1) {
                        store.close();
                        store = open(path);
                        reopened++;
                    }
                }
            } catch (IOException | RuntimeException e) {
                otherFailure = e;
            }
        }

        private void end() throws IOException {
            ending = true;
            wanted.release();
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            assertThat(otherFailure).isNull();
            filesSeen += store.stats().arenaFiles();
            store.close();
            wanted.drainPermits();
        }

        @Override
        public void close() throws IOException {
            end();
        }
    }

    /** Something that is done to a store. */
    @FunctionalInterface
    private interface StoreOperation<T> {

        T run(BlobStore<String> store) throws IOException;
    }

    /** What threads do. Not private: Lincheck makes it, one for each history. */
    public static class Operations {

        private static final String KEYS = "0:1";
        private static final String BLOBS = "0:5";

        private final String prefix;

        /** Takes the next keys of the store that is filled now. */
        public Operations() throws IOException {
            stores.nextHistory();
            prefix = stores.histories + " ";
        }

        @Operation
        public void put(
                @Param(gen = IntGen.class, conf = KEYS) int key, @Param(gen = IntGen.class, conf = BLOBS) int blob)
                throws IOException {
            stores.onOpenStore(store -> {
                store.put(prefix + key, blob(blob));
                return null;
            });
        }

        @Operation
        public void putBuffered(
                @Param(gen = IntGen.class, conf = KEYS) int key, @Param(gen = IntGen.class, conf = BLOBS) int blob)
                throws IOException {
            stores.onOpenStore(store -> {
                store.withDurability(Durability.BUFFERED).put(prefix + key, blob(blob));
                return null;
            });
        }

        @Operation
        public void putStream(
                @Param(gen = IntGen.class, conf = KEYS) int key, @Param(gen = IntGen.class, conf = BLOBS) int blob)
                throws IOException {
            stores.onOpenStore(store -> {
                store.put(prefix + key, new ByteArrayInputStream(blob(blob)));
                return null;
            });
        }

        @Operation
        public boolean putIfAbsent(
                @Param(gen = IntGen.class, conf = KEYS) int key, @Param(gen = IntGen.class, conf = BLOBS) int blob)
                throws IOException {
            return stores.onOpenStore(store -> store.putIfAbsent(prefix + key, blob(blob)));
        }

        @Operation
        public int get(@Param(gen = IntGen.class, conf = KEYS) int key) throws IOException {
            byte[] blob = stores.onOpenStore(store -> store.get(prefix + key));
            if (blob != null && !Arrays.equals(blob, blob(Arrays.binarySearch(LENGTHS, blob.length)))) {
                throw new IllegalStateException("a blob of " + blob.length + " bytes that nobody has put");
            }
            return blob == null ? -1 : blob.length;
        }

        @Operation
        public boolean remove(@Param(gen = IntGen.class, conf = KEYS) int key) throws IOException {
            return stores.onOpenStore(store -> store.remove(prefix + key));
        }

        @Operation
        public boolean contains(@Param(gen = IntGen.class, conf = KEYS) int key) throws IOException {
            return stores.onOpenStore(store -> store.contains(prefix + key));
        }

        @Operation
        public int sizeOf(@Param(gen = IntGen.class, conf = KEYS) int key) throws IOException {
            return (int) (long)
                    stores.onOpenStore(store -> store.sizeOf(prefix + key).orElse(-1));
        }

        private static byte[] blob(int number) {
            return TestStores.blob(LENGTHS[number], number);
        }
    }

    /** A thread that has read a key reads it again from its own copy. */
    public static class StaleOperations extends Operations {

        private final Map<String, Integer> copies = new ConcurrentHashMap<>();

        /** Takes the next keys of the store that is filled now. */
        public StaleOperations() throws IOException {}

        @Override
        @Operation
        public int get(@Param(gen = IntGen.class, conf = Operations.KEYS) int key) throws IOException {
            String place = Thread.currentThread().getName() + " " + key;
            Integer copy = copies.get(place);
            if (copy == null) {
                copy = super.get(key);
                copies.put(place, copy);
            }
            return copy;
        }
    }

    /** What a store does, one operation after the other. */
    public static class Specification {

        private final Map<Integer, Integer> lengths = new HashMap<>();

        /** Holds nothing at first, as the keys of a history. */
        public Specification() {}

        public void put(int key, int blob) {
            lengths.put(key, LENGTHS[blob]);
        }

        public void putBuffered(int key, int blob) {
            put(key, blob);
        }

        public void putStream(int key, int blob) {
            put(key, blob);
        }

        public boolean putIfAbsent(int key, int blob) {
            return lengths.putIfAbsent(key, LENGTHS[blob]) == null;
        }

        public int get(int key) {
            return lengths.getOrDefault(key, -1);
        }

        public boolean remove(int key) {
            return lengths.remove(key) != null;
        }

        public boolean contains(int key) {
            return lengths.containsKey(key);
        }

        public int sizeOf(int key) {
            return get(key);
        }
    }
}
