package org.blobarena.micrometer;

import io.micrometer.core.instrument.Clock;
import java.lang.ref.WeakReference;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.blobarena.store.api.StoreClosedException;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a store or a cache, taken once for all meters that are read together. They keep it neither open nor from being
 * collected. Safe from any thread.
 *
 * @param <O> what has figures
 * @param <S> the figures
 */
final class Figures<O, S> {

    /** So long figures count as those of now: longer than it takes to read all meters, and too short to matter. */
    private static final long FRESH_NANOS = 100_000_000;

    private final WeakReference<O> owner;
    private final Function<O, S> stats;
    private final Clock clock;
    private @Nullable S last;
    private long takenNanos;
    private boolean closed;

    /** @param stats must not keep the owner */
    Figures(O owner, Function<O, S> stats, Clock clock) {
        this.owner = new WeakReference<>(owner);
        this.stats = stats;
        this.clock = clock;
    }

    /** A figure of now; NaN where the owner is closed or gone. */
    synchronized double now(ToDoubleFunction<S> figure) {
        S taken = take(false);
        return closed || taken == null ? Double.NaN : figure.applyAsDouble(taken);
    }

    /** A figure that only grows, as it was last seen. */
    synchronized double last(ToDoubleFunction<S> figure) {
        S taken = take(false);
        return taken == null ? 0 : figure.applyAsDouble(taken);
    }

    /** Whether nothing is measured any more. */
    synchronized boolean isClosed() {
        S unused = take(true);
        return closed;
    }

    private @Nullable S take(boolean anew) {
        O present = owner.get();
        long nanos = clock.monotonicTime();
        if (present == null) {
            closed = true;
        } else if (!closed && (anew || last == null || nanos - takenNanos >= FRESH_NANOS)) {
            try {
                last = stats.apply(present);
                takenNanos = nanos;
            } catch (StoreClosedException e) { // A registry that is read must not fail for that.
                closed = true;
            }
        }
        return last;
    }
}
