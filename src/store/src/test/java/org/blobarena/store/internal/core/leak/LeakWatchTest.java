package org.blobarena.store.internal.core.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.blobarena.store.testing.CapturedLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeakWatchTest {

    private final LeakWatch watch = new LeakWatch("leaks of a test");
    private final CapturedLog log = new CapturedLog();
    private final AtomicInteger closed = new AtomicInteger();

    @AfterEach
    void release() {
        log.close();
    }

    @Test
    void threadIsThereWhileSomethingIsWatched() throws Exception {
        assertThat(watch.isRunning()).isFalse();
        Object owner = new Object();
        Watched first = watch.watch(owner, () -> "first", closed::incrementAndGet, false);
        Watched second = watch.watch(owner, () -> "second", closed::incrementAndGet, false);
        assertThat(watch.isRunning()).isTrue();
        assertThat(first.end()).isTrue();
        assertThat(first.end()).isFalse();
        assertThat(watch.isRunning()).isTrue();
        assertThat(second.end()).isTrue();
        log.collectUntil(() -> !watch.isRunning());
        Watched third = watch.watch(owner, () -> "third", closed::incrementAndGet, false);
        assertThat(watch.isRunning()).isTrue();
        assertThat(third.end()).isTrue();
        assertThat(closed).hasValue(0);
    }

    @Test
    void failureToCloseOneKeepsNoOtherFromIt() throws Exception {
        Watched failing = watch.watch(
                new Object(),
                () -> "the first",
                () -> {
                    throw new IOException("planned");
                },
                false);
        Watched broken = watch.watch(
                new Object(),
                () -> "the second",
                () -> {
                    throw new StackOverflowError("planned too");
                },
                false);
        Watched other = watch.watch(new Object(), () -> "the third", closed::incrementAndGet, false);
        log.collectUntil(() -> closed.get() == 1 && !watch.isRunning());
        assertThat(log.text()).contains("the first was never closed", "planned too", "IOException: planned");
        assertThat(failing.end() || broken.end() || other.end()).isFalse();
    }

    @Test
    void whatNeedNotBeClosedIsReleasedWithoutAWord() throws Exception {
        Watched quiet = watch.watchQuietly(new Object(), closed::incrementAndGet);
        log.collectUntil(() -> closed.get() == 1);
        assertThat(quiet.end()).isFalse();
        assertThat(log.text()).isEmpty();
    }

    @Test
    void ownerThatIsThereIsNotClosed() throws Exception {
        Object owner = new Object();
        Watched kept = watch.watch(owner, () -> "kept", () -> closed.addAndGet(100), false);
        Watched dropped = watch.watch(new Object(), () -> "dropped", closed::incrementAndGet, false);
        log.collectUntil(() -> closed.get() > 0);
        assertThat(closed).hasValue(1);
        assertThat(dropped.end()).isFalse();
        assertThat(kept.end()).isTrue();
        assertThat(owner).isNotNull();
    }

    @Test
    void interruptEndsNothing() throws Exception {
        Watched dropped = watch.watch(new Object(), () -> "dropped", closed::incrementAndGet, false);
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("leaks of a test"))
                .forEach(Thread::interrupt);
        log.collectUntil(() -> closed.get() == 1);
        assertThat(dropped.end()).isFalse();
    }
}
