package org.blobarena.arena.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PoolTest {

    private static final int SIZE = 4;

    private final AtomicInteger made = new AtomicInteger();
    private final Pool<Object> pool = Pool.bounded(SIZE, () -> {
        made.incrementAndGet();
        return new Object();
    });

    @Test
    void objectsAreDistinctAndNoMoreThanTheBoundWithoutWaiting() {
        Set<Object> taken = new HashSet<>();
        for (int i = 0; i < SIZE; i++) {
            taken.add(pool.take());
        }
        assertThat(taken).hasSize(SIZE);
        assertThat(pool.tryTake()).isNull();

        Object back = taken.iterator().next();
        pool.give(back);
        assertThat(pool.tryTake()).isSameAs(back);
        assertThat(made).hasValue(SIZE);
    }

    @Test
    void threadsThatAreManyMoreThanObjectsShareThem() throws Exception {
        int threads = 50;
        Set<Object> inUse = ConcurrentHashMap.newKeySet();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                tasks.add(() -> {
                    for (int round = 0; round < 500; round++) {
                        Object object = pool.take();
                        assertThat(inUse.add(object)).isTrue();
                        Thread.onSpinWait();
                        inUse.remove(object);
                        pool.give(object);
                    }
                    return null;
                });
            }
            for (Future<Void> future : executor.invokeAll(tasks)) {
                future.get();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(inUse).isEmpty();
        for (int i = 0; i < SIZE; i++) {
            assertThat(pool.tryTake()).isNotNull();
        }
    }

    @Test
    void waitEndsWhenAnObjectComesBackAndKeepsTheInterrupt() throws Exception {
        List<Object> taken = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            taken.add(pool.take());
        }
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            CountDownLatch begun = new CountDownLatch(1);
            Future<Boolean> waiter = executor.submit(() -> {
                Thread.currentThread().interrupt();
                begun.countDown();
                pool.give(pool.take());
                return Thread.interrupted();
            });
            begun.await();
            pool.give(taken.remove(0));
            assertThat(waiter.get()).isTrue();
        } finally {
            executor.shutdownNow();
        }
    }

    /** As when all are held by reads of a device that does not answer, or were lost. */
    @Test
    void objectsThatNeverComeBackAreReplacedOneByOneAndDroppedWhenTheyDo() {
        List<Object> lost = new ArrayList<>();
        for (int i = 0; i < SIZE + 2; i++) {
            lost.add(pool.take());
        }
        assertThat(made).hasValue(SIZE + 2);
        assertThat(pool.tryTake()).isNull();

        lost.forEach(pool::give);
        Set<Object> again = new HashSet<>();
        for (Object object = pool.tryTake(); object != null; object = pool.tryTake()) {
            again.add(object);
        }
        assertThat(again).hasSize(SIZE);
        assertThat(made).hasValue(SIZE + 2);
    }

    @Test
    void makerThatFailsTakesNoObjectAway() {
        AtomicInteger failures = new AtomicInteger(2 * SIZE);
        Pool<Object> failing = Pool.bounded(SIZE, () -> {
            if (failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("direct memory");
            }
            return new Object();
        });
        for (int i = 0; i < 2 * SIZE; i++) {
            assertThatThrownBy(failing::take).isInstanceOf(OutOfMemoryError.class);
        }
        for (int i = 0; i < SIZE; i++) {
            assertThat(failing.tryTake()).isNotNull();
        }
        assertThat(failing.tryTake()).isNull();
    }

    @Test
    void unboundedPoolMakesWhatItDoesNotHaveAndGivesTheLastAgain() {
        Pool<Object> unbounded = Pool.unbounded(Object::new);
        Set<Object> taken = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            taken.add(unbounded.take());
        }
        assertThat(taken).hasSize(100);
        taken.forEach(unbounded::give);
        Object again = unbounded.take();
        assertThat(taken).contains(again);
        unbounded.give(again);
        assertThat(unbounded.take()).isSameAs(again);
    }
}
