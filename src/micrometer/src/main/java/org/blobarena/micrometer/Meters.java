package org.blobarena.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of one store or cache in one registry. Safe from any thread.
 *
 * <p>A registry has one meter for a name and tags; whoever asks for it again gets the one that is there. So a store that is
 * opened again would be measured by meters of the closed one, for ever. Here these are replaced, but not those of a store
 * that is open.
 *
 * @param <S> the figures
 */
final class Meters<S> {

    private static final String BYTES = "bytes";
    private static final String SECONDS = "seconds";

    private static final Logger LOG = LoggerFactory.getLogger(Meters.class);

    /** Whose the meters are that were registered here. Guarded by itself; keeps no registry. */
    private static final Map<MeterRegistry, Map<Meter.Id, Figures<?, ?>>> BOUND = new WeakHashMap<>();

    private final MeterRegistry registry;
    private final Figures<?, S> figures;
    private final Tags tags;
    private boolean refused;

    Meters(MeterRegistry registry, Figures<?, S> figures, Tags tags) {
        this.registry = registry;
        this.figures = figures;
        this.tags = tags;
    }

    /** Adds a gauge. */
    void gauge(String name, String description, ToDoubleFunction<S> figure) {
        add(() -> gauge(name, figure).description(description).register(registry));
    }

    /** Adds a gauge of bytes. */
    void bytes(String name, String description, ToDoubleFunction<S> figure) {
        add(() -> gauge(name, figure).description(description).baseUnit(BYTES).register(registry));
    }

    /** Adds a gauge of bytes, which has a tag more. */
    void bytes(String name, Tags more, String description, ToDoubleFunction<S> figure) {
        add(() -> gauge(name, figure)
                .tags(more)
                .description(description)
                .baseUnit(BYTES)
                .register(registry));
    }

    private Gauge.Builder<?> gauge(String name, ToDoubleFunction<S> figure) {
        return Gauge.builder(name, figures, each -> each.now(figure))
                .tags(tags)
                .strongReference(true); // The figures are the meter's own, and keep nothing.
    }

    /** Adds a gauge of a time. */
    void time(String name, String description, ToDoubleFunction<S> nanos) {
        add(() -> TimeGauge.builder(name, figures, TimeUnit.NANOSECONDS, each -> each.now(nanos))
                .tags(tags)
                .description(description)
                .strongReference(true)
                .register(registry));
    }

    /** Adds a counter of things. */
    void counter(String name, Tags more, String description, ToDoubleFunction<S> figure) {
        add(() -> counter(name, figure).tags(more).description(description).register(registry));
    }

    /** Adds a counter of bytes. */
    void byteCounter(String name, String description, ToDoubleFunction<S> figure) {
        add(() -> counter(name, figure).description(description).baseUnit(BYTES).register(registry));
    }

    /** Adds a counter of seconds. */
    void secondCounter(String name, String description, ToDoubleFunction<S> figure) {
        add(() ->
                counter(name, figure).description(description).baseUnit(SECONDS).register(registry));
    }

    private FunctionCounter.Builder<?> counter(String name, ToDoubleFunction<S> figure) {
        return FunctionCounter.builder(name, figures, each -> each.last(figure)).tags(tags);
    }

    private void add(Supplier<Meter> registration) {
        synchronized (BOUND) {
            Map<Meter.Id, Figures<?, ?>> bound = BOUND.computeIfAbsent(registry, key -> new HashMap<>());
            Meter meter = registration.get();
            Figures<?, ?> before = bound.get(meter.getId());
            if (before != null && before != figures && before.isClosed()) {
                registry.remove(meter);
                meter = registration.get();
                before = null;
            }
            if (before == null) {
                bound.put(meter.getId(), figures);
            } else if (before != figures) {
                warn(meter);
            }
        }
    }

    private void warn(Meter meter) {
        if (!refused) {
            refused = true;
            LOG.warn(
                    "{} and the like are those of another one that is open, which has the same name and tags",
                    meter.getId());
        }
    }

    /** Removes the meters, but not those of another store. */
    void remove() {
        synchronized (BOUND) {
            Map<Meter.Id, Figures<?, ?>> bound = BOUND.getOrDefault(registry, new HashMap<>());
            bound.entrySet().removeIf(each -> {
                boolean ours = each.getValue() == figures;
                if (ours) {
                    registry.remove(each.getKey());
                }
                return ours;
            });
        }
    }
}
