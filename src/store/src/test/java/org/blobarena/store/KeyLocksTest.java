package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.index.KeyHash;
import org.junit.jupiter.api.Test;

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
}
