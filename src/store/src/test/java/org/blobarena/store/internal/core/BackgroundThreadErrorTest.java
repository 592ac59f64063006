package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
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
        background.executeEvery(1, () -> {
            runs.countDown();
            fail(failure);
        });
        runs.await();
    }

    @Test
    void interruptOfATaskEndsNothing() throws Exception {
        CountDownLatch later = new CountDownLatch(2);
        background.execute(() -> Thread.currentThread().interrupt());
        background.executeEvery(1_000_000, later::countDown);
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
