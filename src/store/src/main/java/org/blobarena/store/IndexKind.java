package org.blobarena.store;

import java.util.concurrent.atomic.AtomicBoolean;
import org.blobarena.index.IndexFactories;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.internal.recovery.IndexChoice;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps the locations of a store's records by key. The store can make each kind again from its files. So the kind may
 * change from opening to opening: the index is then rebuilt, which takes about as long as after a crash, and nothing is lost.
 */
public enum IndexKind {

    /**
     * The kind that the store has, where that can be used; for a new store {@link #CHRONICLE_MAP} where its jars are there and
     * the JVM lets it run, else {@link #TABLE}. That the table is used for want of a Chronicle Map is logged once in the
     * life of a JVM.
     */
    AUTOMATIC(null),

    /**
     * A Chronicle Map. It needs the artifact {@code blobarena-index-chronicle}, {@code sun.misc.Unsafe}, and a JDK up to 25,
     * of which it opens packages.
     */
    CHRONICLE_MAP("chronicle-map"),

    /** A table of this library. It runs on every JVM and changes nothing in it. */
    TABLE("table");

    private static final Logger LOG = LoggerFactory.getLogger(IndexKind.class);
    private static final AtomicBoolean SAID = new AtomicBoolean();

    private final @Nullable String factoryName;

    IndexKind(@Nullable String factoryName) {
        this.factoryName = factoryName;
    }

    /** @throws IllegalStateException if this kind cannot be used here; the message says why not */
    IndexChoice choice() {
        IndexFactories installed = IndexFactories.installed();
        if (factoryName != null) {
            LocationIndexFactory named = installed.named(factoryName);
            return present -> named;
        }
        // Nothing of a kind is touched that the store does not have.
        return present -> installed.owningAll(present).orElseGet(() -> preferred(installed));
    }

    private static LocationIndexFactory preferred(IndexFactories installed) {
        IndexFactories.Choice choice = installed.preferred();
        if (!choice.factory().name().equals(CHRONICLE_MAP.factoryName) && SAID.compareAndSet(false, true)) {
            LOG.info(
                    "the index of stores in this JVM is '{}', since Chronicle Map cannot be used: {}",
                    choice.factory().name(),
                    choice.passedOver().isEmpty() ? "it is not installed" : String.join("; ", choice.passedOver()));
        }
        return choice.factory();
    }
}
