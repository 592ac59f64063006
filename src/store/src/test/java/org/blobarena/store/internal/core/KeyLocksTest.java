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
    void keyHasOneLockAndKeysOfOtherGroupsHaveOthers() {
        KeyHash key = new KeyHash(7L << 52, 1);
        KeyHash ofItsGroup = new KeyHash((7L << 52) + 1, 2);
        KeyHash ofAnother = new KeyHash(9L << 52, 1);

        assertThat(locks.of(key)).isSameAs(locks.of(key)).isSameAs(locks.of(ofItsGroup));
        assertThat(locks.of(ofAnother)).isNotSameAs(locks.of(key));
    }

    @Test
    void groupsThatCannotAllBeLockedAreAllFree() {
        BitSet groups = new BitSet();
        groups.set(3, 30, true);
        assertThatThrownBy(() -> locks.lock(groups)).isInstanceOf(OutOfMemoryError.class);
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
    void groupsAreLockedInAscendingOrderAndFreedTogether() {
        List<ReentrantLock> taken = new ArrayList<>();
        KeyLocks recording = new KeyLocks(() -> new RecordingLock(taken));
        BitSet groups = new BitSet();
        groups.set(900);
        groups.set(3);
        groups.set(70);

        recording.lock(groups);
        assertThat(taken)
                .containsExactly(recording.of(inGroup(3)), recording.of(inGroup(70)), recording.of(inGroup(900)))
                .allMatch(ReentrantLock::isHeldByCurrentThread);
        assertThat(recording.of(inGroup(4)).isLocked()).isFalse();
        recording.unlock(groups);
        assertThat(taken).noneMatch(ReentrantLock::isLocked);
    }

    @Test
    void numberOfAGroupIsThatOfItsLock() {
        assertThat(KeyLocks.groupOf(inGroup(0))).isZero();
        assertThat(KeyLocks.groupOf(inGroup(4095))).isEqualTo(4095);
    }

    @Test
    void awaitingHoldersReturnsAtOnceWhereNobodyHasEverHeldALock() {
        locks.awaitHolders();
        assertThat(made).isEmpty();
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void awaitingHoldersWaitsForWhoHoldsALockAndHoldsNobodyUp() throws InterruptedException {
        ReentrantLock held = locks.of(inGroup(5));
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
            assertThat(locks.of(inGroup(6)).isLocked()).isFalse();
        } finally {
            held.unlock();
        }
        waiter.join();
        assertThat(returned).isTrue();
        assertThat(made).noneMatch(ReentrantLock::isLocked);
    }

    private static KeyHash inGroup(long group) {
        return new KeyHash(group << 52, 1);
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
