package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BackgroundThreadErrorTest {

    private final BackgroundThread background = new BackgroundThread("test");

    @AfterEach
    void stop() {
        background.stop();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void taskIsRunAfterOneThatThrows(Throwable failure) throws Exception {
        CountDownLatch later = new CountDownLatch(1);
        background.execute(() -> fail(failure));
        background.execute(later::countDown);
        later.await();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void repeatedTaskComesAgainAfterItHasThrown(Throwable failure) throws Exception {
        CountDownLatch runs = new CountDownLatch(3);
        Background.Turns unused = background.executeEvery(1, () -> {
            runs.countDown();
            fail(failure);
        });
        runs.await();
    }

    @Test
    void interruptOfATaskEndsNothing() throws Exception {
        CountDownLatch later = new CountDownLatch(2);
        background.execute(() -> Thread.currentThread().interrupt());
        Background.Turns unused = background.executeEvery(1_000_000, later::countDown);
        later.await();
    }

    @Test
    void stopWaitsForTheTaskThatRunsAndDropsTheOthers() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        background.execute(() -> {
            running.countDown();
            ended.incrementAndGet();
        });
        running.await();
        background.stop();
        assertThat(ended).hasValue(1);
    }

    // ---- threads and turns

    private static Thread threadOf(BackgroundThread used) throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch ran = new CountDownLatch(1);
        used.execute(() -> {
            thread.set(Thread.currentThread());
            ran.countDown();
        });
        ran.await();
        return thread.get();
    }

    @Test
    void threadWithoutATaskEndsAndTheNextTaskGetsAnother() throws Exception {
        BackgroundThread quick = new BackgroundThread("test", 1);
        Thread first = threadOf(quick);
        first.join();
        Thread second = threadOf(quick);
        assertThat(second).isNotSameAs(first);
        quick.stop();
        assertThat(second.isAlive()).isFalse();
    }

    @Test
    void tasksOfManyThreadsRunOneAtATimeHoweverOftenTheThreadEnds() throws Exception {
        BackgroundThread quick = new BackgroundThread("test", 0);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger together = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(2000);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> {
                for (int task = 0; task < 1000; task++) {
                    quick.execute(() -> {
                        together.accumulateAndGet(running.incrementAndGet(), Math::max);
                        running.decrementAndGet();
                        all.countDown();
                    });
                }
            });
            threads.add(thread);
            thread.start();
        }
        all.await();
        for (Thread thread : threads) {
            thread.join();
        }
        quick.stop();
        assertThat(together).hasValue(1);
    }

    @Test
    void taskThatRestsHasNoTurnUntilItIsResumed() throws Exception {
        AtomicReference<Background.Turns> turns = new AtomicReference<>();
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch rested = new CountDownLatch(1);
        CountDownLatch resumed = new CountDownLatch(2);
        turns.set(background.executeEvery(1_000_000, () -> {
            Background.Turns own = turns.get();
            resumed.countDown();
            if (own != null && runs.incrementAndGet() == 1) {
                own.rest(Long.MAX_VALUE);
                rested.countDown();
            }
        }));
        rested.await();
        CountDownLatch others = new CountDownLatch(20);
        Background.Turns unused = background.executeEvery(1_000_000, others::countDown);
        others.await();
        assertThat(runs).hasValue(1);

        turns.get().resume();
        resumed.await();
        while (runs.get() == 1) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whatIsFoundAfterTheRestWasAskedForEndsIt() throws Exception {
        AtomicReference<Background.Turns> turns = new AtomicReference<>();
        CountDownLatch runs = new CountDownLatch(5);
        turns.set(background.executeEvery(1_000_000, () -> {
            runs.countDown();
            Background.Turns own = turns.get();
            if (own != null) {
                own.rest(Long.MAX_VALUE);
                own.resume();
            }
        }));
        runs.await();
    }

    @Test
    void slowTaskOfOneStoreKeepsNoOtherFromItsTurns() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        BackgroundThread slow = new BackgroundThread("slow");
        Background.Turns unused = slow.executeEvery(1, () -> {
            begun.countDown();
            awaitUninterruptibly(released);
        });
        begun.await();
        CountDownLatch turns = new CountDownLatch(5);
        unused = background.executeEvery(1_000_000, turns::countDown);
        turns.await();
        released.countDown();
        slow.stop();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Throwable> failures() {
        return List.of(new IllegalStateException("a"), new OutOfMemoryError("b"), new StackOverflowError("c"));
    }

    private static void fail(Throwable failure) {
        if (failure instanceof Error e) {
            throw e;
        }
        throw (RuntimeException) failure;
    }
}
