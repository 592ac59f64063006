package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.TestDirectory;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs each kind of operation in each of its interleavings with a collection, as far as they can be told apart by their {@link
 * ContentSteps}.
 *
 * <p>Of the two threads, one runs at a time, until its next step or its end. Where the operation waits for the collection, which
 * only {@link ContentPins} makes it do, the collection goes on alone.
 */
class ContentInterleavingTest {

    private static final byte[] BODY = TestStores.blob(100, 1);
    private static final byte[] OTHER = TestStores.blob(100, 2);
    private static final byte[] UNNAMED = TestStores.blob(100, 3);
    private static final byte[] LONG = TestStores.blob((1 << 20) + 1, 4);

    /** Between two looks at a lane, which may need the processor. */
    private static final long PAUSE_NANOS = 1_000;

    private static final Digest DIGEST = Digest.of(BODY);
    private static final Digest OTHER_DIGEST = Digest.of(OTHER);

    @TempDir
    Path temporary;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final ContentPins pins = new ContentPins();
    private final Lane operating = new Lane();
    private final Lane collecting = new Lane();
    private ContentStore store;

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    /** What stands in a store first, and what is done to it during a collection. */
    private enum Operation {
        PUT_PRESENT {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put(BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                store.put(BODY);
            }
        },
        PUT_ABSENT {
            @Override
            void run(ContentStore store) throws IOException {
                store.put(BODY);
            }
        },
        PUT_STREAM {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put(BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                store.put("new", new ByteArrayInputStream(BODY));
            }

            @Override
            Map<String, Digest> expected() {
                return Map.of("new", DIGEST);
            }
        },
        PUT_LONG_STREAM {
            @Override
            void run(ContentStore store) throws IOException {
                store.put("new", new ByteArrayInputStream(LONG));
            }

            @Override
            Map<String, Digest> expected() {
                return Map.of("new", Digest.of(LONG));
            }

            @Override
            Digest used() {
                return Digest.of(LONG);
            }
        },
        PUT_WITH_A_NEW_NAME {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put(BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                store.put("new", BODY);
            }

            @Override
            Map<String, Digest> expected() {
                return Map.of("new", DIGEST);
            }
        },
        /** The name may be refused, if the content is gone; then it is put again, as the exception says. */
        BIND_STALE {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put(BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                try {
                    store.bind("new", DIGEST);
                } catch (MissingContentException e) {
                    store.put("new", BODY);
                }
            }

            @Override
            Map<String, Digest> expected() {
                return Map.of("new", DIGEST);
            }
        },
        REBIND {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put("old", OTHER);
                store.put(BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                store.put("old", BODY);
            }

            @Override
            Map<String, Digest> expected() {
                return Map.of("old", DIGEST);
            }
        },
        UNBIND {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put("old", BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                assertThat(store.unbind("old")).isTrue();
            }

            @Override
            Digest used() {
                return null;
            }
        },
        /** The content is named at every moment, though not when either name is read. */
        MOVE {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put("old", BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                store.bind("new", store.resolve("old"));
                assertThat(store.unbind("old")).isTrue();
            }

            @Override
            Map<String, Digest> expected() {
                return Map.of("new", DIGEST);
            }
        },
        UNBIND_AND_PUT_AGAIN {
            @Override
            void prepare(ContentStore store) throws IOException {
                store.put("old", BODY);
            }

            @Override
            void run(ContentStore store) throws IOException {
                assertThat(store.unbind("old")).isTrue();
                store.put("old", BODY);
            }

            @Override
            Map<String, Digest> expected() {
                return Map.of("old", DIGEST);
            }
        };

        void prepare(ContentStore store) throws IOException {}

        abstract void run(ContentStore store) throws IOException;

        /** The names at the end, beside that which always has its content. */
        Map<String, Digest> expected() {
            return Map.of();
        }

        /** The content that stays if the operation ran within the collection. */
        Digest used() {
            return DIGEST;
        }
    }

    /** A thread that waits at each of its steps. */
    private static final class Lane {

        private final Semaphore go = new Semaphore(0);
        private volatile boolean arrived;
        private volatile boolean ended;
        private volatile Thread thread;

        void at() {
            arrived = true;
            go.acquireUninterruptibly();
        }

        void begin() {
            arrived = true;
            ended = false;
            thread = null;
        }

        void resume() {
            arrived = false;
            go.release();
        }
    }

    private void at(ContentSteps.Step step) {
        Thread current = Thread.currentThread();
        if (current == operating.thread) {
            operating.at();
        } else if (current == collecting.thread) {
            collecting.at();
        }
    }

    private <K> BlobStore<K> open(KeyCodec<K> codec, String name) throws IOException {
        BlobStoreBuilder<K> builder = BlobStore.builder(codec)
                .arenaBytesMax(8 << 20)
                .bufferBytes(4096)
                .durability(Durability.WRITTEN)
                .automaticCompaction(false);
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                HeapLocationIndexFactory.forgetting());
        return StoreAccess.environment(builder, environment).open(temporary.resolve(name));
    }

    @ParameterizedTest
    @EnumSource
    void everyInterleavingWithACollectionLeavesEachNameItsContent(Operation operation) throws Exception {
        Path spool = Files.createDirectory(temporary.resolve("spool"));
        ContentOptions options = new ContentOptions(spool, 8 << 20, true, false, false, false);
        int runs = 0;
        try (ContentStore opened = new ContentStore(
                open(KeyCodec.utf8(), "names"), open(new DigestCodec(), "contents"), options, pins, this::at)) {
            store = opened;
            // How many steps of the collection come before each of the operation: the next of all such lists.
            List<Integer> before = new ArrayList<>();
            boolean isLast = false;
            while (!isLast) {
                clear();
                store.put("always", OTHER);
                store.put(UNNAMED);
                operation.prepare(store);
                Ran ran = run(operation, before);
                runs++;
                check(operation, ran, before);
                isLast = !next(before, ran);
            }
        }
        System.out.println("ContentInterleavingTest: " + operation + ": " + runs + " interleavings");
        assertThat(runs).isGreaterThan(10);
    }

    private void clear() throws IOException {
        try (Stream<String> names = store.names()) {
            for (String name : names.toList()) {
                store.unbind(name);
            }
        }
        assertThat(store.collect().complete()).isTrue();
        assertThat(store.contentCount()).isZero();
    }

    /**
     * What was run.
     *
     * @param operationMoves how many moves the operation took
     * @param collectionMoves the collection
     * @param within whether the operation began after the collection had, or ended before that did
     */
    private record Ran(int operationMoves, int collectionMoves, boolean within) {}

    /** Moves on to the next list of positions; the last move that can come later does, and those behind it come as early. */
    private static boolean next(List<Integer> before, Ran ran) {
        while (before.size() < ran.operationMoves) {
            before.add(before.isEmpty() ? 0 : before.get(before.size() - 1));
        }
        while (before.size() > ran.operationMoves) {
            before.remove(before.size() - 1);
        }
        for (int i = before.size() - 1; i >= 0; i--) {
            if (before.get(i) < ran.collectionMoves) {
                int position = before.get(i) + 1;
                for (int j = i; j < before.size(); j++) {
                    before.set(j, position);
                }
                return true;
            }
        }
        return false;
    }

    private Ran run(Operation operation, List<Integer> before) throws Exception {
        Future<?> operationEnd = start(operating, () -> operation.run(store));
        Future<?> collectionEnd = start(collecting, () -> store.collect());
        int operationMoves = 0;
        int collectionMoves = 0;
        boolean within = false;
        while (!operating.ended || !collecting.ended) {
            boolean operationIsNext = !operating.ended
                    && operating.arrived
                    && (collecting.ended || position(before, operationMoves) <= collectionMoves);
            if (operationIsNext) {
                within |= operationMoves == 0 && collectionMoves > 0 && !collecting.ended;
                operating.resume();
                operationMoves++;
                await(operating);
            } else {
                collecting.resume();
                collectionMoves++;
                await(collecting);
                if (!operating.arrived) {
                    await(operating); // It waited for the collection, and may go on now.
                }
            }
        }
        operationEnd.get();
        collectionEnd.get();
        return new Ran(operationMoves, collectionMoves, within);
    }

    private static int position(List<Integer> before, int move) {
        return move < before.size() ? before.get(move) : before.isEmpty() ? 0 : before.get(before.size() - 1);
    }

    /** Something that fails. */
    @FunctionalInterface
    private interface Task {

        void run() throws IOException;
    }

    private Future<?> start(Lane lane, Task task) {
        lane.begin();
        Future<?> end = executor.submit(() -> {
            lane.thread = Thread.currentThread();
            lane.go.acquireUninterruptibly();
            try {
                task.run();
            } finally {
                lane.thread = null;
                lane.ended = true;
                lane.arrived = true;
            }
            return null;
        });
        return end;
    }

    /** Until it is at its next step or at its end, or waits for the collection. */
    private void await(Lane lane) {
        while (!lane.arrived && !(lane == operating && pins.hasWaiter())) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void check(Operation operation, Ran ran, List<Integer> before) throws IOException {
        String when = operation + " with its moves after those of the collection: " + before;
        Map<String, Digest> expected = new HashMap<>(operation.expected());
        expected.put("always", OTHER_DIGEST);
        Map<String, Digest> found = new HashMap<>();
        store.forEachName(found::put);
        assertThat(found).as(when).isEqualTo(expected);
        for (Map.Entry<String, Digest> each : found.entrySet()) {
            assertThat(store.getVerified(each.getValue()))
                    .as("content of %s after %s", each.getKey(), when)
                    .isNotNull();
        }
        Digest used = operation.used();
        if (ran.within && used != null && !store.contains(used)) {
            fail("what was put during a collection was collected: " + when);
        }
        assertThat(store.contains(Digest.of(UNNAMED))).as(when).isFalse();
        assertThat(store.collect().complete()).isTrue();
        assertThat(store.contentCount())
                .as(when)
                .isEqualTo(found.values().stream().distinct().count());
    }

    /** The stream is opened before each step of a collection, and read after it and a compaction. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_NONE,
            names = {"PINNED", "PRESENT", "WRITTEN"})
    void contentIsReadableThatIsCollectedWhileItsStreamIsOpen(ContentSteps.Step step) throws Exception {
        List<InputStream> opened = new ArrayList<>();
        ContentStore[] used = new ContentStore[1];
        ContentOptions options = new ContentOptions(temporary, 8 << 20, true, true, false, false);
        try (ContentStore watched = new ContentStore(
                open(KeyCodec.utf8(), "names"), open(new DigestCodec(), "contents"), options, pins, at -> {
                    if (at == step && opened.isEmpty()) {
                        try {
                            opened.add(used[0].openStream(DIGEST));
                            assertThat(used[0].get(DIGEST)).isIn(BODY, null);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }
                })) {
            used[0] = watched;
            watched.put("always", OTHER);
            watched.put(BODY);
            assertThat(watched.collect().contentsCollected()).isOne();
            watched.compact();

            boolean wasThere = step != ContentSteps.Step.REMOVED && step != ContentSteps.Step.SETTLED;
            assertThat(opened).hasSize(1);
            try (InputStream stream = opened.get(0)) {
                assertThat(stream != null).isEqualTo(wasThere);
                if (stream != null) {
                    assertThat(stream.readAllBytes()).isEqualTo(BODY);
                }
            }
            assertThat(watched.get(DIGEST)).isNull();
        }
    }
}
