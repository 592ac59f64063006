package org.blobarena.spring;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is being loaded by futures, one load for each key. Who writes or removes a key outdates its load first: what was read
 * from its source before is then not stored after. A load stores with its lock held, so that it is either before the one who
 * outdates it, who writes over it, or does not store.
 */
final class AsyncLoads {

    /** The load of a key, whose future is completed with the value of the user. */
    static final class Load {

        private final CompletableFuture<@Nullable Object> future = new CompletableFuture<>();
        private boolean outdated;

        CompletableFuture<@Nullable Object> future() {
            return future;
        }

        /** Stores what was loaded, unless somebody has written the key. */
        synchronized void store(Runnable write) {
            if (!outdated) {
                write.run();
            }
        }

        private synchronized void outdate() {
            outdated = true;
        }
    }

    private final Map<ByteBuffer, Load> running = new ConcurrentHashMap<>();

    /** Returns the load of a key that runs already; null if {@code mine} is the one from now on. */
    @Nullable Load begin(byte[] key, Load mine) {
        return running.putIfAbsent(ByteBuffer.wrap(key), mine);
    }

    void end(byte[] key, Load mine) {
        boolean unused = running.remove(ByteBuffer.wrap(key), mine);
    }

    /** To be called before a key is written or removed. */
    void outdate(byte[] key) {
        if (!running.isEmpty()) {
            Load load = running.remove(ByteBuffer.wrap(key));
            if (load != null) {
                load.outdate();
            }
        }
    }

    /** To be called before all keys are removed. */
    void outdateAll() {
        running.forEach((key, load) -> {
            if (running.remove(key, load)) {
                load.outdate();
            }
        });
    }
}
