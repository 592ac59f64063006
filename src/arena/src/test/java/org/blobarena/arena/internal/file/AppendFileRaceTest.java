package org.blobarena.arena.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.blobarena.arena.ArenaContent.assertReads;
import static org.blobarena.arena.ArenaContent.push;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendFileRaceTest {

    private static final FileOptions OPTIONS =
            new FileOptions(1024, FileOptions.FILE_BYTES_LIMIT, new ChannelCache(10), false);

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stopTheThreads() {
        threads.shutdownNow();
    }

    @Test
    void concurrentForcesShareOneAndEachReturnsAfterItsBytesAreForced() throws Exception {
        int count = 8;
        FailingDirectory device = new FailingDirectory(new NioDirectory(directory));
        AppendFile writer = AppendFiles.create(0, device, "grouped", OPTIONS);
        push(writer, new byte[10]);
        CountDownLatch forcing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicLong durableBytes = new AtomicLong();
        device.setBeforeForce(() -> {
            // What a force makes durable is what the file has when it begins.
            durableBytes.accumulateAndGet(directory.resolve("grouped").toFile().length(), Math::max);
            forcing.countDown();
            await(go);
        });
        Future<?> first = threads.submit(callForce(writer));
        forcing.await();

        CountDownLatch pushed = new CountDownLatch(count);
        List<Future<?>> others = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            others.add(threads.submit(() -> {
                Location location = push(writer, new byte[100]);
                writer.flushTo(location.end());
                pushed.countDown();
                writer.forceTo(location.end());
                assertThat(durableBytes.get()).isGreaterThanOrEqualTo(location.end());
                return null;
            }));
        }
        pushed.await();
        go.countDown();
        first.get();
        awaitAll(others);

        // One for the first, and one for the others, all of whose bytes had been flushed before it began.
        assertThat(device.forces()).isEqualTo(2);
        writer.force();
        assertThat(device.forces()).isEqualTo(2);
        writer.finish().close();
    }

    @Test
    void manyThreadsPushingAndForcingFindTheirBytesForced() throws Exception {
        int count = 4;
        int rounds = 100;
        FailingDirectory device = new FailingDirectory(new NioDirectory(directory));
        AppendFile writer = AppendFiles.create(0, device, "grouped", OPTIONS);
        AtomicLong durableBytes = new AtomicLong();
        device.setBeforeForce(() -> durableBytes.accumulateAndGet(
                directory.resolve("grouped").toFile().length(), Math::max));
        List<Future<?>> pushing = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pushing.add(threads.submit(() -> {
                for (int round = 0; round < rounds; round++) {
                    Location location = push(writer, new byte[50]);
                    writer.forceTo(location.end());
                    assertThat(durableBytes.get()).isGreaterThanOrEqualTo(location.end());
                }
                return null;
            }));
        }
        awaitAll(pushing);

        assertThat(device.forces()).isBetween(rounds, count * rounds);
        writer.finish().close();
    }

    @Test
    void finishAndCloseWaitForAForceInFlight() throws Exception {
        for (boolean finish : new boolean[] {true, false}) {
            FailingDirectory device = new FailingDirectory(new NioDirectory(directory));
            AppendFile writer = AppendFiles.create(0, device, "finish" + finish, OPTIONS);
            push(writer, new byte[10]);
            CountDownLatch forcing = new CountDownLatch(1);
            CountDownLatch ending = new CountDownLatch(1);
            AtomicInteger openDuringForce = new AtomicInteger();
            device.setBeforeForce(() -> {
                forcing.countDown();
                await(ending);
                openDuringForce.set(device.openHandles());
            });
            Future<?> force = threads.submit(callForce(writer));
            forcing.await();
            Thread ender = new Thread(() -> end(writer, finish));
            ender.start();
            // Either it waits for the force, as it should, or it ends, and the file is found closed.
            while (ender.getState() != Thread.State.WAITING && ender.getState() != Thread.State.TERMINATED) {
                Thread.onSpinWait();
            }
            ending.countDown();
            force.get();
            ender.join();

            assertThat(openDuringForce).hasValue(1);
            assertThat(device.openHandles()).isZero();
        }
    }

    @Test
    void pushGoesOnWhileAFlushIsWriting() throws Exception {
        FailingDirectory device = new FailingDirectory(new NioDirectory(directory));
        AppendFile writer = AppendFiles.create(0, device, "a", OPTIONS);
        push(writer, new byte[] {1, 2, 3});
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        device.setBeforeWrite(() -> {
            writing.countDown();
            await(go);
        });
        Future<?> flush = threads.submit(() -> {
            writer.flush();
            return null;
        });
        writing.await();

        Location meanwhile = push(writer, new byte[] {4, 5});

        assertReads(writer.file(), new Location(0, 0, 3), new byte[] {1, 2, 3});
        assertReads(writer.file(), meanwhile, new byte[] {4, 5});
        assertReads(writer.file(), new Location(0, 1, 4), new byte[] {2, 3, 4, 5});
        assertThat(writer.file().flushedBytes()).isZero();
        go.countDown();
        flush.get();
        writer.finish().close();
    }

    private static Callable<Void> callForce(AppendFile writer) {
        return () -> {
            writer.force();
            return null;
        };
    }

    private static void end(AppendFile writer, boolean finish) {
        try {
            if (finish) {
                writer.finish().close();
            } else {
                writer.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitAll(List<Future<?>> running) throws ExecutionException, InterruptedException {
        for (Future<?> one : running) {
            one.get();
        }
    }
}
