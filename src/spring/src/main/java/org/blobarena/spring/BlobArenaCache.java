package org.blobarena.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.CacheLoadException;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.StoreClosedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.support.AbstractValueAdaptingCache;

/**
 * A cache of a {@link BlobArenaCacheManager}, on a {@link BlobCache}, which {@link #getNativeCache} returns.
 *
 * <p><b>By value.</b> What is put is encoded at once, and every read decodes a value anew. The caller whose load it was gets what
 * was loaded, and so do all who asked for the same load by {@code retrieve}.
 *
 * <p><b>What cannot be stored.</b> A value that is longer than the cache takes, or that a full disk refuses, is not stored; the
 * key is absent then, and a warning is logged once. A value or key without an encoding is an {@link
 * IllegalArgumentException}, and nothing is changed. Other failures of the disk are an {@link UncheckedIOException}. A blob
 * that is damaged, or cannot be read back, counts as absent.
 *
 * <p><b>Loads.</b> Of several callers of {@code get} with a loader that miss a key at once, one loads it, and the others wait for
 * its value or failure; so it is with {@code retrieve} and a supplier. Neither of the two waits for the other. What was loaded
 * before the key was put or evicted is not stored after it.
 *
 * <p><b>Closing.</b> With the manager. A load that runs then returns what it has loaded; everything else throws {@link
 * IllegalStateException}.
 *
 * <p>Safe for use by multiple threads.
 */
public final class BlobArenaCache extends AbstractValueAdaptingCache {

    private static final Logger LOG = LoggerFactory.getLogger(BlobArenaCache.class);

    private final String name;
    private final BlobCache<byte[]> blobs;
    private final StoredValues values;
    private final Executor executor;
    private final AsyncLoads loads = new AsyncLoads();
    private final AtomicBoolean hasRefused = new AtomicBoolean();

    /** A write of the cache. */
    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }

    BlobArenaCache(String name, BlobCache<byte[]> blobs, StoredValues values, BlobArenaCacheSettings settings) {
        super(settings.allowsNullValues());
        this.name = name;
        this.blobs = blobs;
        this.values = values;
        this.executor = settings.executor();
    }

    @Override
    public String getName() {
        return name;
    }

    /**
     * Returns the cache of blobs, for its statistics for instance. Its blobs have one byte before the value.
     *
     * @return the cache, which stays this one's: it is not to be closed, and writes to it are not seen by {@code retrieve}
     */
    @Override
    public BlobCache<byte[]> getNativeCache() {
        return blobs;
    }

    // ---- reading

    @Override
    protected @Nullable Object lookup(Object key) {
        return lookup(values.encodeKey(key));
    }

    private @Nullable Object lookup(byte[] key) {
        byte[] blob = blobs.getIfPresent(key);
        return blob == null ? null : values.decode(blob);
    }

    @Override
    @SuppressWarnings("unchecked") // As every cache of Spring: the type is that of what was put.
    public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
        byte[] encoded = values.encodeKey(key);
        while (true) {
            Loading<T> mine = new Loading<>(valueLoader);
            byte[] blob = blob(key, encoded, mine);
            if (blob == null) {
                return mine.value;
            }
            Object stored = values.decode(blob);
            if (stored != null) {
                return (T) fromStoreValue(stored);
            }
            // It cannot be read back, and would keep the key from being loaded.
            boolean unused = blobs.asMap().remove(encoded, blob);
        }
    }

    /** Returns what is present, or what another has loaded; null if {@code mine} has loaded. */
    private <T> byte @Nullable [] blob(Object key, byte[] encoded, Loading<T> mine) {
        try {
            byte[] blob = blobs.get(encoded, unused -> mine.load());
            return mine.loaded ? null : blob;
        } catch (CacheLoadException e) {
            throw new ValueRetrievalException(key, mine.loader, e.getCause());
        } catch (IOException e) { // Interrupted while another loads.
            throw new ValueRetrievalException(key, mine.loader, new IllegalStateException(e.getMessage(), e));
        } catch (StoreClosedException e) {
            if (mine.loaded) {
                return null;
            }
            mine.throwIfFailedWith(key, e);
            throw e;
        } catch (Error e) {
            mine.throwIfFailedWith(key, e);
            throw e;
        }
    }

    /** A load by a caller: what he gets is what his loader has returned. */
    private final class Loading<T> {

        private final Callable<T> loader;
        private @Nullable T value;
        private boolean loaded;
        private @Nullable Throwable failure;

        Loading(Callable<T> loader) {
            this.loader = loader;
        }

        byte[] load() throws Exception {
            try {
                value = loader.call();
                byte[] blob = values.encode(toStoreValue(value));
                loaded = true;
                return blob;
            } catch (Exception | Error e) {
                failure = e;
                throw e;
            }
        }

        /** Of what the cache does not tell from its own failures. */
        void throwIfFailedWith(Object key, Throwable thrown) {
            if (failure == thrown) {
                throw new ValueRetrievalException(key, loader, thrown);
            }
        }
    }

    // ---- reading by futures

    @Override
    public CompletableFuture<?> retrieve(Object key) {
        byte[] encoded = values.encodeKey(key);
        return CompletableFuture.supplyAsync(() -> toValueWrapper(lookup(encoded)), executor);
    }

    @Override
    @SuppressWarnings("unchecked") // As for get.
    public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> valueLoader) {
        byte[] encoded = values.encodeKey(key);
        AsyncLoads.Load mine = new AsyncLoads.Load();
        AsyncLoads.Load other = loads.begin(encoded, mine);
        if (other == null) {
            begin(encoded, mine, valueLoader);
        }
        // A copy, so that no caller completes or cancels it for the others.
        return (CompletableFuture<T>) (other == null ? mine : other).future().copy();
    }

    private <T> void begin(byte[] key, AsyncLoads.Load mine, Supplier<CompletableFuture<T>> loader) {
        try {
            CompletableFuture<?> unused = CompletableFuture.supplyAsync(() -> lookup(key), executor)
                    .thenCompose(stored -> stored == null
                            ? loader.get().thenApplyAsync(value -> stored(key, mine, value), executor)
                            : CompletableFuture.completedFuture(fromStoreValue(stored)))
                    .whenComplete((value, failure) -> end(key, mine, value, failure));
        } catch (RuntimeException | Error e) { // The executor takes nothing.
            end(key, mine, null, e);
        }
    }

    private void end(byte[] key, AsyncLoads.Load mine, @Nullable Object value, @Nullable Throwable failure) {
        loads.end(key, mine);
        if (failure == null) {
            boolean unused = mine.future().complete(value);
        } else {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            boolean unused = mine.future().completeExceptionally(cause == null ? failure : cause);
        }
    }

    /** Stores what was loaded, as a load by {@code get} does: a failure of the disk is not one of the load. */
    private <T> @Nullable Object stored(byte[] key, AsyncLoads.Load mine, @Nullable T value) {
        byte[] blob = values.encode(toStoreValue(value));
        mine.store(() -> {
            try {
                put(key, blob);
            } catch (UncheckedIOException | StoreClosedException e) {
                LOG.warn("what was loaded for the cache {} is not stored: {}", name, e.toString());
            }
        });
        return value;
    }

    // ---- writing

    @Override
    public void put(Object key, @Nullable Object value) {
        byte[] encoded = values.encodeKey(key);
        byte[] blob = values.encode(toStoreValue(value));
        loads.outdate(encoded);
        put(encoded, blob);
    }

    private void put(byte[] key, byte[] blob) {
        unchecked(() -> {
            try {
                blobs.put(key, blob);
            } catch (BlobTooLargeException | DiskFullException e) {
                refused(e);
                removeOutdated(key);
            }
        });
    }

    /** What would have been replaced goes. A device that is full still may not take note of that; the cache has, and tries again. */
    private void removeOutdated(byte[] key) throws IOException {
        try {
            boolean unused = blobs.invalidate(key);
        } catch (DiskFullException e) {
            LOG.debug("a removal from the cache {} is not on the device yet", name, e);
        }
    }

    private void refused(Exception reason) {
        if (hasRefused.compareAndSet(false, true)) {
            LOG.warn("a value of the cache {} is not stored; of others nothing is said: {}", name, reason.toString());
        }
    }

    @Override
    public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
        byte[] encoded = values.encodeKey(key);
        byte[] blob = values.encode(toStoreValue(value));
        while (true) {
            Object present = lookup(encoded); // Removes what is damaged.
            if (present != null) {
                return toValueWrapper(present);
            }
            loads.outdate(encoded);
            if (isPutIfAbsent(encoded, blob)) {
                return null;
            }
        }
    }

    /** Whether the key was absent, or has what cannot be read back. A value that is refused is as one that is evicted at once. */
    private boolean isPutIfAbsent(byte[] key, byte[] blob) {
        try {
            byte[] present = blobs.asMap().putIfAbsent(key, blob);
            return present == null
                    || (values.decode(present) == null && blobs.asMap().replace(key, present, blob));
        } catch (BlobTooLargeException e) {
            refused(e);
            return true;
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof DiskFullException full) {
                refused(full);
                return true;
            }
            throw e;
        }
    }

    @Override
    public void evict(Object key) {
        boolean unused = evictIfPresent(key);
    }

    @Override
    public boolean evictIfPresent(Object key) {
        byte[] encoded = values.encodeKey(key);
        loads.outdate(encoded);
        try {
            return blobs.invalidate(encoded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void clear() {
        loads.outdateAll();
        unchecked(blobs::invalidateAll);
    }

    @Override
    public boolean invalidate() {
        boolean hadAny = blobs.size() > 0;
        clear();
        return hadAny;
    }

    void close() throws IOException {
        blobs.close();
    }

    private static void unchecked(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
