package org.blobarena.store.internal.core.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AlarmClockTest {

    private static final long FAR_NANOS = Long.MAX_VALUE / 2;
    private static final int MANY = 2000;

    private final AlarmClock clock = new AlarmClock("test");

    /** One whose time a test says. */
    private final AtomicLong time = new AtomicLong();

    private final AlarmClock stoppedClock = new AlarmClock("test", time::get);

    @Test
    void alarmsRingInTheOrderOfTheirTimesAndOnlyThoseThatAreSet() throws InterruptedException {
        SplittableRandom random = new SplittableRandom(3);
        List<Integer> rung = Collections.synchronizedList(new ArrayList<>());
        List<Integer> expected = new ArrayList<>();
        CountDownLatch last = new CountDownLatch(1);
        List<Alarm> alarms = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            int number = i;
            alarms.add(stoppedClock.make(() -> rung.add(number)));
            order.add(i);
        }
        order.forEach(number -> alarms.get(number).set(1 + random.nextLong(FAR_NANOS)));
        Collections.shuffle(order, new Random(5));
        for (int number : order) {
            Alarm alarm = alarms.get(number);
            switch (random.nextInt(4)) {
                case 0 -> alarm.set(Long.MAX_VALUE);
                case 1 -> {
                    alarm.remove();
                    alarm.set(0);
                }
                default -> {
                    alarm.set(1 + number);
                    expected.add(number);
                }
            }
        }
        stoppedClock.make(last::countDown).set(1 + MANY);
        time.set(1 + MANY);
        last.await();
        Collections.sort(expected);
        assertThat(rung).containsExactlyElementsOf(expected);
        assertThat(stoppedClock.rings()).isEqualTo(expected.size() + 1);
    }

    @Test
    void alarmThatIsSetAgainRingsOnceAtTheTimeOfTheLastCall() throws InterruptedException {
        List<String> rung = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch last = new CountDownLatch(1);
        Alarm sooner = stoppedClock.make(() -> rung.add("sooner"));
        Alarm later = stoppedClock.make(() -> rung.add("later"));
        later.set(1);
        sooner.set(FAR_NANOS);
        later.set(3);
        sooner.set(2);
        stoppedClock.make(last::countDown).set(4);
        time.set(4);
        last.await();
        assertThat(rung).containsExactly("sooner", "later");
    }

    @Test
    void alarmThatFailsRingsAgainAndKeepsNoOther() throws InterruptedException {
        CountDownLatch failures = new CountDownLatch(3);
        CountDownLatch others = new CountDownLatch(1);
        clock.make(() -> {
                    failures.countDown();
                    throw new OutOfMemoryError("thrown by a test");
                })
                .set(0);
        clock.make(others::countDown).set(1);
        others.await();
        failures.await();
    }

    @Test
    void interruptEndsNothing() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        clock.make(() -> {
                    thread.set(Thread.currentThread());
                    first.countDown();
                })
                .set(0);
        first.await();
        thread.get().interrupt();
        clock.make(second::countDown).set(0);
        second.await();
    }

    @Test
    void threadEndsWithTheLastAlarmAndAnotherComesWithTheNext() throws InterruptedException {
        for (int round = 0; round < 3; round++) {
            AtomicReference<Thread> thread = new AtomicReference<>();
            CountDownLatch rung = new CountDownLatch(1);
            Alarm unset = clock.make(() -> {});
            Alarm alarm = clock.make(() -> {
                thread.set(Thread.currentThread());
                rung.countDown();
            });
            alarm.set(0);
            rung.await();
            alarm.remove();
            alarm.remove();
            assertThat(clock.isRunning()).as("an alarm is left").isTrue();
            unset.remove();
            thread.get().join();
            assertThat(clock.isRunning()).isFalse();
        }
    }

    @Test
    void threadInheritsNothingOfTheOneThatMadeTheFirstAlarm() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch rung = new CountDownLatch(1);
        ThreadGroup group = new ThreadGroup("of a test");
        Thread maker = new Thread(
                group,
                () -> clock.make(() -> {
                            thread.set(Thread.currentThread());
                            rung.countDown();
                        })
                        .set(0));
        maker.setContextClassLoader(new ClassLoader() {});
        maker.start();
        maker.join();
        rung.await();
        assertThat(thread.get().isDaemon()).isTrue();
        assertThat(thread.get().getContextClassLoader()).isSameAs(AlarmClock.class.getClassLoader());
        assertThat(thread.get().getThreadGroup()).isNotSameAs(group);
    }
}
