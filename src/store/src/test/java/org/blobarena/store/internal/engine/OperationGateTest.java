package org.blobarena.store.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.api.StoreClosedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OperationGateTest {

    /** More than there are counts. */
    private static final int THREADS = 40;

    private final OperationGate gate = new OperationGate(() -> new StoreClosedException("closed"), false);
    private final ReentrantLock lock = new ReentrantLock();
    private int entered;
    private int refused;

    @Test
    void closeWaitsForTheOperationsInsideAndRefusesThoseThatCome() throws InterruptedException {
        gate.enter();
        gate.enterToWrite();
        AtomicBoolean closed = new AtomicBoolean();
        Thread closer = new Thread(() -> closed.set(gate.close()));
        closer.start();
        awaitRefusal();
        assertThat(closed).isFalse();

        gate.exit();
        assertThat(closed).isFalse();
        gate.exit();
        closer.join();
        assertThat(closed).isTrue();
    }

    @Test
    void closeWaitsForOperationsOfAllThreads() throws InterruptedException {
        List<CountDownLatch> mayLeave = new ArrayList<>();
        CountDownLatch inside = new CountDownLatch(THREADS);
        AtomicInteger left = new AtomicInteger();
        for (int i = 0; i < THREADS; i++) {
            CountDownLatch turn = new CountDownLatch(1);
            mayLeave.add(turn);
            new Thread(() -> {
                        gate.enter();
                        inside.countDown();
                        awaitUninterrupted(turn);
                        left.incrementAndGet();
                        gate.exit();
                    })
                    .start();
        }
        inside.await();
        AtomicInteger leftAtTheEnd = new AtomicInteger();
        Thread closer = new Thread(() -> {
            gate.close();
            leftAtTheEnd.set(left.get());
        });
        closer.start();
        awaitRefusal();
        mayLeave.forEach(CountDownLatch::countDown);
        closer.join();
        assertThat(leftAtTheEnd).hasValue(THREADS);
    }

    @Test
    void onlyTheFirstCloses() {
        assertThat(gate.close()).isTrue();
        assertThat(gate.close()).isFalse();
        assertThatThrownBy(gate::enterToWrite).isInstanceOf(StoreClosedException.class);
    }

    private void awaitRefusal() {
        while (true) {
            try {
                gate.enter();
                gate.exit();
            } catch (StoreClosedException e) {
                return;
            }
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Whoever is refused for want of stack is not inside, so that the close waits for nobody. */
    @Test
    void closeEndsAfterOperationsAtEveryDepthOfTheStack() throws Exception {
        for (int round = 0; round < 40; round++) {
            runDeep(this::enterAndExit, round);
        }
        assertThat(entered).isPositive();
        assertThat(refused).isPositive();
        assertThat(gate.close()).isTrue();
        assertThatThrownBy(gate::enter).isInstanceOf(StoreClosedException.class);
    }

    @Test
    void lockIsGivenBackByWhoHadRoomToTakeIt() throws Exception {
        for (int round = 0; round < 40; round++) {
            runDeep(this::lockAndEnter, round);
        }
        assertThat(entered).isPositive();
        assertThat(refused).isPositive();
        assertThat(lock.isLocked()).isFalse();
        assertThat(gate.close()).isTrue();
    }

    /** At every depth from the end of the stack on, until it has entered some times: how many depths those are is the JIT's. */
    private void runDeep(Runnable step, int round) throws InterruptedException {
        int enteredMax = entered + 100;
        Thread deep = new Thread(null, () -> descend(step, enteredMax), "deep", 200_000 + round * 16L);
        deep.start();
        deep.join();
    }

    @SuppressWarnings("InfiniteRecursion") // until there is no stack
    private void descend(Runnable step, int enteredMax) {
        try {
            descend(step, enteredMax);
        } catch (StackOverflowError e) {
            step.run(); // At the end of the stack, or where this very call meets it again, at the next depth.
            return;
        }
        if (entered < enteredMax) {
            step.run();
        }
    }

    private void enterAndExit() {
        try {
            gate.enterToWrite();
        } catch (StackOverflowError e) {
            refused++;
            return;
        }
        gate.exit();
        entered++;
    }

    private void lockAndEnter() {
        try {
            OperationGate.requireRoom();
        } catch (StackOverflowError e) {
            refused++;
            return;
        }
        lock.lock();
        try {
            gate.enterToWrite();
            gate.exit();
            entered++;
        } finally {
            lock.unlock();
        }
    }
}
