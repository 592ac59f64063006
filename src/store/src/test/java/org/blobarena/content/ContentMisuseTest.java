package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.FailingSource;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a content store does for those who use it badly, or at a bad moment. */
class ContentMisuseTest {

    private static final byte[] BODY = TestStores.blob(1000, 1);
    private static final byte[] OTHER = TestStores.blob(1000, 2);
    private static final int MIB = 1 << 20;

    @TempDir
    Path temporary;

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private TestDirectory namesDirectory;
    private TestDirectory contentsDirectory;

    @AfterEach
    void stop() {
        assertThat(Thread.interrupted()).isFalse();
        executor.shutdownNow();
    }

    private ContentStore open(ContentSteps steps) throws IOException {
        BlobStore<String> names = BlobStore.builder(KeyCodec.utf8())
                .open(Files.createDirectories(temporary.resolve("store")).resolve("names"));
        BlobStore<Digest> contents = BlobStore.builder(new DigestCodec())
                .maxBlobBytes(MIB)
                .open(temporary.resolve("store").resolve("contents"));
        ContentOptions options = new ContentOptions(temporary.resolve("store"), 4 * MIB, true, false, false, false);
        return new ContentStore(names, contents, options, new ContentPins(), steps);
    }

    private ContentStore open() throws IOException {
        return open(ContentSteps.NONE);
    }

    /** On devices that the test fills. */
    private ContentStore openSimulated() throws IOException {
        BlobStore<String> names = on(BlobStore.builder(KeyCodec.utf8()), directory -> namesDirectory = directory)
                .open(temporary.resolve("names"));
        BlobStore<Digest> contents = on(
                        BlobStore.builder(new DigestCodec()), directory -> contentsDirectory = directory)
                .open(temporary.resolve("contents"));
        ContentOptions options = new ContentOptions(temporary, 64 * MIB, true, false, false, false);
        return new ContentStore(names, contents, options);
    }

    private static <K> BlobStoreBuilder<K> on(BlobStoreBuilder<K> builder, Consumer<TestDirectory> made) {
        return StoreAccess.environment(
                builder.bufferBytes(4096).automaticCompaction(false),
                new StoreEnvironment(
                        (path, create) -> {
                            TestDirectory directory = new TestDirectory(StoreOpener.openDirectory(path, create));
                            made.accept(directory);
                            return directory;
                        },
                        HeapLocationIndexFactory.forgetting()));
    }

    private void requireNoSpool() throws IOException {
        try (Stream<Path> files = Files.list(temporary.resolve("store"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".arena"))).isEmpty();
        }
    }

    // ---- names and digests that are none

    @Test
    void digestOfAnotherAlgorithmIsNone() throws IOException {
        String md5 = "d41d8cd98f00b204e9800998ecf8427e";
        assertThatIllegalArgumentException().isThrownBy(() -> Digest.parse(md5)).withMessageContaining("64");
        assertThatIllegalArgumentException().isThrownBy(() -> Digest.ofBytes(new byte[20]));
        Path directory = temporary.resolve("store");
        try (ContentStore store = ContentStore.open(directory)) {
            store.put("a", BODY);
            store.put("b", OTHER);
        }
        try (BlobStore<String> names = BlobStore.open(directory.resolve("names"), KeyCodec.utf8())) {
            names.put("a", new byte[20]);
        }
        Files.delete(directory.resolve("names").resolve("CLEAN")); // So that the opening reads them.
        try (ContentStore store = ContentStore.open(directory)) {
            assertThatExceptionOfType(CorruptBlobException.class)
                    .isThrownBy(() -> store.resolve("a"))
                    .withMessageContaining("\"a\"");
            assertThatExceptionOfType(CorruptBlobException.class)
                    .isThrownBy(() -> store.forEachName((name, digest) -> {}));
            assertThatExceptionOfType(CorruptBlobException.class).isThrownBy(store::collect);
            assertThat(store.contentCount()).isEqualTo(2);
            assertThat(store.verify().unbound()).containsExactly("a");
            store.put("a", BODY);
            assertThat(store.verify().isIntact()).isTrue();
            assertThat(store.collect().contentsCollected()).isZero();
        }
    }

    @Test
    void nameMayBeEmptyAndAsLongAsAKey() throws IOException {
        String longest = "é".repeat(32_767) + "x";
        try (ContentStore store = open()) {
            for (String name : new String[] {"", "\0", longest}) {
                Digest digest = store.put(name, BODY);
                assertThat(store.resolve(name)).isEqualTo(digest);
                assertThat(store.unbind(name)).isTrue();
                assertThat(store.resolve(name)).isNull();
            }
        }
    }

    @Test
    void contentIsNotStoredForANameThatCannotBe() throws IOException {
        Path file = Files.write(temporary.resolve("file"), BODY);
        try (ContentStore store = open()) {
            for (String name : new String[] {"x".repeat(65_536), "x".repeat(MIB), "é".repeat(32_768)}) {
                assertThatExceptionOfType(BlobTooLargeException.class).isThrownBy(() -> store.put(name, BODY));
                assertThatExceptionOfType(BlobTooLargeException.class).isThrownBy(() -> store.put(name, file));
                assertThatExceptionOfType(BlobTooLargeException.class)
                        .isThrownBy(() -> store.put(name, new ByteArrayInputStream(BODY)));
                assertThatExceptionOfType(BlobTooLargeException.class)
                        .isThrownBy(() -> store.bind(name, Digest.of(BODY)));
            }
            assertThatIllegalArgumentException().isThrownBy(() -> store.put("\ud800", BODY));
            assertThat(store.contentCount()).isZero();
        }
    }

    // ---- streams

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, MIB, 3 * MIB})
    void streamThatFailsAnywhereWithAnythingChangesNothing(int length) throws IOException {
        try (ContentStore store = open()) {
            Digest before = store.put("a", BODY);
            Throwable[] failures = {
                new IOException("fails"), new IllegalStateException("fails"), new AssertionError("fails")
            };
            for (Throwable failure : failures) {
                InputStream source = new FailingSource(new byte[length], failure);
                assertThatExceptionOfType(failure.getClass()).isThrownBy(() -> store.put("a", source));
            }
            assertThat(store.resolve("a")).isEqualTo(before);
            assertThat(store.contentCount()).isOne();
            requireNoSpool();
            assertThat(store.put("a", new ByteArrayInputStream(new byte[length])))
                    .isNotEqualTo(before);
        }
    }

    @Test
    void contentThatIsTooLongForAnArrayIsReadAsAStream() throws IOException {
        byte[] content = TestStores.blob(2 * MIB, 5);
        try (ContentStore store = open()) {
            Digest digest = store.put("a", new ByteArrayInputStream(content));
            assertThatExceptionOfType(BlobTooLargeException.class).isThrownBy(() -> store.get(digest));
            try (InputStream stream = store.openStream(digest)) {
                assertThat(Digest.of(stream.readAllBytes())).isEqualTo(digest);
            }
            assertThat(store.collect().contentsCollected()).isZero();
        }
    }

    @Test
    void contentThatFitsNoFileIsRefusedAsSoonAsItIsKnown() throws IOException {
        Path file = Files.write(temporary.resolve("file"), new byte[4 * MIB + 1]);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 1;
            }

            @Override
            public int read(byte[] target, int from, int length) {
                return length;
            }
        };
        try (ContentStore store = open()) {
            assertThatExceptionOfType(BlobTooLargeException.class).isThrownBy(() -> store.put("a", endless));
            assertThatExceptionOfType(BlobTooLargeException.class)
                    .isThrownBy(() -> store.put("a", file))
                    .withMessageContaining(file.toString());
            assertThat(store.contentCount()).isZero();
            assertThat(store.resolve("a")).isNull();
            requireNoSpool();
        }
    }

    // ---- collections

    @Test
    void collectionsRunOneAfterTheOther() throws Exception {
        Semaphore begun = new Semaphore(0);
        Semaphore go = new Semaphore(0);
        try (ContentStore store = open(step -> {
            if (step == ContentSteps.Step.BEGUN) {
                begun.release();
                go.acquireUninterruptibly();
            }
        })) {
            store.put(BODY);
            Future<CollectReport> first = executor.submit(() -> store.collect());
            begun.acquire();
            Thread[] second = new Thread[1];
            Semaphore started = new Semaphore(0);
            Future<CollectReport> later = executor.submit(() -> {
                second[0] = Thread.currentThread();
                started.release();
                return store.collect();
            });
            started.acquire();
            while (second[0].getState() != Thread.State.WAITING) {
                assertThat(begun.availablePermits()).isZero();
                Thread.onSpinWait();
            }
            go.release(2);

            assertThat(first.get().contentsCollected()).isOne();
            assertThat(later.get().contentsCollected()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_NONE,
            names = {"PINNED", "PRESENT", "WRITTEN"})
    void closeDuringACollectionEndsItAndLosesNothing(ContentSteps.Step step) throws Exception {
        Semaphore reached = new Semaphore(0);
        Semaphore go = new Semaphore(0);
        ContentStore store = open(at -> {
            if (at == step && reached.availablePermits() == 0) {
                reached.release();
                go.acquireUninterruptibly();
            }
        });
        Digest named = store.put("a", BODY);
        store.put(OTHER);
        Future<CollectReport> collection = executor.submit(() -> store.collect());
        while (reached.availablePermits() == 0) {
            Thread.onSpinWait();
        }
        Thread[] closing = new Thread[1];
        Semaphore started = new Semaphore(0);
        Future<?> close = executor.submit(() -> {
            closing[0] = Thread.currentThread();
            started.release();
            store.close();
            return null;
        });
        started.acquire();
        while (!close.isDone() && closing[0].getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait(); // It has closed the store, or waits for what the collection does in it.
        }
        go.release();
        close.get();
        try {
            collection.get();
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(StoreClosedException.class);
        }
        assertThatExceptionOfType(StoreClosedException.class).isThrownBy(() -> store.get(named));

        try (ContentStore again = open()) {
            assertThat(again.get(again.resolve("a"))).isEqualTo(BODY);
            assertThat(again.collect().complete()).isTrue();
            assertThat(again.contentCount()).isOne();
        }
    }

    /** Nobody may wait for a collection that has failed, and the next one must be whole. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_NONE,
            names = {"PINNED", "PRESENT", "WRITTEN"})
    void collectionThatFailsAnywhereLeavesTheStoreAsUsableAsBefore(ContentSteps.Step step) throws IOException {
        boolean[] fails = {true};
        try (ContentStore store = open(at -> {
            if (at == step && fails[0]) {
                throw new IllegalStateException("fails");
            }
        })) {
            store.put("a", BODY);
            Digest unnamed = store.put(OTHER);
            assertThatIllegalStateException().isThrownBy(store::collect);
            fails[0] = false;

            assertThat(store.put("b", OTHER)).isEqualTo(unnamed);
            assertThat(store.get(unnamed)).isEqualTo(OTHER);
            store.unbind("b");
            assertThat(store.collect().contentsCollected()).isOne();
            assertThat(store.get(store.resolve("a"))).isEqualTo(BODY);
        }
    }

    // ---- interrupts

    @Test
    void interruptedThreadDoesAllAndStaysInterrupted() throws IOException {
        Path small = Files.write(temporary.resolve("small"), BODY);
        Path large = Files.write(temporary.resolve("large"), TestStores.blob(2 * MIB, 6));
        try (ContentStore store = open()) {
            Thread.currentThread().interrupt();
            try {
                Digest digest = store.put("a", BODY);
                store.put("b", new ByteArrayInputStream(TestStores.blob(2 * MIB, 7)));
                store.put("c", small);
                store.put("d", large);
                store.bind("e", digest);
                assertThat(store.get(digest)).isEqualTo(BODY);
                assertThat(store.getVerified(digest)).isEqualTo(BODY);
                assertThat(store.unbind("d")).isTrue();
                assertThat(store.collect().contentsCollected()).isOne();
                assertThat(store.verify().isIntact()).isTrue();
                store.force();
                store.compact();
                store.snapshot(temporary.resolve("snapshot"));
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(store.nameCount()).isEqualTo(4);
        }
        try (ContentStore copy = ContentStore.open(temporary.resolve("snapshot"))) {
            assertThat(copy.get(copy.resolve("c"))).isEqualTo(BODY);
        }
    }

    // ---- full disks

    @Test
    void fullDiskRefusesPutsAndLetsCollectionsRun() throws IOException {
        try (ContentStore store = openSimulated()) {
            Digest body = store.put("a", BODY);
            Digest unnamed = store.put(TestStores.blob(MIB + 1, 3));
            contentsDirectory.setFreeBytes(0);
            for (int length : new int[] {10_000, 2 * MIB, 6 * MIB}) {
                byte[] content = TestStores.blob(length, 4);
                assertThatExceptionOfType(DiskFullException.class).isThrownBy(() -> store.put("a", content));
                assertThatIOException().isThrownBy(() -> store.put("a", new ByteArrayInputStream(content)));
                assertThat(store.contains(Digest.of(content))).isFalse();
            }
            assertThat(store.resolve("a")).isEqualTo(body);
            assertThat(store.put("b", BODY)).isEqualTo(body); // It is there, and names have space.

            namesDirectory.setFreeBytes(0);
            assertThatExceptionOfType(DiskFullException.class).isThrownBy(() -> {
                for (int i = 0; i < 10_000; i++) {
                    store.bind("name " + i, body);
                }
            });
            contentsDirectory.freeSpace();
            namesDirectory.freeSpace();
            assertThat(store.unbind("b")).isTrue();
            assertThat(store.collect().contentsCollected()).isOne();
            assertThat(store.contains(unnamed)).isFalse();
            assertThat(store.put("a", OTHER)).isEqualTo(Digest.of(OTHER));
            assertThat(store.verify().isIntact()).isTrue();
        }
    }

    @Test
    void failedForceOfContentsLeavesANameItsContent() throws IOException {
        ContentStore store = openSimulated();
        Digest before = store.put("a", BODY);
        store.force();
        store.put(OTHER);
        contentsDirectory.setForcesFail(true);
        assertThatIOException().isThrownBy(() -> store.bind("a", Digest.of(OTHER)));
        assertThat(store.resolve("a")).isEqualTo(before);
        assertThatIOException().isThrownBy(store::collect);
        assertThat(store.get(before)).isEqualTo(BODY);
        assertThatIOException().isThrownBy(store::close);
    }

    // ---- durability

    /** At the write of each name of a store that is not forced, the contents are forced just where that name had others. */
    @Test
    void contentIsForcedBeforeANameThatHadOtherContentAndNowhereElse() throws IOException {
        try (ContentStore store = openSimulated()) {
            int[] forces = {0};
            contentsDirectory.setBeforeForce(() -> forces[0]++);

            for (int i = 0; i < 10; i++) {
                store.put("new " + i, TestStores.blob(100, i));
            }
            assertThat(forces[0]).as("new names").isZero();
            Digest last = store.put("new 9", TestStores.blob(100, 9));
            store.bind("new 9", last);
            assertThat(forces[0]).as("names that keep their content").isZero();
            store.unbind("new 0");
            store.put("new 0", TestStores.blob(100, 100));
            assertThat(forces[0]).as("a name that was unbound").isZero();

            store.bind("new 1", last);
            assertThat(forces[0]).as("a name that had other content").isOne();
            for (int i = 2; i < 9; i++) {
                store.bind("new " + i, last);
            }
            assertThat(forces[0]).as("more of them, with all contents forced").isOne();
            store.put("new 1", TestStores.blob(100, 200));
            assertThat(forces[0]).as("one that gets new content").isEqualTo(2);
        }
    }
}
