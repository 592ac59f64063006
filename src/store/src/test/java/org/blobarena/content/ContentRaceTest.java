package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that put the same content at once, and collections among puts and binds. */
class ContentRaceTest {

    private static final int THREADS = 4;

    @TempDir
    Path temporary;

    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS + 1);

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    private Path directory() {
        return temporary.resolve("store");
    }

    private void runAll(List<Callable<Void>> tasks) throws Exception {
        for (Future<Void> task : executor.invokeAll(tasks)) {
            task.get();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, (1 << 20) + 1})
    void contentThatManyThreadsPutAtOnceIsStoredOnce(int length) throws Exception {
        int rounds = length > 1 << 20 ? 12 : 200;
        CyclicBarrier barrier = new CyclicBarrier(THREADS);
        try (ContentStore store = ContentStore.open(directory())) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                tasks.add(() -> {
                    for (int round = 0; round < rounds; round++) {
                        byte[] content = TestStores.blob(length, round);
                        barrier.await();
                        switch ((thread + round) % 3) {
                            case 0 -> store.put("name" + thread, content);
                            case 1 -> store.put("name" + thread, new ByteArrayInputStream(content));
                            default -> store.put(Files.write(temporary.resolve("file" + thread), content));
                        }
                    }
                    return null;
                });
            }
            runAll(tasks);
            assertThat(store.contentCount()).isEqualTo(rounds);
        }
        long bytes = 0;
        for (Path arena : TestStores.arenas(directory().resolve("contents"))) {
            bytes += Files.size(arena);
        }
        assertThat(bytes).isLessThan((long) rounds * length + rounds * 200L + 200_000);
    }

    @Test
    void collectionNeverTakesTheContentOfAName() throws Exception {
        int steps = 1500;
        int contents = 40;
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        try (ContentStore store = ContentStore.open(directory())) {
            List<Callable<Void>> tasks = new ArrayList<>();
            AtomicInteger working = new AtomicInteger(THREADS);
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                Random random = new Random(thread);
                tasks.add(() -> {
                    try {
                        for (int step = 0; step < steps; step++) {
                            String name = "name " + thread + " " + random.nextInt(5);
                            byte[] content = TestStores.blob(100, random.nextInt(contents));
                            if (!write(store, name, content, random.nextInt(5))) {
                                refused.incrementAndGet();
                            }
                            requireContent(store, name);
                        }
                    } finally {
                        ended.set(working.decrementAndGet() == 0);
                    }
                    return null;
                });
            }
            long[] collected = {0};
            tasks.add(() -> {
                while (!ended.get()) {
                    collected[0] += store.collect().contentsCollected();
                }
                return null;
            });
            runAll(tasks);

            store.forEachName((name, digest) ->
                    assertThat(store.contains(digest)).as(name).isTrue());
            System.out.println(
                    "ContentRaceTest: " + collected[0] + " contents collected, " + refused + " binds refused");
            assertThat(collected[0]).isPositive();
        }
    }

    /** Whether the name is bound to the content then, or was removed as asked. */
    private static boolean write(ContentStore store, String name, byte[] content, int way) throws IOException {
        switch (way) {
            case 0 -> store.put(name, content);
            case 1 -> store.put(name, new ByteArrayInputStream(content));
            case 2 -> store.unbind(name);
            default -> {
                Digest digest = way == 3 ? Digest.of(content) : store.put(content);
                try {
                    store.bind(name, digest);
                } catch (MissingContentException e) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The names of a thread are its own, so nobody has unbound one since. */
    private static void requireContent(ContentStore store, String name) throws IOException {
        Digest digest = store.resolve(name);
        if (digest != null) {
            assertThat(store.getVerified(digest)).as(name).isNotNull();
        }
    }

    /** The collection is held at its first report, while it visits the names. */
    @Test
    void contentPutFoundOrBoundSinceTheCollectionBeganStays() throws Exception {
        byte[] again = TestStores.blob(10, -1);
        byte[] bound = TestStores.blob(10, -2);
        byte[] late = TestStores.blob(10, -3);
        byte[] idle = TestStores.blob(10, -4);
        try (ContentStore store = ContentStore.open(directory())) {
            Digest first = store.put(again);
            Digest second = store.put(bound);
            Digest idleDigest = store.put(idle);
            for (int i = 0; i < 1500; i++) {
                store.put("name" + i, TestStores.blob(10, 7));
            }
            boolean[] done = {false};
            CollectReport report = store.collect((visited, total) -> {
                if (!done[0]) {
                    done[0] = true;
                    try {
                        store.put(again);
                        store.bind("bound", second);
                        store.put(late);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }
                return true;
            });
            assertThat(done[0]).isTrue();
            assertThat(report.contentsCollected()).isOne();
            assertThat(store.get(first)).isEqualTo(again);
            assertThat(store.get(second)).isEqualTo(bound);
            assertThat(store.get(Digest.of(late))).isEqualTo(late);
            assertThatExceptionOfType(MissingContentException.class).isThrownBy(() -> store.bind("idle", idleDigest));

            assertThat(store.collect().contentsCollected()).isEqualTo(2);
            assertThat(store.get(second)).isEqualTo(bound);
        }
    }

    /** The put has found its content present, and is about to bind it, when a whole collection runs. */
    @Test
    void collectionDuringASlowPutKeepsItsContent() throws Exception {
        ContentPins pins = new ContentPins();
        Digest digest = Digest.of(new byte[1]);
        pins.pin(digest);
        pins.begin();
        assertThat(pins.doom(List.of(digest))).isEmpty();
        pins.unpin(digest);
        assertThat(pins.doom(List.of(digest))).isEmpty();
        pins.settle();
        pins.end();
        pins.begin();
        assertThat(pins.doom(List.of(digest))).containsExactly(digest);
        Thread waiting = new Thread(() -> pins.pin(digest));
        waiting.start();
        while (waiting.getState() != Thread.State.WAITING) {
            assertThat(waiting.getState()).isNotEqualTo(Thread.State.TERMINATED);
            Thread.onSpinWait();
        }
        pins.settle();
        waiting.join();
        pins.end();
    }

    @Test
    void streamThatIsOpenStaysReadableWhenItsContentIsCollectedAndCompacted() throws IOException {
        byte[] content = TestStores.blob(500_000, 1);
        try (ContentStore store = ContentStore.open(directory())) {
            Digest digest = store.put(content);
            try (InputStream open = store.openStream(digest)) {
                assertThat(open.readNBytes(1000)).hasSize(1000);
                assertThat(store.collect().contentsCollected()).isOne();
                store.compact();
                assertThat(open.readAllBytes()).hasSize(499_000);
            }
            assertThat(store.get(digest)).isNull();
        }
    }
}
