package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.index.KeyHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KeyLocksTest {

    private final List<ReentrantLock> made = new ArrayList<>();
    private final KeyLocks locks = new KeyLocks(this::make);
    private int locksThatCanBeMade = 5;

    private ReentrantLock make() {
        if (made.size() == locksThatCanBeMade) {
            throw new OutOfMemoryError("thrown by a test");
        }
        ReentrantLock lock = new ReentrantLock();
        made.add(lock);
        return lock;
    }

    @Test
    void keyHasOneLockAndKeysOfOtherStripesHaveOthers() {
        KeyHash key = new KeyHash(7L << 52, 1);
        KeyHash ofItsStripe = new KeyHash((7L << 52) + 1, 2);
        KeyHash ofAnother = new KeyHash(9L << 52, 1);

        assertThat(locks.of(key)).isSameAs(locks.of(key)).isSameAs(locks.of(ofItsStripe));
        assertThat(locks.of(ofAnother)).isNotSameAs(locks.of(key));
    }

    @Test
    void stripesThatCannotAllBeLockedAreAllFree() {
        BitSet stripes = new BitSet();
        stripes.set(3, 30, true);
        assertThatThrownBy(() -> locks.lock(stripes)).isInstanceOf(OutOfMemoryError.class);
        assertThat(made).hasSize(5).noneMatch(ReentrantLock::isLocked);
    }

    @Test
    void allAreFreeWhenNotAllCanBeLocked() {
        assertThatThrownBy(locks::lockAll).isInstanceOf(OutOfMemoryError.class);
        assertThat(made).hasSize(5).noneMatch(ReentrantLock::isLocked);
    }

    @Test
    void allAreLockedAndFreedOnceThereIsMemoryAgain() {
        assertThatThrownBy(locks::lockAll).isInstanceOf(OutOfMemoryError.class);
        locksThatCanBeMade = Integer.MAX_VALUE;
        locks.lockAll();
        assertThat(made).hasSizeGreaterThan(5).allMatch(ReentrantLock::isHeldByCurrentThread);
        locks.unlockAll();
        assertThat(made).noneMatch(ReentrantLock::isLocked);
    }

    @Test
    void stripesAreLockedInAscendingOrderAndFreedTogether() {
        List<ReentrantLock> taken = new ArrayList<>();
        KeyLocks recording = new KeyLocks(() -> new RecordingLock(taken));
        BitSet stripes = new BitSet();
        stripes.set(900);
        stripes.set(3);
        stripes.set(70);

        recording.lock(stripes);
        assertThat(taken)
                .containsExactly(recording.of(inStripe(3)), recording.of(inStripe(70)), recording.of(inStripe(900)))
                .allMatch(ReentrantLock::isHeldByCurrentThread);
        assertThat(recording.of(inStripe(4)).isLocked()).isFalse();
        recording.unlock(stripes);
        assertThat(taken).noneMatch(ReentrantLock::isLocked);
    }

    @Test
    void numberOfAStripeIsThatOfItsLock() {
        assertThat(KeyLocks.stripeOf(inStripe(0))).isZero();
        assertThat(KeyLocks.stripeOf(inStripe(4095))).isEqualTo(4095);
    }

    @Test
    void awaitingHoldersReturnsAtOnceWhereNobodyHasEverHeldALock() {
        locks.awaitHolders();
        assertThat(made).isEmpty();
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void awaitingHoldersWaitsForWhoHoldsALockAndHoldsNobodyUp() throws InterruptedException {
        ReentrantLock held = locks.of(inStripe(5));
        AtomicBoolean returned = new AtomicBoolean();
        Thread waiter = new Thread(() -> {
            locks.awaitHolders();
            returned.set(true);
        });
        held.lock();
        try {
            waiter.start();
            while (!held.hasQueuedThread(waiter)) {
                Thread.onSpinWait();
            }
            assertThat(returned).isFalse();
            assertThat(locks.of(inStripe(6)).isLocked()).isFalse();
        } finally {
            held.unlock();
        }
        waiter.join();
        assertThat(returned).isTrue();
        assertThat(made).noneMatch(ReentrantLock::isLocked);
    }

    private static KeyHash inStripe(long stripe) {
        return new KeyHash(stripe << 52, 1);
    }

    /** Tells when it is taken. */
    private static final class RecordingLock extends ReentrantLock {

        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // never serialized
        private final List<ReentrantLock> taken;

        RecordingLock(List<ReentrantLock> taken) {
            this.taken = taken;
        }

        @Override
        public void lock() {
            super.lock();
            taken.add(this);
        }
    }
}
