package org.blobarena.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.CacheFolder;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreLockedException;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;

/**
 * The caches of a directory, for Spring. Each is on disk, in a folder of its own, which is named for it; what is in it is there
 * after a restart.
 *
 * <pre>{@code
 * @Bean
 * BlobArenaCacheManager cacheManager() throws IOException {
 *     return BlobArenaCacheManager.builder()
 *             .settings(new BlobArenaCacheSettings().maximumBytes(10L << 30))
 *             .open(Path.of("/var/cache/shop"));
 * }
 * }</pre>
 *
 * <p>Unless {@link BlobArenaCacheManagerBuilder#cacheNames} fixes the names, a cache is made, or opened again, when it is first
 * asked for. A directory is for one manager at a time, in one process. Spring closes a bean of this class with its context; a
 * load that runs then returns what it has loaded. After that, the manager and its caches throw {@link IllegalStateException}.
 *
 * <p>Safe for use by multiple threads.
 */
public final class BlobArenaCacheManager implements CacheManager, AutoCloseable {

    private final Path directory;
    private final BlobArenaCacheManagerBuilder.Choices choices;
    private final ClassLoader loader;
    private final Map<String, BlobArenaCache> caches = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private BlobArenaCacheManager(Path directory, BlobArenaCacheManagerBuilder.Choices choices) {
        this.directory = directory;
        this.choices = choices;
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        this.loader = context == null ? ClassLoader.getSystemClassLoader() : context;
    }

    static BlobArenaCacheManager open(Path directory, BlobArenaCacheManagerBuilder.Choices choices) throws IOException {
        BlobArenaCacheManager manager = new BlobArenaCacheManager(directory, choices);
        try {
            for (String name : choices.names()) {
                BlobArenaCache unused = manager.opened(name);
            }
            return manager;
        } catch (IOException | RuntimeException | Error e) {
            manager.closeAfter(e);
            throw e;
        }
    }

    private void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Returns a builder.
     *
     * @return a builder, for use by one thread
     */
    public static BlobArenaCacheManagerBuilder builder() {
        return new BlobArenaCacheManagerBuilder();
    }

    /**
     * Returns a cache, and opens it if it is not open yet.
     *
     * @param name the name, whatever it holds
     * @return the cache; null if names are fixed and this is none of them
     * @throws IllegalStateException if the manager is closed, or the cache is open already in another one
     * @throws UncheckedIOException if the cache cannot be opened
     */
    @Override
    public @Nullable Cache getCache(String name) {
        requireOpen();
        BlobArenaCache cache = caches.get(Objects.requireNonNull(name, "name"));
        if (cache != null || !choices.dynamic()) {
            return cache;
        }
        try {
            return opened(name);
        } catch (StoreLockedException e) {
            throw new IllegalStateException(
                    "the cache " + name + " in " + directory + " is open already, in another manager or process", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the cache " + name + " in " + directory + " cannot be opened: " + e, e);
        }
    }

    private BlobArenaCache opened(String name) throws IOException {
        synchronized (caches) {
            requireOpen();
            BlobArenaCache cache = caches.get(name);
            if (cache == null) {
                BlobArenaCacheSettings settings = choices.settings(name);
                StoredValues values = settings.stored(name, loader);
                BlobCache<byte[]> blobs =
                        settings.apply(BlobCache.builder(KeyCodec.bytes())).open(CacheFolder.of(directory, name));
                cache = new BlobArenaCache(name, blobs, values, settings);
                caches.put(name, cache);
            }
            return cache;
        }
    }

    /**
     * Returns the names of the caches that are open.
     *
     * @return the names, in their natural order; those in the directory that nobody has asked for yet are not among them
     * @throws IllegalStateException if the manager is closed
     */
    @Override
    public Collection<String> getCacheNames() {
        requireOpen();
        return List.copyOf(new TreeSet<>(caches.keySet()));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the cache manager of " + directory + " is closed");
        }
    }

    /**
     * Closes all caches. Waits for operations in progress, but not for loaders. What is in them stays for the next opening.
     * Closing again has no effect.
     *
     * @throws UncheckedIOException if not everything could be forced to the device; all are closed nevertheless
     */
    @Override
    public void close() {
        List<BlobArenaCache> open;
        synchronized (caches) {
            if (closed) {
                return;
            }
            closed = true;
            open = new ArrayList<>(caches.values());
        }
        IOException failure = null;
        for (BlobArenaCache cache : open) {
            try {
                cache.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw new UncheckedIOException(failure);
        }
    }
}
