package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks of a store that fail. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BackgroundThreadTest {

    private static final long PAUSE_NANOS = 1_000_000;

    @Test
    void taskThatFailsWithAnythingEndsNeitherTheThreadNorItsOwnTurns() throws InterruptedException {
        for (Throwable failure : List.of(
                new IllegalStateException("thrown by a test"),
                new OutOfMemoryError("thrown by a test"),
                new StackOverflowError("thrown by a test"))) {
            BackgroundThread background = new BackgroundThread("test");
            AtomicReference<Thread> thread = new AtomicReference<>();
            CountDownLatch turns = new CountDownLatch(3);
            CountDownLatch other = new CountDownLatch(1);
            Background.Turns unused = background.executeEvery(PAUSE_NANOS, () -> {
                thread.set(Thread.currentThread());
                turns.countDown();
                BackgroundThreadTest.<RuntimeException>fail(failure);
            });
            background.execute(() -> BackgroundThreadTest.<RuntimeException>fail(failure));
            background.execute(other::countDown);
            requireReached(turns, thread);
            requireReached(other, thread);
            background.stop();
        }
    }

    private static void requireReached(CountDownLatch latch, AtomicReference<Thread> thread)
            throws InterruptedException {
        while (!latch.await(1, TimeUnit.MILLISECONDS)) {
            Thread running = thread.get();
            assertThat(running == null || running.isAlive())
                    .as("the thread lives")
                    .isTrue();
        }
    }

    @SuppressWarnings("unchecked") // whatever it is, it is thrown as what it is
    private static <T extends Throwable> void fail(Throwable failure) throws T {
        throw (T) failure;
    }
}
