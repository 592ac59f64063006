package org.blobarena.store.internal.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.upkeep.Pace;
import org.junit.jupiter.api.Test;

class PacerTest {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final List<String> told = new ArrayList<>();
    private final Pace pace =
            Pace.unlimited().withBytesPerSecond(1000).withProgress((done, total) -> told.add(done + "/" + total));

    private Pacer pacer() {
        RateLimit rate = new RateLimit(
                pace.bytesPerSecond(),
                () -> closing.get() || Thread.currentThread().isInterrupted(),
                nanos::get,
                nanos::addAndGet);
        return new Pacer(
                pace,
                closing::get,
                () -> {
                    throw new StoreClosedException("closed");
                },
                rate);
    }

    @Test
    void bytesTakeAsLongAsTheyAreWorth() throws IOException {
        Pacer pacer = pacer();
        pacer.begin(5000);
        for (int i = 0; i < 50; i++) {
            pacer.passed(100);
        }
        assertThat(nanos.get()).isBetween(5 * NANOS_PER_SECOND - 2_000_000, 5 * NANOS_PER_SECOND);
        assertThat(told).hasSize(51).startsWith("0/5000", "100/5000").endsWith("5000/5000");
    }

    @Test
    void whatIsReadThroughItCounts() throws IOException {
        Pacer pacer = pacer();
        pacer.begin(3000);
        ByteBuffer target = ByteBuffer.allocate(2000);
        pacer.slow((bytes, offset) -> bytes.position(bytes.limit())).read(target, 0);
        assertThat(nanos.get()).isBetween(2 * NANOS_PER_SECOND - 2_000_000, 2 * NANOS_PER_SECOND);
        pacer.doneBy(3000);
        assertThat(told).containsExactly("0/3000", "2000/3000", "3000/3000");
    }

    @Test
    void interruptEndsIt() throws IOException {
        Pacer pacer = pacer();
        pacer.begin(1000);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(() -> pacer.passed(1));
        assertThat(Thread.interrupted()).isTrue();
        pacer.passed(1);
    }

    @Test
    void interruptDoesNotEndWorkWithoutAPace() throws IOException {
        Pacer pacer = new Pacer(null, closing::get, () -> {});
        Thread.currentThread().interrupt();
        pacer.passed(1);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void closeEndsItAlsoInAPause() throws IOException {
        Pacer pacer = pacer();
        pacer.begin(1_000_000);
        closing.set(true);
        assertThatExceptionOfType(StoreClosedException.class).isThrownBy(() -> pacer.passed(100_000));
        assertThat(nanos.get()).isZero();
    }

    @Test
    void paceOfNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pace.unlimited().withBytesPerSecond(0))
                .withMessageContaining("0 bytes per second");
    }
}
