package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OperationGateTest {

    private final OperationGate gate = new OperationGate(() -> new StoreClosedException("closed"));
    private final ReentrantLock lock = new ReentrantLock();
    private int entered;
    private int refused;

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

    private static void runDeep(Runnable step, int round) throws InterruptedException {
        int[] left = {400};
        Thread deep = new Thread(null, () -> descend(step, left), "deep", 200_000 + round * 16L);
        deep.start();
        deep.join();
    }

    @SuppressWarnings("InfiniteRecursion") // until there is no stack
    private static void descend(Runnable step, int[] left) {
        try {
            descend(step, left);
        } catch (StackOverflowError e) {
            left[0]--;
        }
        if (left[0] > 0) {
            left[0]--;
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
