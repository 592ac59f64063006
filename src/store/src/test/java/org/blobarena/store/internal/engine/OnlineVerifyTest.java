package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.blobarena.arena.Location;
import org.blobarena.format.FileNames;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.DurabilityTest;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.BlockingDirectory;
import org.blobarena.store.testing.BlockingDirectory.Block;
import org.blobarena.store.testing.BlockingDirectory.Operation;
import org.blobarena.store.testing.SteppedIndexes;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.upkeep.Pace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Verifications while others write, compact, interrupt and close. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OnlineVerifyTest {

    private static final int KEYS = 300;
    private static final String FIRST_FILE = FileNames.arena(1);

    @TempDir
    Path temporary;

    private BlockingDirectory directory;
    private BlobStore<String> store;

    /** The index of the store, which was made first. */
    private final AtomicReference<LocationIndex> index = new AtomicReference<>();

    private final SteppedIndexes steps = new SteppedIndexes();

    @BeforeEach
    void open() throws IOException {
        directory = new BlockingDirectory(StoreOpener.openDirectory(temporary.resolve("store"), true));
        store = StoreAccess.environment(
                        TestStores.onHeap(),
                        new StoreEnvironment((path, create) -> directory, steps.around(new Kept(index))))
                .open(directory.path());
        for (int i = 0; i < KEYS; i++) {
            store.put("key" + i, TestStores.blob(1000, i));
        }
    }

    @AfterEach
    void close() throws IOException {
        directory.releaseAll();
        steps.before(null);
        store.close();
    }

    /** Keeps the first index that is made. */
    private record Kept(AtomicReference<LocationIndex> first, LocationIndexFactory factory)
            implements LocationIndexFactory {

        Kept(AtomicReference<LocationIndex> first) {
            this(first, HeapLocationIndexFactory.forgetting());
        }

        @Override
        public LocationIndex create(Path path, long expectedKeys) throws IOException {
            LocationIndex made = factory.create(path, expectedKeys);
            first.compareAndSet(null, made);
            return made;
        }

        @Override
        public LocationIndex open(Path path, String name, long expectedSize) throws IOException {
            return factory.open(path, name, expectedSize);
        }

        @Override
        public LocationIndex openCopy(Path path, String name, long expectedSize, Path scratch) throws IOException {
            return factory.openCopy(path, name, expectedSize, scratch);
        }

        @Override
        public boolean owns(String fileName) {
            return factory.owns(fileName);
        }

        @Override
        public String name() {
            return factory.name();
        }
    }

    private static <T> FutureTask<T> start(Callable<T> task) {
        FutureTask<T> started = new FutureTask<>(task);
        new Thread(started).start();
        return started;
    }

    /** Changes the last byte of a blob on the disk. */
    private void damage(String key) throws IOException {
        RecordInfo record = store.describe(key);
        long offset = record.offset() + record.recordBytes() - 1;
        try (FileChannel file = FileChannel.open(record.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            file.read(last, offset);
            file.write(ByteBuffer.wrap(new byte[] {(byte) ~last.get(0)}), offset);
        }
    }

    private Location location(String key) throws IOException {
        return index.get().get(hash(key));
    }

    private KeyHash hash(String key) {
        return StoreAccess.engine(store)
                .encoded(key.getBytes(StandardCharsets.UTF_8))
                .hash();
    }

    // ---- nobody waits

    @Test
    void putsRemovalsAndCompactionsCompleteWhileAVerificationIsHeldUpInAFile() throws Exception {
        FutureTask<VerifyReport> verification;
        try (Block block = directory.block(Operation.READ, FIRST_FILE)) {
            verification = start(store::verify);
            block.awaitReached();
            for (int i = 0; i < KEYS; i++) { // So every lock is taken that could be.
                store.put("key" + i, TestStores.blob(900, i));
                store.put("other" + i, TestStores.blob(100, i));
            }
            for (int i = 0; i < KEYS; i += 2) {
                store.remove("key" + i);
            }
            store.compact();
            assertThat(verification.isDone()).isFalse();
        }
        assertThat(verification.get().damage()).isEmpty();
        assertThat(store.verify().damage()).isEmpty();
    }

    @Test
    void keysThatChangeWhileTheIndexIsComparedAreNoDamage() throws Exception {
        AtomicInteger looked = new AtomicInteger();
        AtomicBoolean changing = new AtomicBoolean();
        Thread verifier = Thread.currentThread();
        steps.before((step, hash) -> {
            // In the midst of the comparison, of which each key is a step or two.
            if (Thread.currentThread() == verifier
                    && looked.incrementAndGet() % 50 == 0
                    && !isLocked()
                    && changing.compareAndSet(false, true)) {
                changeSome(looked.get());
                changing.set(false);
            }
        });
        assertThat(store.verify().damage()).isEmpty();
        steps.before(null);
        assertThat(looked.get()).isGreaterThan(KEYS);
    }

    /** Whether this thread compares a key whose lock it has: nobody changes that key then. */
    private static boolean isLocked() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("compareLocked")));
    }

    private void changeSome(int round) {
        try {
            for (int i = 0; i < 20; i++) {
                String key = "key" + (round * 7 + i) % KEYS;
                if (i % 3 == 0) {
                    store.remove(key);
                } else {
                    store.put(key, TestStores.blob(500, i));
                }
            }
            if (round % 200 == 0) {
                FutureTask<Void> compaction = start(() -> {
                    store.compact();
                    return null;
                });
                compaction.get();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // ---- damage

    @Test
    void damageIsFoundOnceWhileEverythingElseIsCompactedAway() throws Exception {
        damage("key7");
        damage("key250");
        FutureTask<VerifyReport> verification;
        try (Block block = directory.block(Operation.READ, FIRST_FILE)) {
            verification = start(store::verify);
            block.awaitReached();
            for (int i = 0; i < KEYS; i++) {
                if (i != 7 && i != 250) {
                    store.put("key" + i, TestStores.blob(900, i));
                }
            }
            store.compact();
        }
        requireDamage(verification.get(), "key7", "key250");
        requireDamage(store.verify(), "key7", "key250");
    }

    private void requireDamage(VerifyReport report, String... keys) throws IOException {
        Map<String, Long> places = new HashMap<>();
        for (String key : keys) {
            RecordInfo record = store.describe(key);
            places.merge(record.file() + " " + record.offset(), 1L, Long::sum);
        }
        Map<String, Long> found = new HashMap<>();
        report.damage().forEach(damage -> found.merge(damage.file() + " " + damage.offset(), 1L, Long::sum));
        assertThat(found).isEqualTo(places);
        assertThat(report.damageCount()).isEqualTo(keys.length);
    }

    @Test
    void verificationsThatRaceWithWritersAndCompactionsFindWhatIsDamagedOnceAndNothingElse() throws Exception {
        damage("key11");
        AtomicBoolean ended = new AtomicBoolean();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int writer = 0; writer < 2; writer++) {
            int lane = writer;
            tasks.add(() -> {
                for (int i = 0; !ended.get(); i++) {
                    String key = "key" + (2 * (i * 31 % (KEYS / 2)) + lane);
                    if (!key.equals("key11")) {
                        if (i % 5 == 0) {
                            store.remove(key);
                        } else if (i % 17 == 0) {
                            byte[] blob = TestStores.blob(2000, i);
                            store.put(key, out -> out.write(blob));
                        } else {
                            store.put(key, TestStores.blob(i % 1500, i));
                        }
                    }
                }
                return null;
            });
        }
        tasks.add(() -> {
            while (!ended.get()) {
                store.compact();
            }
            return null;
        });
        tasks.add(() -> {
            try {
                for (int i = 0; i < 12; i++) {
                    requireDamage(store.verify(), "key11");
                }
            } finally {
                ended.set(true);
            }
            return null;
        });
        DurabilityTest.inParallel(tasks);
    }

    @Test
    void indexThatLacksAKeyOrHasOneTooManyOrPointsElsewhereIsReportedOnceEach() throws Exception {
        Location lacking = location("key1");
        Location elsewhere = location("key2");
        store.put("removed", new byte[10]);
        Location removed = location("removed");
        store.remove("removed");
        assertThat(index.get().removeIfEqual(hash("key1"), lacking)).isTrue();
        index.get().put(hash("key2"), location("key3"));
        index.get().put(hash("removed"), removed);

        VerifyReport report = store.verify();

        assertThat(report.damage().stream().map(damage -> damage.offset() + ": " + damage.problem()))
                .containsExactlyInAnyOrder(
                        lacking.offset() + ": the index lacks a key, or points elsewhere",
                        elsewhere.offset() + ": the index lacks a key, or points elsewhere",
                        removed.offset() + ": the index has a key that the files do not");
        index.get().put(hash("key1"), lacking);
        index.get().put(hash("key2"), elsewhere);
        assertThat(index.get().removeIfEqual(hash("removed"), removed)).isTrue();
        assertThat(store.verify().damage()).isEmpty();
    }

    // ---- pace

    @Test
    void progressGoesUpToAllThereIsAlsoWhenFilesGoMeanwhile() throws Exception {
        List<Long> done = new ArrayList<>();
        AtomicBoolean compacted = new AtomicBoolean();
        store.verify(Pace.unlimited().withProgress((bytes, total) -> {
            assertThat(total).isGreaterThan(KEYS * 1000L);
            assertThat(bytes).isLessThanOrEqualTo(total);
            done.add(bytes == total ? -1 : bytes);
            if (bytes > 0 && compacted.compareAndSet(false, true)) {
                compactAll();
            }
        }));
        assertThat(done.get(0)).isZero();
        assertThat(done.get(done.size() - 1)).isEqualTo(-1);
        assertThat(done.subList(0, done.indexOf(-1L))).isSorted();
        assertThat(done).hasSizeGreaterThan(4);
    }

    private void compactAll() {
        try {
            for (int i = 0; i < KEYS; i++) {
                store.put("key" + i, new byte[10]);
            }
            store.compact();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void interruptEndsAVerificationThatHasAPaceAndNoOther() throws Exception {
        Pace interrupted = Pace.unlimited().withProgress((bytes, total) -> {
            if (bytes > 0) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(() -> store.verify(interrupted));
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(store.verify().damage()).isEmpty();
        assertThat(Thread.interrupted()).isTrue();
        store.put("key1", new byte[1]);
    }

    @Test
    void closeEndsAVerificationRatherThanWaiting() throws Exception {
        FutureTask<Void> closing;
        FutureTask<VerifyReport> verification;
        try (Block block = directory.block(Operation.READ, FIRST_FILE)) {
            verification = start(store::verify);
            block.awaitReached();
            closing = start(() -> {
                store.close();
                return null;
            });
            while (isOpen()) {
                Thread.onSpinWait();
            }
        }
        closing.get();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(verification::get)
                .withCauseInstanceOf(StoreClosedException.class);
    }

    private boolean isOpen() {
        try {
            return store.size() >= 0;
        } catch (StoreClosedException e) {
            return false;
        }
    }
}
