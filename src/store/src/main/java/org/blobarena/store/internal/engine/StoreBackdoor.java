package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.util.Objects;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * What other packages of this module reach of a store that its users do not.
 *
 * <p>The classes of the store stand above this package, so they bring the way to their fields themselves, when they are
 * initialised; the JDK does the same with its {@code SharedSecrets}.
 */
public abstract class StoreBackdoor {

    private static volatile @Nullable StoreBackdoor opened;

    /** For the class of stores alone. */
    protected static void open(StoreBackdoor backdoor) {
        opened = backdoor;
    }

    /** For who has a store, or a builder that a store's class has made. */
    public static StoreBackdoor opened() {
        return Objects.requireNonNull(opened, "the class of stores is not initialised");
    }

    /**
     * The engine of a store.
     *
     * @param store an {@code org.blobarena.store.BlobStore}
     */
    public abstract StoreEngine engineOf(Object store);

    /**
     * How a store writes.
     *
     * @param store an {@code org.blobarena.store.BlobStore}
     */
    public abstract WriteOptions optionsOf(Object store);

    /**
     * Makes a builder build a cache.
     *
     * @param builder an {@code org.blobarena.store.BlobStoreBuilder}
     */
    public abstract void evict(Object builder, EvictionSettings settings);

    /**
     * Replaces the file system and the index of a store that is to be built. For tests.
     *
     * @param builder an {@code org.blobarena.store.BlobStoreBuilder}
     */
    public abstract void setEnvironment(Object builder, StoreEnvironment environment);

    /**
     * Ends a store as the death of its process would. For tests.
     *
     * @param store an {@code org.blobarena.store.BlobStore}
     */
    public abstract void crash(Object store) throws IOException;
}
