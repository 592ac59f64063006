package org.blobarena.store.internal.evict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EvictionTurnTest {

    private final EvictionTurn turn = new EvictionTurn();

    @Test
    void oneHasItAtATime() {
        assertThat(turn.tryTake()).isTrue();
        assertThat(turn.tryTake()).isFalse();
        turn.end();
        assertThat(turn.takeUnless(() -> true)).isTrue();
        assertThat(turn.tryTake()).isFalse();
    }

    @Test
    void whoWaitsForItGetsItAtTheEnd() throws Exception {
        turn.take();
        CountDownLatch asked = new CountDownLatch(1);
        FutureTask<Boolean> other = start(asked, new AtomicBoolean());
        asked.await();
        turn.end();
        assertThat(other.get()).isTrue();
        assertThat(turn.tryTake()).isFalse();
    }

    @Test
    void whoWaitsForRoomGoesOnWhileAnotherHasIt() throws Exception {
        turn.take();
        CountDownLatch asked = new CountDownLatch(1);
        AtomicBoolean enough = new AtomicBoolean();
        FutureTask<Boolean> other = start(asked, enough);
        asked.await();
        enough.set(true);
        turn.roomMade();
        assertThat(other.get()).isFalse();
        assertThat(turn.tryTake()).isFalse();
    }

    @Test
    void interruptedThreadGoesOnWaitingAndStaysInterrupted() throws Exception {
        turn.take();
        CountDownLatch asked = new CountDownLatch(2); // The second time behind the interrupt.
        FutureTask<Boolean> other = new FutureTask<>(() -> {
            Thread.currentThread().interrupt();
            boolean got = turn.takeUnless(() -> {
                asked.countDown();
                return false;
            });
            return got && Thread.interrupted();
        });
        new Thread(other).start();
        asked.await();
        turn.end();
        assertThat(other.get()).isTrue();
    }

    private FutureTask<Boolean> start(CountDownLatch asked, AtomicBoolean enough) {
        FutureTask<Boolean> task = new FutureTask<>(() -> turn.takeUnless(() -> {
            asked.countDown();
            return enough.get();
        }));
        new Thread(task).start();
        return task;
    }
}
