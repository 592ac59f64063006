package org.blobarena.arena.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedForceTest {

    private static final int FOLLOWERS = 4;

    private final ReentrantLock lock = new ReentrantLock();
    private final SharedForce force = new SharedForce(lock);
    private final AtomicInteger works = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();

    @Test
    void errorOfALeaderWakesAllWhoFollowAndEndsNoLaterForce() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        Thread slow = start(() -> awaitUninterruptibly(first));
        awaitWaiting(slow);
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < FOLLOWERS; i++) { // All of one group, since the first force runs.
            Thread other = start(() -> {
                throw new OutOfMemoryError("thrown by a test");
            });
            awaitWaiting(other);
            others.add(other);
        }
        first.countDown();
        slow.join();
        for (Thread other : others) {
            other.join();
        }
        assertThat(works).hasValue(2);
        assertThat(errors).hasValue(1);
        assertThat(lock.isLocked()).isFalse();
        force.run(works::incrementAndGet);
        assertThat(works).hasValue(3);
    }

    private Thread start(Runnable work) {
        Thread thread = new Thread(() -> {
            try {
                force.run(() -> {
                    works.incrementAndGet();
                    work.run();
                });
            } catch (IOException | OutOfMemoryError e) {
                errors.incrementAndGet();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
