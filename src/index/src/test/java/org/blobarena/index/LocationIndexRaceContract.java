package org.blobarena.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.blobarena.index.IndexSamples.isLocationOf;
import static org.blobarena.index.IndexSamples.key;
import static org.blobarena.index.IndexSamples.location;
import static org.blobarena.index.IndexSamples.number;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.blobarena.arena.Location;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Growth from a few keys to many under everything that can happen at the same time: what every index promises. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class LocationIndexRaceContract {

    private static final int KEYS = 300_000;
    private static final int WRITERS = 3;
    // Put before the race starts, and never removed.
    private static final int STAYING = 3_000;

    @TempDir
    Path directory;

    private final ConcurrentHashMap<KeyHash, Location> model = new ConcurrentHashMap<>();
    private final AtomicBoolean writersDone = new AtomicBoolean();

    /** A factory that can reopen. */
    protected abstract LocationIndexFactory factory();

    @Test
    void growthUnderReadersRemoversAndCursorsLosesAndInventsNothing() throws Exception {
        LocationIndexFactory factory = factory();
        LocationIndex index = factory.create(directory, 10);
        for (int number = 0; number < STAYING; number++) {
            write(index, number, 0);
        }
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Void>> others = List.of(threads.submit(() -> read(index)), threads.submit(() -> visit(index)));
            List<Future<Void>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int owned = writer;
                writers.add(threads.submit(() -> own(index, owned)));
            }
            await(writers);
            writersDone.set(true);
            await(others);
        } finally {
            writersDone.set(true);
            threads.shutdownNow();
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(index.size()).isEqualTo(model.size());
        String name = index.closeForReopening();
        try (LocationIndex reopened = factory.open(directory, name, model.size())) {
            for (Map.Entry<KeyHash, Location> entry : model.entrySet()) {
                assertThat(reopened.get(entry.getKey())).isEqualTo(entry.getValue());
            }
        }
    }

    @Test
    void readersNeverSeeLessThanWhatWasPutBeforeTheyAsked() throws Exception {
        int watched = 64;
        AtomicIntegerArray acknowledged = new AtomicIntegerArray(watched);
        try (LocationIndex index = factory().create(directory, 10)) {
            for (int number = 0; number < watched; number++) {
                index.put(key(number), location(number, 0));
            }
            ExecutorService threads = Executors.newCachedThreadPool();
            try {
                List<Future<Void>> readers = new ArrayList<>();
                for (int reader = 0; reader < 2; reader++) {
                    int seed = reader;
                    readers.add(threads.submit(() -> watch(index, acknowledged, seed)));
                }
                for (int version = 1; version <= 1_500; version++) {
                    for (int number = 0; number < watched; number++) {
                        index.put(key(number), location(number, version));
                        acknowledged.set(number, version);
                        // So that the index grows all the time.
                        int other = version * watched + number;
                        index.put(key(other), location(other, version));
                    }
                }
                writersDone.set(true);
                await(readers);
            } finally {
                writersDone.set(true);
                threads.shutdownNow();
                assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private Void watch(LocationIndex index, AtomicIntegerArray acknowledged, int seed) {
        Random random = new Random(seed);
        while (!writersDone.get()) {
            int number = random.nextInt(acknowledged.length());
            int least = acknowledged.get(number);
            Location location = index.get(key(number));
            assertThat(location).isNotNull();
            assertThat(isLocationOf(number, location)).isTrue();
            assertThat(location.offset()).isGreaterThanOrEqualTo(least);
        }
        return null;
    }

    @Test
    void interruptedThreadsWorkOnAndStayInterrupted() throws Exception {
        LocationIndexFactory factory = factory();
        int keys = 60_000;
        Thread.currentThread().interrupt();
        LocationIndex index = factory.create(directory, 10);
        assertThat(Thread.interrupted()).isTrue();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Void>> writers = new ArrayList<>();
            for (int writer = 0; writer < 2; writer++) {
                int owned = writer;
                writers.add(threads.submit(() -> writeInterrupted(index, owned, 2, keys)));
            }
            await(writers);
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
        Thread.currentThread().interrupt();
        String name = index.closeForReopening();
        LocationIndex reopened = factory.open(directory, name, keys);
        assertThat(Thread.interrupted()).isTrue();
        for (int number = 0; number < keys; number++) {
            assertThat(reopened.get(key(number))).isEqualTo(location(number, 1));
        }
        reopened.close();
    }

    @Test
    void closeWhileGrowingReturns() throws Exception {
        for (int keys = 9_000; keys < 30_000; keys += 1_500) {
            LocationIndex index = factory().create(directory, 10);
            for (int number = 0; number < keys; number++) {
                index.put(key(number), location(number, 1));
            }
            index.close();
        }
    }

    @Test
    void closeForReopeningWhileGrowingLosesNothing() throws Exception {
        for (int keys = 9_000; keys < 30_000; keys += 1_500) {
            LocationIndexFactory factory = factory();
            LocationIndex index = factory.create(directory, 10);
            for (int number = 0; number < keys; number++) {
                index.put(key(number), location(number, 1));
            }
            try (LocationIndex reopened = factory.open(directory, index.closeForReopening(), keys)) {
                for (int number = 0; number < keys; number++) {
                    assertThat(reopened.get(key(number))).isEqualTo(location(number, 1));
                }
            }
        }
    }

    @Test
    void burstOfThreadsIsTakenWhateverTheOrderInWhichTheyRun() throws Exception {
        int threads = Runtime.version().feature() >= 21 ? 3_000 : 500;
        int keysPerThread = 90_000 / threads;
        LocationIndexFactory factory = factory();
        LocationIndex index = factory.create(directory, 10);
        CountDownLatch start = new CountDownLatch(1);
        ConcurrentHashMap<Throwable, Boolean> failures = new ConcurrentHashMap<>();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int first = i * keysPerThread;
            Thread thread = lightThreads().newThread(() -> {
                try {
                    start.await();
                    for (int number = first; number < first + keysPerThread; number++) {
                        index.put(key(number), location(number, 1));
                    }
                } catch (Throwable e) {
                    failures.put(e, true);
                }
            });
            thread.start();
            all.add(thread);
        }
        start.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(index.size()).isEqualTo(90_000);
        try (LocationIndex reopened = factory.open(directory, index.closeForReopening(), 90_000)) {
            for (int number = 0; number < 90_000; number++) {
                assertThat(reopened.get(key(number))).isEqualTo(location(number, 1));
            }
        }
    }

    /** Threads whose stack ends in the middle of whatever they do: at another place in each, since each has another size. */
    @Test
    void threadsWhoseStackEndsLeaveNothingTakenAndNothingHalfDone() throws Exception {
        LocationIndexFactory factory = factory();
        LocationIndex index = factory.create(directory, 10);
        int keys = 1_000;
        for (int number = 0; number < keys; number++) {
            index.put(key(number), location(number, 1));
        }
        for (int i = 0; i < 600; i++) {
            int kind = i % 3;
            Thread thread = new Thread(
                    null,
                    () -> {
                        try {
                            descend(index, kind, 0);
                        } catch (StackOverflowError e) {
                            // As a server's worker does, which goes on with another task.
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    "stack " + i,
                    200_000 + i * 112);
            thread.start();
            thread.join();
        }
        for (int number = 0; number < keys; number++) {
            // What a removal took, its thread had no stack left to put back.
            if (index.putIfAbsent(key(number), location(number, 1)) != null) {
                assertThat(isLocationOf(number, index.get(key(number)))).isTrue();
            }
        }
        assertThat(index.size()).isEqualTo(keys);
        for (int number = keys; number < 60_000; number++) {
            index.put(key(number), location(number, 1));
        }
        try (LocationIndex reopened = factory.open(directory, index.closeForReopening(), 60_000)) {
            assertThat(reopened.size()).isEqualTo(60_000);
        }
    }

    @SuppressWarnings("InfiniteRecursion") // is what it is for
    private static long descend(LocationIndex index, int kind, int depth) throws IOException {
        int number = depth % 1_000;
        Location present = index.get(key(number));
        if (kind == 1) {
            index.put(key(number), location(number, depth));
        } else if (kind == 2 && present != null && index.removeIfEqual(key(number), present)) {
            index.put(key(number), present);
        }
        return depth + descend(index, kind, depth + 1);
    }

    /** Virtual threads where there are such. */
    private static ThreadFactory lightThreads() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) {
            return task -> new Thread(null, task, "light", 128 * 1024);
        }
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        return (ThreadFactory)
                Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    }

    /** Changes the keys that are its own and checks every answer. */
    private Void own(LocationIndex index, int writer) throws IOException {
        Random random = new Random(writer);
        for (int step = 1; step * WRITERS + writer < KEYS; step++) {
            write(index, step * WRITERS + writer, step);
            int other = random.nextInt(step) * WRITERS + writer;
            KeyHash key = key(other);
            Location present = model.get(key);
            assertThat(index.get(key)).isEqualTo(present);
            assertThat(IndexSamples.found(index, key)).isEqualTo(present);
            Location fresh = location(other, step);
            switch (random.nextInt(8)) {
                case 0 -> write(index, other, step);
                case 1 -> {
                    assertThat(index.putIfAbsent(key, fresh)).isEqualTo(present);
                    model.putIfAbsent(key, fresh);
                }
                case 2 -> {
                    Location expected = present == null ? fresh : present;
                    assertThat(index.replaceIfEqual(key, expected, fresh)).isEqualTo(present != null);
                    model.replace(key, expected, fresh);
                }
                case 3 -> {
                    if (other >= STAYING) {
                        Location expected = present == null ? fresh : present;
                        assertThat(index.removeIfEqual(key, expected)).isEqualTo(present != null);
                        model.remove(key);
                    }
                }
                case 4 ->
                    assertThat(index.removeIfEqual(key, location(other, -1))).isFalse();
                default -> assertThat(index.get(key)).isEqualTo(present);
            }
        }
        return null;
    }

    private void write(LocationIndex index, int number, int version) throws IOException {
        Location fresh = location(number, version);
        assertThat(index.put(key(number), fresh)).isEqualTo(model.put(key(number), fresh));
    }

    private Void read(LocationIndex index) {
        Random random = new Random(99);
        while (!writersDone.get()) {
            int number = random.nextInt(KEYS);
            Location location = index.get(key(number));
            assertThat(location == null || isLocationOf(number, location)).isTrue();
            assertThat(index.get(key(number % STAYING))).isNotNull();
            assertThat(IndexSamples.found(index, key(number % STAYING))).isNotNull();
        }
        return null;
    }

    private Void visit(LocationIndex index) {
        do {
            BitSet seen = new BitSet(KEYS);
            try (LocationIndex.Cursor cursor = index.cursor()) {
                boolean more = true;
                while (more) {
                    more = cursor.next((key, location) -> {
                        int number = Math.toIntExact(number(key));
                        assertThat(seen.get(number)).as("visited before").isFalse();
                        assertThat(isLocationOf(number, location)).isTrue();
                        seen.set(number);
                    });
                }
            }
            assertThat(seen.nextClearBit(0)).isGreaterThanOrEqualTo(STAYING);
        } while (!writersDone.get());
        return null;
    }

    private static Void writeInterrupted(LocationIndex index, int first, int step, int keys) throws IOException {
        for (int number = first; number < keys; number += step) {
            Thread.currentThread().interrupt();
            index.put(key(number), location(number, 1));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThat(index.get(key(number))).isEqualTo(location(number, 1));
            assertThat(Thread.interrupted()).isTrue();
        }
        return null;
    }

    private static void await(List<Future<Void>> futures) throws InterruptedException, ExecutionException {
        for (Future<Void> future : futures) {
            future.get();
        }
    }
}
