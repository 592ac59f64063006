package org.blobarena.cache;

import java.util.concurrent.atomic.AtomicReference;
import org.blobarena.arena.internal.io.FailingDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;

/** What tests of other modules reach of a cache that its users do not. */
public final class CacheAccess {

    private CacheAccess() {}

    /** Has a cache on a device that fails when told to, which is in {@code device} when the cache is open. */
    public static <K> BlobCacheBuilder<K> failing(
            BlobCacheBuilder<K> builder, AtomicReference<FailingDirectory> device) {
        return builder.environment(new StoreEnvironment(
                (path, create) -> {
                    device.set(new FailingDirectory(StoreOpener.openDirectory(path, create)));
                    return device.get();
                },
                HeapLocationIndexFactory.forgetting()));
    }
}
