package org.blobarena.arena.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SpinningLockTest {

    private static final int THREADS = 4;
    private static final int ROUNDS = 20_000;

    private final SpinningLock lock = new SpinningLock();
    private int count;

    @Test
    void changesUnderTheLockFollowEachOther() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(this::change);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(count).isEqualTo(THREADS * ROUNDS);
    }

    private void change() {
        for (int i = 0; i < ROUNDS; i++) {
            lock.lock();
            try {
                count++;
            } finally {
                lock.unlock();
            }
        }
    }

    @Test
    void threadThatHasLookedForLongSleepsUntilTheLockIsFree() throws InterruptedException {
        AtomicBoolean entered = new AtomicBoolean();
        Thread waiting = new Thread(() -> {
            lock.lock();
            try {
                entered.set(true);
            } finally {
                lock.unlock();
            }
        });
        lock.lock();
        try {
            waiting.start();
            while (!lock.hasQueuedThread(waiting) && waiting.isAlive()) {
                LockSupport.parkNanos(100_000);
            }
            assertThat(entered).isFalse();
        } finally {
            lock.unlock();
        }
        waiting.join();

        assertThat(entered).isTrue();
    }
}
