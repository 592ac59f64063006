package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.blobarena.arena.ArenaContent.assertReads;
import static org.blobarena.arena.ArenaContent.bytes;
import static org.blobarena.arena.ArenaContent.read;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileArenaRaceTest {

    private static final int BUFFER = 1024;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stopTheThreads() {
        threads.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readersSeeEveryPushAtOnceWhileSeveralWritersPush(boolean temporary) throws Exception {
        int writerCount = 3;
        int pushes = 2000;
        List<FileArenaWriter> writers = new ArrayList<>();
        Map<Location, Integer> seeds = new ConcurrentHashMap<>();
        Queue<Location> fresh = new ConcurrentLinkedQueue<>();
        AtomicInteger writing = new AtomicInteger(writerCount);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < writerCount; i++) {
            FileArenaWriter writer = temporary
                    ? FileArenaWriter.temporary(i, options())
                    : FileArenaWriter.create(directory.resolve("file" + i), i, options());
            writers.add(writer);
            Random random = new Random(i);
            running.add(threads.submit(() -> {
                for (int push = 0; push < pushes; push++) {
                    int seed = random.nextInt();
                    byte[] content = content(seed);
                    Location next = writer.push(content);
                    seeds.put(next, seed);
                    fresh.add(next);
                }
                writing.decrementAndGet();
                return null;
            }));
        }
        for (int i = 0; i < 3; i++) {
            running.add(threads.submit(() -> {
                List<Location> seen = new ArrayList<>();
                Random random = new Random();
                while (writing.get() > 0 || !fresh.isEmpty()) {
                    Location location = fresh.poll();
                    if (location != null) {
                        seen.add(location);
                    } else if (!seen.isEmpty()) {
                        location = seen.get(random.nextInt(seen.size()));
                    }
                    if (location != null) {
                        ArenaFile file = writers.get((int) location.fileIndex()).file();
                        assertReads(file, location, content(seedOf(location, seeds)));
                    }
                }
                return null;
            }));
        }
        awaitAll(running);

        FileArenaBuilder builder = new FileArenaBuilder();
        for (FileArenaWriter writer : writers) {
            builder.add(writer);
        }
        try (FileArena arena = builder.build()) {
            List<Future<?>> reading = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                reading.add(threads.submit(() -> {
                    ByteBuffer target = ByteBuffer.allocateDirect(8000);
                    for (Map.Entry<Location, Integer> entry : seeds.entrySet()) {
                        arena.get(entry.getKey(), target.clear());
                        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(content(entry.getValue())));
                    }
                    return null;
                }));
            }
            awaitAll(reading);
            assertThat(seeds).hasSize(writerCount * pushes);
        }
    }

    @Test
    void manyPushersOfOneWriterLoseNothingWhileOthersFlush() throws Exception {
        FileArenaWriter writer = FileArenaWriter.create(directory.resolve("one"), 0, options());
        Map<Location, Integer> seeds = new ConcurrentHashMap<>();
        AtomicBoolean done = new AtomicBoolean();
        Future<?> flushing = threads.submit(() -> {
            while (!done.get()) {
                writer.flush();
            }
            return null;
        });
        List<Future<?>> pushing = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            int first = thread * 10_000;
            pushing.add(threads.submit(() -> {
                for (int seed = first; seed < first + 1500; seed++) {
                    byte[] content = content(seed);
                    Location location = writer.push(content);
                    seeds.put(location, seed);
                    assertReads(writer.file(), location, content);
                }
                return null;
            }));
        }
        awaitAll(pushing);
        done.set(true);
        flushing.get();
        try (FileArena arena = writer.intoArena()) {
            long end = 0;
            List<Location> inOrder = new ArrayList<>(seeds.keySet());
            inOrder.sort(null);
            for (Location location : inOrder) {
                assertThat(location.offset()).isEqualTo(end);
                end = location.end();
                assertThat(arena.get(location)).isEqualTo(content(seedOf(location, seeds)));
            }
            assertThat(arena.totalBytes()).isEqualTo(end);
            assertThat(inOrder).hasSize(6000);
        }
    }

    @Test
    void readsInFlightWhenATemporaryFileIsClosedEndRightOrAreRefused() throws Exception {
        byte[] content = bytes(1, 300_000);
        for (int round = 0; round < 50; round++) {
            FileArenaWriter writer = FileArenaWriter.temporary(0, options());
            Location location = writer.push(content);
            CountDownLatch reading = new CountDownLatch(3);
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(threads.submit(() -> {
                    try {
                        while (true) {
                            byte[] bytes = read(writer.file(), location);
                            assertThat(Arrays.equals(bytes, content)).isTrue();
                            reading.countDown();
                        }
                    } catch (IllegalStateException e) {
                        return null; // Closed, and said so.
                    }
                }));
            }
            reading.await();
            if (round % 2 == 0) {
                writer.close();
            } else {
                writer.finish().close();
            }
            awaitAll(readers);
        }
    }

    private ArenaOptions options() {
        return ArenaOptions.builder()
                .bufferBytes(BUFFER)
                .temporaryDirectory(directory)
                .build();
    }

    /** Mostly small, at times more than the buffer. */
    private static byte[] content(int seed) {
        int small = Math.floorMod(seed, 200);
        return bytes(seed, small == 0 ? 3 * BUFFER + 1 : small);
    }

    private static int seedOf(Location location, Map<Location, Integer> seeds) {
        return Objects.requireNonNull(seeds.get(location));
    }

    private static void awaitAll(List<Future<?>> running) throws ExecutionException, InterruptedException {
        for (Future<?> one : running) {
            one.get();
        }
    }
}
