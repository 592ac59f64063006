package org.blobarena.store;

import java.io.IOException;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.core.cache.EvictionSettings;
import org.blobarena.store.internal.engine.StoreBackdoor;
import org.blobarena.store.internal.engine.StoreEngine;
import org.blobarena.store.internal.recovery.StoreEnvironment;

/** The insides of stores for other packages of this module. */
final class StoreInsides extends StoreBackdoor {

    private StoreInsides() {}

    static void show() {
        open(new StoreInsides());
    }

    @Override
    public StoreEngine engineOf(Object store) {
        return ((BlobStore<?>) store).engine();
    }

    @Override
    public WriteOptions optionsOf(Object store) {
        return ((BlobStore<?>) store).options();
    }

    @Override
    public void evict(Object builder, EvictionSettings settings) {
        ((BlobStoreBuilder<?>) builder).evict(settings);
    }

    @Override
    public void setEnvironment(Object builder, StoreEnvironment environment) {
        BlobStoreBuilder<?> unused = ((BlobStoreBuilder<?>) builder).environment(environment);
    }

    @Override
    public void crash(Object store) throws IOException {
        ((BlobStore<?>) store).crash();
    }
}
