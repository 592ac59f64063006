package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Steps that are taken one after the other, some of which fail. */
class FailuresTest {

    @Test
    void everyStepIsTakenAndTheFirstFailureHasTheOthers() {
        IOException first = new IOException("first");
        IllegalStateException second = new IllegalStateException("second");
        OutOfMemoryError third = new OutOfMemoryError("thrown by a test");
        AtomicInteger taken = new AtomicInteger();
        Throwable met = null;
        for (Throwable failure : List.of(first, second, third, first)) {
            met = Failures.after(met, taken::incrementAndGet);
            met = Failures.after(met, failing(failure));
        }

        assertThat(taken).hasValue(4);
        assertThat(met).isSameAs(first).hasSuppressedException(second);
        assertThat(first.getSuppressed()).containsExactly(second, third);
    }

    @Test
    void failureIsThrownAsWhatItIs() {
        for (Throwable failure :
                List.of(new IOException(), new IllegalStateException(), new OutOfMemoryError("thrown by a test"))) {
            assertThatThrownBy(() -> Failures.rethrow(failure)).isSameAs(failure);
        }
        assertThatCode(() -> Failures.rethrow(null)).doesNotThrowAnyException();
    }

    private static Closeable failing(Throwable failure) {
        return () -> Failures.rethrow(failure);
    }
}
